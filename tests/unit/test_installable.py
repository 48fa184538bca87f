"""Which pip and which distributions take the wheels of a policy."""

import pytest

from crosswheel.model import Libc, LibcVersion
from crosswheel.report.installable import pip_of, policy_name, systems_of


@pytest.mark.parametrize(
    ("libc", "version", "pip"),
    [
        ("manylinux", (2, 5), "8.1"),
        ("manylinux", (2, 12), "19.0"),
        ("manylinux", (2, 17), "19.3"),
        ("manylinux", (2, 19), "20.3"),
        ("manylinux", (2, 28), "20.3"),
        ("musllinux", (1, 2), "21.2"),
    ],
)
def test_the_first_pip_is_that_of_the_policys_pep(libc: Libc, version: LibcVersion, pip: str) -> None:
    assert pip_of(libc, version) == pip


@pytest.mark.parametrize(
    ("libc", "version", "systems"),
    [
        ("manylinux", (2, 17), ("Debian 8", "Ubuntu 14.04", "RHEL 7", "Amazon Linux 2")),
        ("manylinux", (2, 28), ("Debian 10", "Ubuntu 20.04", "RHEL 8", "Amazon Linux 2023")),
        ("manylinux", (2, 36), ("Debian 12", "Ubuntu 24.04", "RHEL 10")),
        ("manylinux", (2, 41), ("Debian 13",)),
        ("manylinux", (2, 99), ()),
        ("musllinux", (1, 2), ("Alpine 3.13",)),
    ],
)
def test_a_distribution_is_named_by_its_first_release_that_is_new_enough(
    libc: Libc, version: LibcVersion, systems: tuple[str, ...]
) -> None:
    assert systems_of(libc, version) == systems


def test_a_policy_is_named_as_in_tags() -> None:
    assert policy_name("manylinux", (2, 17)) == "manylinux_2_17"
