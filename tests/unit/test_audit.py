"""``audit-command``: which commands a wheel is to pass."""

from pathlib import Path

import pytest

from crosswheel.model import Python
from crosswheel.options import DependencyVersions, Options
from crosswheel.pipeline.audit import commands, constraints

BOTH = Options(audit_command=("twine check {wheel}", "abi3audit {abi3_wheel}", "make audit"))


def test_a_wheel_for_the_stable_abi_is_to_pass_them_all() -> None:
    assert commands(BOTH, abi3=True) == BOTH.audit_command


def test_another_wheel_is_to_pass_those_that_are_not_for_abi3_alone() -> None:
    assert commands(BOTH, abi3=False) == ("twine check {wheel}", "make audit")


def test_by_default_wheels_for_the_stable_abi_alone_are_audited() -> None:
    assert commands(Options(), abi3=False) == ()
    assert commands(Options(), abi3=True) == ("abi3audit --strict --report {abi3_wheel}",)


def test_the_versions_that_a_project_names_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pins.txt").write_text("abi3audit==0.0.20\n")
    Path("pins-python313.txt").write_text("abi3audit==0.0.21\n")
    named = DependencyVersions(file="pins.txt")
    assert constraints(named, Python("cp", 3, 11)) == "abi3audit==0.0.20\n"
    assert constraints(named, Python("cp", 3, 13)) == "abi3audit==0.0.21\n"
    assert constraints(DependencyVersions(packages=("a==1", "b<2")), Python("cp", 3, 11)) == "a==1\nb<2"
    assert constraints(DependencyVersions(), Python("cp", 3, 11)) == ""
