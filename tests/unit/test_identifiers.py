"""Identifiers stand for targets."""

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ConfigurationError
from crosswheel.model import Python, Target
from crosswheel.plan.identifiers import TARGETS, parse


@pytest.mark.parametrize(
    ("identifier", "target"),
    [
        ("cp39-manylinux_x86_64", Target(Python("cp", 3, 9), "manylinux", ARCHITECTURES["x86_64"])),
        ("cp314t-musllinux_armv7l", Target(Python("cp", 3, 14, "t"), "musllinux", ARCHITECTURES["armv7l"])),
        (
            "gp312_250-manylinux_aarch64",
            Target(Python("gp", 3, 12, "_250"), "manylinux", ARCHITECTURES["aarch64"]),
        ),
    ],
)
def test_an_identifier_is_a_python_a_libc_and_an_architecture(identifier: str, target: Target) -> None:
    assert parse(identifier) == target


def test_every_target_is_what_its_identifier_says() -> None:
    assert all(parse(target.identifier) == target for target in TARGETS)
    assert len({target.identifier for target in TARGETS}) == len(TARGETS)


@pytest.mark.parametrize(
    ("identifier", "nearest"),
    [
        ("cp311-manylinux_arm64", "cp311-manylinux_aarch64"),
        ("cp311-manylinux-aarch64", "cp311-manylinux_aarch64"),
        ("cp314-musllinux_amd64", "cp314-musllinux_x86_64"),
        ("py39-manylinux_i686", "cp39-manylinux_i686"),
    ],
)
def test_a_wrong_identifier_is_told_with_the_nearest_right_one(identifier: str, nearest: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(identifier)
    (fault,) = caught.value.faults
    assert fault.place == "--only"
    assert fault.problem == f"{identifier} is not a build identifier"
    assert nearest in fault.hint or "pp39" in fault.hint


def test_an_identifier_of_another_platform_is_told_to_be_one() -> None:
    with pytest.raises(ConfigurationError, match="cp311-macosx_arm64 is not for Linux"):
        parse("cp311-macosx_arm64")
