"""The table of Debian's suites (``suites.toml``), read into values."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crosswheel.architectures import ARCHITECTURES, Architecture
from crosswheel.model import Glibc, Python

__all__ = ["Suite", "oldest_with", "suite_with", "suites"]


@dataclass(frozen=True)
class Suite:
    """A release of Debian, as far as roots are concerned.

    :param pythons: the CPythons in it (``3.11``).
    :param pypy: the version of Python that its PyPy speaks; empty where it has none, or one that an older has.
    :param gcc: the major version of its default gcc.
    :param packages: what its roots are asked to hold besides the Essential set and Python.
    :param download: about how many bytes a root fetches, by architecture (all those that it is made for).
    :param cross_gcc: the same of its cross compilers, for the architectures that they compile for.
    """

    name: str
    pythons: tuple[str, ...]
    pypy: str
    glibc: Glibc
    gcc: int
    packages: tuple[str, ...]
    download: Mapping[str, int]
    cross_gcc: Mapping[str, int]


@cache
def suites() -> tuple[Suite, ...]:
    """All suites, oldest first."""
    table = tomllib.loads(files(__package__).joinpath("suites.toml").read_text(encoding="utf-8"))
    return tuple(
        Suite(
            name=name,
            pythons=tuple(row["pythons"]),
            pypy=row.get("pypy", ""),
            glibc=(row["glibc"][0], row["glibc"][1]),
            gcc=row["gcc"],
            packages=(*table["common"], *row["packages"]),
            download=row["download"],
            cross_gcc=row["cross_gcc"],
        )
        for name, row in table["suites"].items()
    )


def suite_with(python: Python, arch: Architecture) -> Suite | None:
    """The suite that has a Python for an architecture."""
    if python.suffix:
        return None

    def has(suite: Suite) -> bool:
        offered = {"cp": suite.pythons, "pp": (suite.pypy,)}.get(python.implementation, ())
        return python.version in offered and arch.name in suite.download

    return next(filter(has, suites()), None)


def oldest_with(arch: Architecture) -> Suite:
    """The oldest suite made for an architecture."""
    return next(suite for suite in suites() if arch.name in suite.download)


def pythons_by_architectures() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Architectures (in the order of the house's table) that have the same CPythons, and those CPythons."""
    groups: dict[tuple[str, ...], tuple[str, ...]] = {}
    for arch in ARCHITECTURES:
        has = tuple(python for suite in suites() if arch in suite.download for python in suite.pythons)
        groups[has] = (*groups.get(has, ()), arch)
    return {archs: has for has, archs in groups.items() if has}
