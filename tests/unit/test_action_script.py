"""The script of ``action.yml``: what it sets up, and how inputs reach the command."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "tools" / "action"
SWITCH = "kernel.apparmor_restrict_unprivileged_userns=0"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Stand-ins for programs that change a machine: each writes down how it was called."""
    place = tmp_path / "programs"
    place.mkdir()
    for name in ("unshare", "sysctl", "modprobe", "apt-get"):
        stand_in(place / name, "")
    stand_in(place / "id", "echo 1000")
    stand_in(place / "sudo", '[ "$1" = -n ] && shift; "$@"')
    return place


def stand_in(path: Path, body: str) -> None:
    path.write_text(f'#!/bin/sh\necho "{path.name} $*" >>"$CALLS"\n{body}\n', encoding="utf-8")
    path.chmod(0o755)


def step(name: str, programs: Path, **env: str) -> tuple[int, list[str], str]:
    """The exit code of a step, the calls that it made, and what it printed."""
    calls = programs.parent / "calls"
    calls.touch()
    done = subprocess.run(
        [SCRIPT, name],
        check=False,
        cwd=programs.parent,
        env={
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(programs.parent),
            "CALLS": str(calls),
            "RUNNER_TEMP": str(programs.parent),
            "GITHUB_OUTPUT": str(programs.parent / "output"),
            **env,
        },
        capture_output=True,
        text=True,
    )
    return done.returncode, calls.read_text(encoding="utf-8").splitlines(), done.stdout + done.stderr


def test_where_namespaces_may_be_made_nothing_is_changed(programs: Path) -> None:
    status, calls, _ = step("prepare", programs)

    assert status == 0
    assert [call for call in calls if call.startswith(("sysctl", "modprobe"))] == []


def test_where_they_may_not_the_switch_is_set_by_sudo(programs: Path) -> None:
    stand_in(programs / "unshare", "exit 1")

    status, calls, _ = step("prepare", programs)

    assert status == 0
    assert f"sysctl --write {SWITCH}" in calls
    assert "modprobe binfmt_misc" in calls


def test_without_sudo_it_is_said_and_left_to_crosswheel(programs: Path) -> None:
    stand_in(programs / "unshare", "exit 1")
    stand_in(programs / "sudo", "exit 1")

    status, calls, said = step("prepare", programs)

    assert status == 0
    assert [call for call in calls if call.startswith(("sysctl", "modprobe"))] == []
    assert f"this machine restricts user namespaces: {SWITCH}\nit cannot be set here\n" in said


@pytest.fixture
def crosswheel(programs: Path) -> Path:
    """A stand-in for the command, which says by lines what it is told."""
    path = programs.parent / "crosswheel-action" / "bin" / "crosswheel"
    path.parent.mkdir(parents=True)
    stand_in(path, 'printf "<%s>\\n" "$@"; echo "CIBW_BUILD=${CIBW_BUILD-none}"')
    return path


def test_without_inputs_the_defaults_are_built(programs: Path, crosswheel: Path) -> None:
    status, _, said = step("build", programs)

    assert status == 0
    assert said == "<build>\n<--output-dir>\n<wheelhouse>\n<-->\n<.>\nCIBW_BUILD=none\n"


def test_every_input_reaches_the_command_to_the_letter(programs: Path, crosswheel: Path) -> None:
    hostile = "a b'\"$(touch touched)`touch touched`;touch touched\n*"
    names = (
        "PACKAGE_DIR",
        "OUTPUT_DIR",
        "CONFIG_FILE",
        "ARCHS",
        "ONLY",
        "ENABLE",
        "ENGINE",
        "MIRROR",
        "BUILD",
    )

    status, _, said = step(
        "build", programs, INPUT_TEST="false", **{f"INPUT_{name}": f"{name} {hostile}" for name in names}
    )

    assert status == 0
    options = ("--output-dir", "--config-file", "--archs", "--only", "--enable", "--engine", "--mirror")
    told = ("OUTPUT_DIR", "CONFIG_FILE", "ARCHS", "ONLY", "ENABLE", "ENGINE", "MIRROR")
    pairs = "".join(f"<{option}>\n<{name} {hostile}>\n" for option, name in zip(options, told, strict=True))
    rest = f"<--no-test>\n<-->\n<PACKAGE_DIR {hostile}>\nCIBW_BUILD=BUILD {hostile}\n"
    assert said == f"<build>\n{pairs}{rest}"
    assert not (programs.parent / "touched").exists()


def test_an_input_cannot_add_an_output(programs: Path, crosswheel: Path) -> None:
    step("build", programs, INPUT_OUTPUT_DIR="here\nversion=9")

    assert (programs.parent / "output").read_text(encoding="utf-8") == "output-dir=hereversion=9\n"


def test_a_failing_build_fails_the_step(programs: Path, crosswheel: Path) -> None:
    stand_in(crosswheel, "exit 3")

    assert step("build", programs)[0] == 3


def test_another_step_is_refused(programs: Path) -> None:
    assert step("publish", programs)[::2] == (2, "usage: action prepare|install|build\n")
