"""Which target a command gets that names an architecture and perhaps a Python."""

from collections.abc import Callable

import pytest

from crosswheel.architectures import ARCHITECTURES, Architecture
from crosswheel.errors import ConfigurationError, ProvisionError
from crosswheel.model import Part, Python, Target
from crosswheel.plan import choose
from crosswheel.seams import Root

AARCH64, RISCV64 = ARCHITECTURES["aarch64"], ARCHITECTURES["riscv64"]


class Offering:
    """A source that has some Pythons for every architecture but riscv64."""

    def __init__(self, name: str, *pythons: str) -> None:
        self.name, self._pythons = name, pythons

    def offers(self, target: Target) -> bool:
        return target.libc == "manylinux" and target.arch != RISCV64 and target.python.tag in self._pythons

    def describe(self) -> str:
        return f"{self.name} has {', '.join(self._pythons)}"

    def parts(self, target: Target) -> tuple[Part, ...]:
        return ()

    def root(self, python: Python, arch: Architecture, finish: Callable[..., None] | None = None) -> Root:
        raise NotImplementedError


DEBIAN, HOST = Offering("debian", "cp39", "cp311", "cp313"), Offering("host", "cp311", "cp312")


def chosen(wanted: str | None, own: tuple[int, int] = (3, 11)) -> str:
    target, source = choose(AARCH64, wanted, own, (DEBIAN, HOST))
    return f"{target.identifier} {source.name}"


def test_the_python_that_runs_crosswheel_is_taken_where_none_is_named() -> None:
    assert chosen(None, own=(3, 9)) == "cp39-manylinux_aarch64 debian"


def test_else_the_newest_that_is_offered() -> None:
    assert chosen(None, own=(3, 14)) == "cp313-manylinux_aarch64 debian"


@pytest.mark.parametrize("wanted", ["3.12", "cp312"])
def test_a_python_is_named_by_its_version_or_its_tag(wanted: str) -> None:
    assert chosen(wanted) == "cp312-manylinux_aarch64 host"


def test_the_first_source_that_offers_it_serves() -> None:
    assert chosen("3.11") == "cp311-manylinux_aarch64 debian"


def test_a_python_that_nobody_has_is_told_with_what_there_is() -> None:
    with pytest.raises(ProvisionError) as caught:
        chosen("3.10")
    assert caught.value.fact == "no source has Python 3.10 for aarch64"
    assert caught.value.cause == "debian has cp39, cp311, cp313; host has cp311, cp312"


def test_an_architecture_that_nobody_has_is_told() -> None:
    with pytest.raises(ProvisionError, match="no source has a Python for riscv64"):
        choose(RISCV64, None, (3, 11), (DEBIAN, HOST))


@pytest.mark.parametrize("wanted", ["312", "3", "python3.12", ""])
def test_what_names_no_python_is_a_wrong_option(wanted: str) -> None:
    with pytest.raises(ConfigurationError, match="names no Python"):
        chosen(wanted)
