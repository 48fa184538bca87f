"""The Protocols between rooms, each as small as its callers need."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from crosswheel.architectures import HOST, Architecture
from crosswheel.events import Event
from crosswheel.model import LibcVersion, Part, Target
from crosswheel.process import Completed

Progress = Callable[[Event], None]


@dataclass(frozen=True)
class Layered:
    """A root under a writable layer.

    :param layer: a directory of the caller's that keeps what is written, from one command to the next.
    :param arch: of the root's programs.
    """

    lower: Path
    layer: Path
    arch: Architecture = HOST


@dataclass(frozen=True)
class Mount:
    """A file or directory of the host, or a root under a layer, seen in the sandbox at ``target``.

    :param cache: whether it only spares work: where files have to be copied, it is empty instead.
    """

    source: Path | Layered
    target: str
    writable: bool = False
    cache: bool = False


@dataclass(frozen=True)
class View:
    """What a sandbox sees.

    :param root: a root to stand in; None for the machine's own programs, read-only, without home directories.
    :param development: whether the machine's own headers and ``*-config`` programs are seen.
    :param emulate: the foreign architecture whose programs may run; None where nothing is emulated.
    :param library_root: where, in the sandbox, emulated programs find their loader (``QEMU_LD_PREFIX``); empty
        where the root itself is the target's.
    """

    root: Layered | None
    mounts: tuple[Mount, ...] = ()
    development: bool = False
    emulate: Architecture | None = None
    library_root: str = ""

    def emulation(self) -> dict[str, str]:
        """The variables with which foreign programs run in it."""
        if self.emulate is None:
            return {}
        env = {"QEMU_CPU": self.emulate.qemu_cpu} if self.emulate.qemu_cpu else {}
        return {**env, "QEMU_LD_PREFIX": self.library_root} if self.library_root else env


class Sandbox(Protocol):
    """Where a command runs. Paths in it are the sandbox's own."""

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        binds: Mapping[str, Path] = ...,
        on_line: Callable[[str], None] | None = None,
        capture: bool = False,
    ) -> Completed:
        """Run a command to its end.

        :param env: the whole environment; nothing of the host's comes in by itself.
        :param binds: further directories of the host, writable, by their path in the sandbox.
        :raises ProvisionError: the sandbox cannot be set up.
        """
        ...

    def attach(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str]) -> int:
        """Run a command that has this process's standard input, output and error, and its terminal.

        :param env: the whole environment; nothing of the host's comes in by itself.
        :return: the exit code as a shell gives it: 128 + n for signal n, 127 without a word where the command is
            missing.
        :raises ProvisionError: the sandbox cannot be set up.
        """
        ...


class MakeSandbox(Protocol):
    """Makes sandboxes of one kind."""

    def __call__(self, view: View) -> Sandbox:
        """A sandbox with this view, set up anew for each command."""
        ...


class Root(Protocol):
    """An unpacked file system of a target with its Python.

    ``path`` is None for the machine itself; ``python`` is a path in the root.
    """

    @property
    def path(self) -> Path | None: ...
    @property
    def arch(self) -> Architecture: ...
    @property
    def libc_version(self) -> LibcVersion: ...
    @property
    def python(self) -> str:
        """Without links: its library stands beside its directory."""
        ...


class Toolchain(Protocol):
    """Compilers with their wrappers."""

    @property
    def mounts(self) -> tuple[Mount, ...]: ...

    @property
    def libraries(self) -> tuple[Path, ...]:
        """The target's shared libraries that what they link may need; a root that lacks one gets it."""
        ...

    def env(self) -> Mapping[str, str]:
        """``CC`` and its like, as paths in the sandbox."""
        ...


@dataclass(frozen=True)
class Rust:
    """rustc, cargo and the standard libraries of this machine and of a target.

    :param bin: the directory of the programs, as the sandbox sees it.
    :param mounts: what a sandbox must see for them to run.
    :param env: how cargo reaches its registry.
    :param native: compilers for this machine, where build scripts and procedural macros run; None where the
        target's are the same.
    """

    bin: str
    mounts: tuple[Mount, ...]
    env: Mapping[str, str]
    native: Toolchain | None


@dataclass(frozen=True)
class NativePrograms:
    """This machine's programs of one wheel, for a root of another architecture.

    :param wheel: a directory with nothing but the programs, where the wheel has them.
    :param libraries: what they run with; they look for it at ``places.NATIVE_LIB``.
    """

    wheel: Path
    libraries: Path


@dataclass(frozen=True)
class Reach:
    """Somebody on the network who has something that is not in the store.

    :param place: who: the host of a registry, of an archive.
    :param ask: finds out within seconds whether it can be reached; raises a ProvisionError where it cannot.
    """

    place: str
    ask: Callable[[], object] = field(compare=False)


class Source(Protocol):
    """Where target Pythons and roots come from."""

    name: str

    def offers(self, target: Target) -> bool:
        """Whether it has the target's Python; without asking the network."""
        ...

    def libc_version(self, target: Target) -> LibcVersion | None:
        """The C library of the root that it gives; None where that is not known before the root is there."""
        ...

    def parts(self, target: Target) -> tuple[Part, ...]:
        """What it fetches for the target; without asking the network."""
        ...

    def key(self, target: Target) -> str:
        """What its root for the target is made from: another root has another key.

        A name that may come to stand for another root is asked about; where only a plan is made, it is not.
        """
        ...

    def reaches(self, target: Target) -> tuple[Reach, ...]:
        """Who must be reached for the target's root; nobody where it is in the store. Without asking them."""
        ...

    def root(self, target: Target, finish: Callable[["Root"], None] | None = None) -> "Root":
        """The root with a target's Python, fetched if it is not there yet.

        :param finish: runs on a new root before it is published.
        :raises ProvisionError: it cannot be had.
        """
        ...

    def describe(self) -> str:
        """What it has, for people: ``debian has CPython 3.9, 3.11 and 3.13 for aarch64``; without the network."""
        ...
