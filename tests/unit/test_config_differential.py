"""The same configuration gives the same options as in the real cibuildwheel.

``CROSSWHEEL_EXAMPLES=2000`` compares that many generated configurations instead of 200.
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import beside
from beside import fake
from cibuildwheel.environment import parse_environment
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosswheel import config
from crosswheel.config import environment

EXAMPLES = int(os.environ.get("CROSSWHEEL_EXAMPLES", "200"))
IDENTIFIER = "cp311-manylinux_aarch64"
NAMES = ("A", "B", "CFLAGS")
WORDS = ("pytest", "pytest {project}/tests", "a && b", "true", "", "echo 'x y'")
VALUES = ("1", "", "a b", "$A", "x:$A", "${B}/c", "$A$B", "-O2 -g", "$(echo $A)", "\\\\", "it's", "$(f; g)")
SELECTS = ("*", "cp311-*", "*musllinux*", "cp3{10,11}-*aarch64", "*s390x cp311*")

words = st.sampled_from(WORDS)
commands = words | st.lists(words, max_size=3)
names = st.lists(st.sampled_from(("dev", "fast", "pytest")), max_size=3)
settings_tables = st.dictionaries(
    st.sampled_from(("--opt", "cmake.args", "setup-args")),
    st.sampled_from(("1", "a b", "-DX=$Y")) | st.lists(st.sampled_from(("x", "y z")), min_size=1, max_size=2),
    max_size=2,
)
environment_tables = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=3)
environment_texts = st.lists(
    st.builds('{}="{}"'.format, st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=3
).map(" ".join)

COMMAND_OPTIONS = ("before-all", "before-build", "before-test", "test-command", "repair-wheel-command")
options: dict[str, st.SearchStrategy[object]] = {
    **dict.fromkeys(COMMAND_OPTIONS, commands),
    "environment": environment_tables | environment_texts,
    "test-environment": environment_tables | environment_texts,
    "config-settings": settings_tables | st.sampled_from(("", "a=1 b='2 3'", "a=1 a=2")),
    "test-requires": st.lists(st.sampled_from(("pytest", "numpy>=1; python_version > '3'")), max_size=2)
    | st.sampled_from(("pytest hypothesis", "'a; b' c")),
    "test-extras": names | names.map(",".join),
    "environment-pass": names | names.map(" ".join),
    "audit-command": st.lists(st.sampled_from(("a {wheel}", "b -x {abi3_wheel}")), max_size=2)
    | st.sampled_from(("", "c {wheel} && d {abi3_wheel}")),
    "audit-requires": st.lists(st.sampled_from(("abi3audit", "a>=1; python_version > '3'")), max_size=2),
}
unmergeable: dict[str, st.SearchStrategy[object]] = {
    "build-verbosity": st.integers(-4, 4),
    "build-frontend": st.sampled_from(
        (
            "build",
            "default",
            "pip; args: --no-deps",
            "build[uv];args:-n '-vv'",
            {"name": "uv", "args": ["--verbose", "--no-build-isolation"]},
        )
    ),
    "test-sources": st.lists(st.sampled_from(("tests", "a b.py")), max_size=2),
    "container-engine": st.sampled_from(
        (
            "podman",
            "docker; create_args: -v '/a b:/c' --init; disable_host_mount: true",
            {"name": "podman", "create-args": ["-v", "/a b:/c"], "disable-host-mount": True},
        )
    ),
    "manylinux-aarch64-image": st.sampled_from(
        ("manylinux_2_28", "quay.io/pypa/manylinux2014_aarch64:1", "")
    ),
}
inherits = st.dictionaries(
    st.sampled_from(sorted(options)), st.sampled_from(("none", "append", "prepend")), max_size=3
)
tables = st.fixed_dictionaries({}, optional={**options, **unmergeable, "inherit": inherits})
overrides = st.lists(
    st.fixed_dictionaries(
        {"select": st.sampled_from(SELECTS)}, optional={**options, **unmergeable, "inherit": inherits}
    ),
    max_size=3,
)
texts: dict[str, st.SearchStrategy[object]] = {
    **dict.fromkeys(COMMAND_OPTIONS, words),
    "environment": environment_texts,
    "config-settings": st.sampled_from(("", "a=1 b='2 3'", "a=1 a=2")),
    "test-requires": st.sampled_from(("", "pytest hypothesis", "'a; b' c")),
    "test-extras": names.map(",".join),
    "build-verbosity": st.sampled_from(("", "1", "-2", "9")),
    "manylinux-aarch64-image": st.sampled_from(("", "manylinux_2_31")),
}


def variable(name: str) -> str:
    return "CIBW_" + name.upper().replace("-", "_")


variables = st.fixed_dictionaries(
    {},
    optional={
        **{variable(name): held for name, held in texts.items()},
        **{variable(name) + "_LINUX": held for name, held in texts.items()},
        "CIBW_INHERIT": st.sampled_from(
            ("environment", "before-all; test-command-linux: prepend", "test-extras: append")
        ),
    },
)


def value(held: object) -> str:
    if isinstance(held, dict):
        return (
            "{"
            + ", ".join(
                f"{key if '.' not in key else repr(key)} = {value(item)}" for key, item in held.items()
            )
            + "}"
        )
    if isinstance(held, list):
        return "[" + ", ".join(map(value, held)) + "]"
    return str(held).lower() if isinstance(held, int) else f"'''{held}'''"


def section(head: str, table: Mapping[str, object]) -> str:
    return "\n".join([head, *(f"{key} = {value(held)}" for key, held in table.items()), ""])


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables, linux=tables, given_overrides=overrides, environ=variables)
def test_any_configuration_gives_the_options_of_cibuildwheel(
    table: dict[str, object],
    linux: dict[str, object],
    given_overrides: list[dict[str, object]],
    environ: dict[str, str],
) -> None:
    parts = [section("[tool.cibuildwheel]", table), section("[tool.cibuildwheel.linux]", linux)]
    parts += [section("[[tool.cibuildwheel.overrides]]", override) for override in given_overrides]
    with tempfile.TemporaryDirectory() as directory:
        project = Path(directory)
        (project / "pyproject.toml").write_text("\n".join(parts))
        found = beside.ours(project, environ, config.Flags()).options_for(IDENTIFIER)
        assert beside.of_ours(found, IDENTIFIER, (), environ) == beside.of_theirs(
            beside.theirs(project, environ, config.Flags()), IDENTIFIER
        )


# Where a part's source occurs in what came before it, cibuildwheel fills in the wrong place: not compared.
pieces = st.sampled_from(
    ("a", "-", "/b ", "$A", "${B}", "$C", "$(f $A)", "$(g 'x y'; h)", '`f "$B"`', "\\\\", "'")
)


@settings(max_examples=200, deadline=None)
@given(st.lists(pieces, max_size=5).map("".join))
def test_a_value_in_double_quotes_is_evaluated_as_cibuildwheel_does(text: str) -> None:
    line = f'X="{text}"'
    base = {"A": "1", "B": "two words"}
    theirs = parse_environment(line).as_dictionary(base, fake)
    assert environment.evaluate(environment.parse(line), base, fake) == theirs
