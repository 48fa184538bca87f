"""The table of what a root with musl is made of (``musl.toml``), read into values."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crosswheel.architectures import Architecture
from crosswheel.model import LibcVersion, Python

__all__ = ["Table", "table"]


@dataclass(frozen=True)
class Table:
    """Packages, sources and sizes; see ``musl.toml``.

    :param suite: of Debian, whose musl, shell and certificates the root has.
    :param musl: the version of that musl, as in a policy.
    :param system: the packages taken from it, and ``system_size`` how many bytes they have.
    :param libraries: the source packages of what CPython is linked with, of the suite ``libraries_suite``.
    :param pythons: bytes of the source of each CPython, by its tag.
    :param architectures: what ``configure`` calls each.
    """

    suite: str
    musl: LibcVersion
    system: tuple[str, ...]
    system_size: int
    libraries_suite: str
    libraries: tuple[str, ...]
    libraries_size: int
    pythons: Mapping[str, int]
    architectures: Mapping[str, str]

    def has(self, python: Python, arch: Architecture) -> bool:
        """Whether a Python can be compiled for an architecture."""
        return python.tag in self.pythons and arch.name in self.architectures


@cache
def table() -> Table:
    """The table."""
    read = tomllib.loads(files(__package__).joinpath("musl.toml").read_text(encoding="utf-8"))
    system, libraries = read["system"], read["libraries"]
    return Table(
        suite=system["suite"],
        musl=(system["musl"][0], system["musl"][1]),
        system=tuple(system["packages"]),
        system_size=system["size"],
        libraries_suite=libraries["suite"],
        libraries=tuple(libraries["sources"]),
        libraries_size=libraries["size"],
        pythons=read["pythons"],
        architectures=read["architectures"],
    )
