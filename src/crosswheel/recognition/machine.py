"""What a reason is made of: where a command ran, and what can be asked of the machine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from crosswheel.architectures import Architecture
from crosswheel.model import Glibc
from crosswheel.resources import Disk, Memory


@dataclass(frozen=True)
class Program:
    """A file that a command named.

    :param arch: what it is for, as :class:`Architecture` names it, or ``ELF machine 8``; empty for what is no ELF.
    :param loader: the program that loads its libraries, or the one after ``#!``; empty where it needs none.
    """

    arch: str
    loader: str = ""


@dataclass(frozen=True)
class Emulator:
    """A program that runs those of another architecture.

    :param path: of it; None where none is registered.
    :param version: ``11.1.2``; empty where it does not run.
    :param faults: what is wrong with it, a sentence each.
    """

    path: Path | None
    version: str = ""
    faults: tuple[str, ...] = ()


class Machine(Protocol):
    """What can be asked of the machine, at the moment when something failed."""

    def memory(self) -> Memory:
        """Memory now; ``killed`` counts from the beginning of the run."""
        ...

    def disk(self, directory: Path) -> Disk: ...

    def emulator(self, path: Path) -> Emulator:
        """A QEMU that a run brought itself."""
        ...

    def registered(self, arch: Architecture) -> Emulator:
        """What the kernel runs an architecture's programs with, for everybody."""
        ...

    def setting(self, name: str) -> str:
        """A kernel setting by its name for sysctl(8) (``vm.mmap_min_addr``); empty where there is none."""
        ...

    def reserves(self, size: int) -> bool:
        """Whether a process of this user can reserve so many bytes of addresses, none of them used."""
        ...

    def limit(self, name: str) -> int | None:
        """A limit of this user's processes by its name in ``resource`` (``RLIMIT_AS``); None without one."""
        ...

    def proxies(self) -> tuple[str, ...]:
        """The variables of a proxy that are set, by their names."""
        ...

    def routed(self) -> bool:
        """Whether there is a way out to other networks."""
        ...


@dataclass(frozen=True)
class Scene:
    """Where a command ran, as far as its caller knows.

    :param arch: of the programs that it is about.
    :param emulator: the QEMU that the run registered for itself; None where the machine's own serves.
    :param contained: whether it ran in a container of docker or podman.
    :param root: of the root, for people (``Debian bookworm``); empty where it is the machine.
    :param glibc: the C library in that root.
    :param has_musl: whether musl is the C library there.
    :param directories: those that the run writes to, by the option that moves them.
    :param passed: the variables of this machine that the command saw.
    :param look: the file of a name that the command used; None where it is not to be seen.
    """

    arch: Architecture
    emulator: Path | None = None
    contained: bool = False
    root: str = ""
    glibc: Glibc | None = None
    has_musl: bool = False
    directories: Mapping[str, Path] = field(default_factory=dict)
    passed: tuple[str, ...] = ()
    look: Callable[[str], Program | None] = lambda _: None
