"""``--print-build-identifiers`` by the short way says what the long way says."""

import subprocess
import sys
from pathlib import Path

import pytest

from crosswheel.cli import identifiers, run
from crosswheel.config import Flags

SWITCH = "--print-build-identifiers"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.cibuildwheel]\nbuild = 'cp31[12]-*'\n")
    return tmp_path


def test_a_plain_command_line_is_read_without_click() -> None:
    args = ["build", "--archs=aarch64,s390x", SWITCH, "--enable", "pypy", "--enable=graalpy", "there"]

    assert identifiers.plainly(args) == (
        Path("there"),
        Flags(archs="aarch64,s390x", enable=("pypy", "graalpy")),
        None,
    )
    assert identifiers.plainly(["build", SWITCH, "--config-file", "a=b.toml"]) == (
        Path(),
        Flags(),
        "a=b.toml",
    )


@pytest.mark.parametrize(
    "args",
    [
        ["plan", SWITCH],
        ["build"],
        ["build", SWITCH, "--archs"],
        ["build", SWITCH, "--verbose"],
        ["build", SWITCH, "--no-such-option", "a"],
        ["build", SWITCH, "--platform", "windows"],
        ["build", SWITCH, "--help"],
        ["build", SWITCH, "one", "two"],
        ["build", SWITCH, "--", "-x"],
    ],
)
def test_whatever_else_is_said_goes_the_long_way(args: list[str]) -> None:
    assert identifiers.plainly(args) is None


@pytest.mark.parametrize(
    "flags",
    [
        ["--archs", "all"],
        ["--archs", "x86_64", "--archs", "i686"],
        ["--only", "cp39-manylinux_i686"],
        ["--archs", "aarch64", "--only", "cp39-manylinux_i686"],
        ["--only", "cp39-win32"],
        ["--enable", "no-such-group"],
        ["--platform", "linux", "--enable=pypy", "--archs=auto"],
        ["--config-file", "there-is-none.toml"],
    ],
)
def test_both_ways_print_the_same_and_end_the_same(
    project: Path, flags: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    args = ["build", SWITCH, *flags, str(project)]
    assert identifiers.plainly(args) is not None
    short = run(args), capfd.readouterr()
    monkeypatch.setattr(identifiers, "plainly", lambda _args: None)

    assert (run(args), capfd.readouterr()) == short


def test_identifiers_of_nothing_are_no_lines(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[tool.cibuildwheel]\nskip = '*'\n")

    assert run(["build", SWITCH, str(project)]) == 0
    assert capsys.readouterr().out == ""


def test_the_short_way_imports_neither_click_nor_the_pipeline(project: Path) -> None:
    program = (
        f"import sys\nfrom crosswheel.cli import run\nassert run(['build', '{SWITCH}', {str(project)!r}]) == 0\n"
        "sys.exit(any(name in sys.modules for name in ('click', 'crosswheel.pipeline', 'crosswheel.events')))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
