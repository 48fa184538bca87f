"""The same configuration selects the same identifiers as in the real cibuildwheel.

``CROSSWHEEL_EXAMPLES=2000`` compares that many generated configurations instead of 200.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from beside import our_identifiers, their_identifiers
from cibuildwheel.platforms import linux
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosswheel import config
from crosswheel.plan.identifiers import FOREIGN, TARGETS

EXAMPLES = int(os.environ.get("CROSSWHEEL_EXAMPLES", "200"))

PYTHONS = (
    "cp39",
    "cp310",
    "cp311",
    "cp313",
    "cp314t",
    "cp3",
    "cp3?",
    "cp31[0-2]",
    "cp3{9,10,14}",
    "pp*",
    "pp310",
    "gp*",
    "*",
    "cp38",
    "cp3{1[0-4],9}",
    "cp31{0..3}",
    "[!c]p*",
    "cp*t",
)
PLATFORMS = (
    "*",
    "manylinux_*",
    "musllinux_*",
    "manylinux_aarch64",
    "*_x86_64",
    "*{aarch64,i686}",
    "*x86*",
    "win32",
    "macosx_*",
    "many*",
)
GROUPS = ("pypy", "pypy-eol", "graalpy", "cpython-prerelease", "all", "pyodide-prerelease")
ARCHS = (
    "x86_64",
    "i686",
    "aarch64",
    "ppc64le",
    "s390x",
    "armv7l",
    "riscv64",
    "auto",
    "auto64",
    "auto32",
    "native",
    "all",
    "AARCH64",
)
REQUIRES = (
    ">=3.10",
    ">=3.9,<3.13",
    "==3.11.*",
    "!=3.12.*",
    ">3.11",
    "~=3.10",
    "<3.12",
    "",
    ">=3.15.0b1",
    ">=3.11.4",
)

a_pattern = st.one_of(
    st.sampled_from(sorted(target.identifier for target in TARGETS if target.arch.in_cibuildwheel)),
    st.builds("{}-{}".format, st.sampled_from(PYTHONS), st.sampled_from(PLATFORMS)),
)


def some(strategy: st.SearchStrategy[str], least: int = 0, most: int = 4) -> st.SearchStrategy[list[str]]:
    return st.lists(strategy, min_size=least, max_size=most)


def string_or_list(values: st.SearchStrategy[list[str]]) -> st.SearchStrategy[object]:
    return values.flatmap(lambda chosen: st.sampled_from((chosen, " ".join(chosen))))


options = {
    "build": string_or_list(some(a_pattern)),
    "skip": string_or_list(some(a_pattern)),
    "enable": string_or_list(some(st.sampled_from(GROUPS), most=3)),
    "archs": string_or_list(some(st.sampled_from(ARCHS), least=1)),
}
inherits = st.dictionaries(
    st.sampled_from(sorted(options)), st.sampled_from(("none", "append", "prepend")), max_size=2
)
tables = st.fixed_dictionaries({}, optional={**options, "inherit": inherits})
variables = st.fixed_dictionaries(
    {},
    optional={
        "CIBW_BUILD": some(a_pattern).map(" ".join),
        "CIBW_SKIP": some(a_pattern).map(" ".join),
        "CIBW_ENABLE": some(st.sampled_from(GROUPS), most=2).map(" ".join),
        "CIBW_ARCHS": some(st.sampled_from(ARCHS), most=3).flatmap(
            lambda names: st.sampled_from((" ".join(names), ",".join(names)))
        ),
        "CIBW_ARCHS_LINUX": some(st.sampled_from(ARCHS), most=3).map(" ".join),
        "CIBW_PROJECT_REQUIRES_PYTHON": st.sampled_from(REQUIRES),
        "CIBW_INHERIT": st.sampled_from(
            ("build", "skip: prepend", "build; skip: append", "enable: none", "archs-linux")
        ),
    },
)
# They must not change what is selected, whatever they set.
overrides = st.lists(
    st.fixed_dictionaries(
        {"select": string_or_list(some(a_pattern, least=1))},
        optional={
            "test-command": st.sampled_from(("pytest", ["a", "b"])),
            "environment": st.dictionaries(st.sampled_from("AB"), st.sampled_from("12")),
            "manylinux-aarch64-image": st.just("manylinux_2_28"),
            "inherit": st.just({"test-command": "append"}),
        },
    ),
    max_size=2,
)
flags = st.builds(
    config.Flags,
    platform=st.sampled_from((None, "linux")),
    archs=st.none() | some(st.sampled_from(ARCHS), least=1).map(",".join),
    enable=some(st.sampled_from(GROUPS), most=2).map(tuple),
)
OF_BOTH = [target for target in TARGETS if target.arch.in_cibuildwheel]
only = st.builds(lambda target: config.Flags(only=target.identifier), st.sampled_from(OF_BOTH))


def toml(
    table: Mapping[str, object],
    linux_table: Mapping[str, object],
    requires: str | None,
    overriding: Sequence[Mapping[str, object]] = (),
) -> str:
    """A pyproject.toml."""

    def lines(values: Mapping[str, object]) -> list[str]:
        return [f"{key} = {value(held)}" for key, held in values.items()]

    def value(held: object) -> str:
        if isinstance(held, dict):
            return "{" + ", ".join(f"{key} = {value(item)}" for key, item in held.items()) + "}"
        if isinstance(held, list):
            return "[" + ", ".join(map(value, held)) + "]"
        return f"'{held}'"

    project = [] if requires is None else ["[project]", f"requires-python = '{requires}'"]
    parts = [*project, "[tool.cibuildwheel]", *lines(table), "[tool.cibuildwheel.linux]", *lines(linux_table)]
    for override in overriding:
        parts += ["[[tool.cibuildwheel.overrides]]", *lines(override)]
    return "\n".join([*parts, ""])


def test_the_table_of_identifiers_is_that_of_cibuildwheel_in_its_order() -> None:
    assert [target.identifier for target in TARGETS if target.arch.in_cibuildwheel] == [
        configuration.identifier for configuration in linux.all_python_configurations()
    ]


def test_every_identifier_of_another_platform_is_known_to_be_one() -> None:
    from cibuildwheel.util.resources import read_all_configs

    elsewhere = {
        row["identifier"] for name, rows in read_all_configs().items() if name != "linux" for row in rows
    }
    assert elsewhere <= set(FOREIGN)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    table=tables,
    linux_table=tables,
    overriding=overrides,
    requires=st.none() | st.sampled_from(REQUIRES),
    environ=variables,
    given_flags=flags | only,
)
def test_any_configuration_selects_what_cibuildwheel_selects(
    table: dict[str, object],
    linux_table: dict[str, object],
    overriding: list[dict[str, object]],
    requires: str | None,
    environ: dict[str, str],
    given_flags: config.Flags,
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        project = Path(directory)
        (project / "pyproject.toml").write_text(toml(table, linux_table, requires, overriding))
        assert our_identifiers(project, environ, given_flags) == their_identifiers(
            project, environ, given_flags
        )


SETUP_FILES = (
    ("setup.cfg", "[options]\npython_requires = >=3.12\n"),
    ("setup.py", "from setuptools import setup\nsetup(name='a', python_requires='>=3.13')\n"),
    ("setup.py", "import s\nif __name__ == '__main__':\n    s.setup(python_requires='<3.11')\n"),
    ("setup.py", "import s\nif True:\n    s.setup(python_requires='<3.11')\n"),
    ("setup.py", "this is not Python\n"),
)


@pytest.mark.parametrize(("name", "text"), SETUP_FILES)
def test_requires_python_of_older_projects_is_found_as_cibuildwheel_finds_it(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    assert our_identifiers(tmp_path, {}, config.Flags()) == their_identifiers(tmp_path, {}, config.Flags())


COMMANDS: tuple[tuple[str, dict[str, str], tuple[str, ...]], ...] = (
    ("[tool.cibuildwheel]\n", {}, ()),
    ('[tool.cibuildwheel]\nbuild = "cp31[13]-*"\nskip = "*musl*"\n', {}, ("--archs", "aarch64,armv7l")),
    ('[project]\nrequires-python = ">=3.11"\n', {"CIBW_ARCHS": "all", "CIBW_ENABLE": "all"}, ()),
    ("", {"CIBW_BUILD": "{cp,pp}311-*"}, ("--enable", "pypy", "--archs", "auto,s390x")),
    ("", {}, ("--only", "gp313_253-manylinux_aarch64")),
)


@pytest.mark.slow
@pytest.mark.parametrize(("text", "environ", "arguments"), COMMANDS)
def test_the_command_of_cibuildwheel_prints_the_same_lines(
    tmp_path: Path, text: str, environ: dict[str, str], arguments: tuple[str, ...]
) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    words = dict(zip(arguments[::2], arguments[1::2], strict=True))
    given_flags = config.Flags(
        archs=words.get("--archs"), only=words.get("--only"), enable=tuple(words.get("--enable", "").split())
    )
    platform = () if "--only" in words else ("--platform", "linux")
    command = [
        sys.executable,
        "-m",
        "cibuildwheel",
        *platform,
        "--print-build-identifiers",
        *arguments,
        tmp_path,
    ]
    printed = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    assert our_identifiers(tmp_path, environ, given_flags) == printed.split()
