"""A native Python describes the target, in real processes of every Python that this machine has."""

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.engines import identity
from crosswheel.engines.record import TargetRecord
from crosswheel.model import Python, Target

INCLUDE = "/crosswheel/sysroot/usr/include/python3.x"
DESCRIPTION = {
    "machine": "aarch64",
    "platform": "linux-aarch64",
    "glibc": "2.17",
    "multiarch": "aarch64-linux-gnu",
    "variables": {
        "CC": "/crosswheel/tools/cc",
        "EXT_SUFFIX": ".cpython-3x-aarch64-linux-gnu.so",
        "SOABI": "cpython-3x-aarch64-linux-gnu",
        "MULTIARCH": "aarch64-linux-gnu",
        "INCLUDEPY": INCLUDE,
        "SIZEOF_VOID_P": 8,
    },
}


def pythons() -> list[str]:
    """The Pythons to try: the running one always, and those of pyenv and uv from 3.9 on."""
    home = Path(os.environ.get("HOME", "/root"))
    patterns = (".pyenv/versions/3.*/bin/python", ".local/share/uv/python/cpython-3.*/bin/python")
    try:
        found = sorted(str(path) for pattern in patterns for path in home.glob(pattern))
    except OSError:  # HOME may be another user's
        found = []
    return [sys.executable, *(path for path in found if re.search(r"[/-]3\.(9|1\d)\.", path))]


@pytest.fixture(params=pythons())
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., str]:
    """Start a Python with the identity planted; returns what it printed."""
    environment = tmp_path / "env"
    create = [request.param, "-m", "venv", "--without-pip", environment]
    subprocess.run(create, check=True, stdout=subprocess.DEVNULL)
    (site_packages,) = environment.glob("lib/python3*/site-packages")
    identity.plant(site_packages)
    description = tmp_path / "identity.json"
    description.write_text(json.dumps(DESCRIPTION))
    modules = tmp_path / "modules"
    modules.mkdir()

    def run(*arguments: str, switch: str = str(description), **variables: str) -> str:
        done = subprocess.run(
            [environment / "bin/python", *arguments],
            env={"PATH": os.defpath, "PYTHONPATH": str(modules), identity.VARIABLE: switch, **variables},
            cwd=modules,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.strip()

    run.modules = modules  # type: ignore[attr-defined]
    return run


def asked(start: Callable[..., str], expression: str, **options: str) -> object:
    imports = "import json, os, platform, sys, sysconfig, importlib.machinery"
    return json.loads(start("-c", f"{imports}; print(json.dumps({expression}))", **options))


def test_the_machine_is_the_targets(start: Callable[..., str]) -> None:
    assert (
        asked(start, "[os.uname().machine, os.uname()[4], platform.machine(), platform.uname().machine]")
        == ["aarch64"] * 4
    )
    assert asked(start, "[platform.processor(), platform.uname().system]") == ["aarch64", "Linux"]


def test_the_c_library_is_the_targets(start: Callable[..., str]) -> None:
    assert asked(start, "[os.confstr('CS_GNU_LIBC_VERSION'), list(platform.libc_ver())]") == [
        "glibc 2.17",
        ["glibc", "2.17"],
    ]
    assert asked(start, "os.confstr('CS_PATH')") == os.confstr("CS_PATH")


def test_sysconfig_is_the_targets(start: Callable[..., str]) -> None:
    assert asked(start, "sysconfig.get_platform()") == "linux-aarch64"
    assert asked(start, "sys.implementation._multiarch") == "aarch64-linux-gnu"
    variables = DESCRIPTION["variables"]
    assert isinstance(variables, dict)
    names = list(variables)
    assert asked(start, f"[sysconfig.get_config_var(name) for name in {names}]") == list(variables.values())
    assert asked(start, f"sysconfig.get_config_vars(*{names})") == list(variables.values())


def test_headers_are_the_targets_and_the_other_paths_are_the_environments_own(
    start: Callable[..., str],
) -> None:
    assert (
        asked(start, "[sysconfig.get_path('include'), sysconfig.get_paths()['platinclude']]") == [INCLUDE] * 2
    )
    assert asked(start, "sysconfig.get_paths(scheme='posix_prefix')['include']") == INCLUDE  # as meson asks
    elsewhere = "sysconfig.get_paths(vars={'installed_base': '/elsewhere', 'base': '/elsewhere'})['include']"
    assert str(asked(start, elsewhere)).startswith("/elsewhere")
    assert asked(start, "sysconfig.get_config_h_filename()") == f"{INCLUDE}/pyconfig.h"
    own = "[sysconfig.get_config_var('prefix'), sysconfig.get_path('purelib'), sysconfig.get_path('scripts')]"
    assert asked(start, own) == asked(start, own, switch="")


def test_what_runs_here_is_still_imported(start: Callable[..., str]) -> None:
    suffixes = asked(start, "importlib.machinery.EXTENSION_SUFFIXES")
    assert not any("aarch64" in suffix for suffix in suffixes)  # type: ignore[attr-defined]
    assert asked(start, "__import__('_json').__name__") == "_json"


def test_pythons_started_by_it_describe_the_target_too(start: Callable[..., str]) -> None:
    assert (
        asked(
            start,
            "__import__('subprocess').check_output("
            "[sys.executable, '-c', 'import sysconfig; print(sysconfig.get_platform())'], text=True)",
        )
        == "linux-aarch64\n"
    )


def test_distutils_of_the_library_describes_the_target(start: Callable[..., str]) -> None:
    if asked(start, "sys.version_info[:2]") >= [3, 12]:  # type: ignore[operator]
        pytest.skip("Python 3.12 and newer have no distutils")
    code = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "from distutils import sysconfig\n"
        "print(sysconfig.get_config_var('EXT_SUFFIX'), sysconfig.get_config_vars()['CC'])"
    )
    assert start("-c", code) == ".cpython-3x-aarch64-linux-gnu.so /crosswheel/tools/cc"


