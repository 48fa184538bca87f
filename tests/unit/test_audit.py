"""``audit-command``: which commands a wheel is to pass."""

from crosswheel.model import Options
from crosswheel.pipeline.audit import commands

BOTH = Options(audit_command=("twine check {wheel}", "abi3audit {abi3_wheel}", "make audit"))


def test_a_wheel_for_the_stable_abi_is_to_pass_them_all() -> None:
    assert commands(BOTH, abi3=True) == BOTH.audit_command


def test_another_wheel_is_to_pass_those_that_are_not_for_abi3_alone() -> None:
    assert commands(BOTH, abi3=False) == ("twine check {wheel}", "make audit")


def test_by_default_wheels_for_the_stable_abi_alone_are_audited() -> None:
    assert commands(Options(), abi3=False) == ()
    assert commands(Options(), abi3=True) == ("abi3audit --strict --report {abi3_wheel}",)
