"""What a standalone Python stands in: a root without a Python of its own, of Debian or with musl."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from crosswheel import musl
from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.model import Libc, Part
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.musl import MuslBase
from crosswheel.provision.roots import BaseRoot
from crosswheel.provision.standalone import binaries
from crosswheel.seams import Reach

__all__ = ["Base", "bases"]


class Base(Protocol):
    """Roots with one C library."""

    def key(self, arch: Architecture) -> str:
        """What the root is made from; without asking the network."""
        ...

    def part(self, arch: Architecture, *, needed: bool) -> Part:
        """The root as a part of a plan."""
        ...

    def reaches(self, arch: Architecture) -> tuple[Reach, ...]:
        """Who must be reached for the root; nobody where it is in the store."""
        ...

    def root(self, arch: Architecture, program: Path, what: str) -> BaseRoot:
        """The root that a Python can stand in, made if it is not there yet.

        :param program: the interpreter, installed on this machine.
        :param what: the Python for people.
        :raises ProvisionError: no such root runs it, or a root cannot be made.
        """
        ...


def bases(debian: DebianSource, musl: MuslBase) -> Mapping[Libc, Base]:
    """The roots by the C library of a target."""
    return {"manylinux": _WithGlibc(debian), "musllinux": _WithMusl(musl)}


@dataclass(frozen=True)
class _WithGlibc:
    """Debian's oldest whose glibc the Python runs with."""

    debian: DebianSource

    def key(self, arch: Architecture) -> str:
        return self.debian.base_key(arch)

    def part(self, arch: Architecture, *, needed: bool) -> Part:
        return self.debian.base_part(arch, needed=needed)

    def reaches(self, arch: Architecture) -> tuple[Reach, ...]:
        return self.debian.base_reaches(arch)

    def root(self, arch: Architecture, program: Path, what: str) -> BaseRoot:
        del what  # Debian itself says which glibc it lacks
        return self.debian.base_root(arch, binaries.glibc_needed(program.parents[1]))


@dataclass(frozen=True)
class _WithMusl:
    """The one root with musl that there is for an architecture.

    Builds of python-build-standalone before 20250311 have musl inside and load no extension modules; some later
    ones too (``+static``), which uv does not know (its documentation, "Former quirks").
    """

    base: MuslBase

    def key(self, arch: Architecture) -> str:
        return self.base.key(arch)

    def part(self, arch: Architecture, *, needed: bool) -> Part:
        return self.base.part(arch, needed=needed)

    def reaches(self, arch: Architecture) -> tuple[Reach, ...]:
        return self.base.reaches(arch)

    def root(self, arch: Architecture, program: Path, what: str) -> BaseRoot:
        found, wanted = binaries.loader(program), musl.loader(arch)
        if found != wanted:
            raise ProvisionError(
                f"the interpreter of {what} is not run by {wanted}, so that it loads no extension modules",
                cause=f"it is run by {found}" if found else "it is a static program",
                remedy="name a mirror that has python-build-standalone unchanged, of 20251031 or later",
            )
        return self.base.root(arch)