def test_nothing_is_described_without_the_variable(start: Callable[..., str]) -> None:
    assert asked(start, "[os.uname().machine, sysconfig.get_platform()]", switch="") == [
        os.uname().machine,
        f"linux-{os.uname().machine}",
    ]


WHO = textwrap.dedent("""
    import os, subprocess, sys, sysconfig
    print(os.uname().machine, sysconfig.get_platform().rpartition("-")[2])
    if len(sys.argv) < 2:
        code = "import os, sysconfig; print(os.uname().machine, sysconfig.get_platform().rpartition('-')[2])"
        print(subprocess.check_output([sys.executable, "-c", code], text=True))
""")


def who(start: Callable[..., str], name: str, *arguments: str) -> tuple[str, str]:
    """What a module of this name sees, and what a Python sees that it starts."""
    package = start.modules / name  # type: ignore[attr-defined]
    package.mkdir()
    (package / "__main__.py").write_text(WHO)
    script = start.modules / "scripts" / name  # type: ignore[attr-defined]
    script.parent.mkdir()
    script.write_text(WHO)
    words = [str(script) if word == "SCRIPT" else word for word in arguments]
    own, started = start(*words, _PYTHON_HOST_PLATFORM="linux-aarch64").splitlines()
    return own, started


@pytest.mark.parametrize("arguments", ["-m pip", "-X utf8 -m pip", "-sm pip", "-s -u -m uv"])
def test_installers_and_all_they_start_see_this_machine(start: Callable[..., str], arguments: str) -> None:
    words = arguments.split()
    assert who(start, words[-1], *words) == ("x86_64 x86_64", "x86_64 x86_64")


@pytest.mark.parametrize("name", ["pip", "pip3", "pip3.11"])
def test_scripts_of_installers_see_this_machine(start: Callable[..., str], name: str) -> None:
    assert who(start, name, "SCRIPT") == ("x86_64 x86_64", "x86_64 x86_64")


def test_meson_sees_this_machine_but_the_pythons_it_starts_describe_the_target(
    start: Callable[..., str],
) -> None:
    own, started = who(start, "meson", "SCRIPT")
    assert own.split()[0] == "x86_64"
    assert started == "aarch64 aarch64"


def saw(start: Callable[..., str], *arguments: str) -> str:
    """The machine that a meson with these arguments sees."""
    meson = start.modules / "meson"  # type: ignore[attr-defined]
    meson.write_text("import os; print(os.uname().machine)")
    return start(str(meson), *arguments)


def test_meson_that_is_set_up_without_a_cross_file_describes_the_target(start: Callable[..., str]) -> None:
    assert saw(start, "setup", "build") == "aarch64"


def test_meson_that_is_set_up_with_a_cross_file_sees_this_machine(start: Callable[..., str]) -> None:
    assert saw(start, "setup", "build", "--cross-file=target.ini") == "x86_64"


@pytest.mark.parametrize("arguments", [["-m", "build_it"], ["SCRIPT"]])
def test_any_other_program_describes_the_target(start: Callable[..., str], arguments: list[str]) -> None:
    assert who(start, "build_it", *arguments) == ("aarch64 aarch64", "aarch64 aarch64")


def test_a_program_whose_arguments_speak_of_pip_is_no_installer(start: Callable[..., str]) -> None:
    assert start("-c", "import os; print(os.uname().machine)", "pip") == "aarch64"


def test_the_description_says_what_the_target_is() -> None:
    target = Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"])
    record = TargetRecord(target, "/crosswheel/sysroot", (2, 17), {}, {"SIZEOF_LONG": 8})
    assert json.loads(identity.describe(record)) == {
        "machine": "aarch64",
        "platform": "linux-aarch64",
        "glibc": "2.17",
        "multiarch": "aarch64-linux-gnu",
        "variables": {"SIZEOF_LONG": 8},
    }
