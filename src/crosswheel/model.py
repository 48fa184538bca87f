"""The values that flow through the house: frozen, without behaviour beyond their own names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from crosswheel import musl
from crosswheel.architectures import Architecture
from crosswheel.errors import CrosswheelError
from crosswheel.options import Options

EngineName = Literal["native", "cross", "hybrid", "hybrid-gcc", "emulated"]
EngineChoice = EngineName | Literal["auto"]
# Those whose compilers are zig's, which link against any glibc. The others link against the root's.
ZIG_ENGINES: tuple[EngineName, ...] = ("native", "cross", "hybrid")
ENGINE_CHOICES: tuple[EngineChoice, ...] = ("auto", *get_args(EngineName))
SOURCE_CHOICES = ("auto", "host", "debian", "image", "standalone", "musl")
ASKED_FOR = "it is the source that was asked for"  # why a source serves that the user named
Libc = Literal["manylinux", "musllinux"]
LibcVersion = tuple[int, int]  # of glibc or musl, as (2, 17); of a policy
Glibc = LibcVersion


@dataclass(frozen=True, order=True)
class Python:
    """A Python as wheel tags name it: ``cp311``, ``cp314t``, ``pp311``, ``gp312_250``.

    :param suffix: what follows the version: ``t`` for free-threaded, ``_250`` for GraalPy's own version.
    """

    implementation: Literal["cp", "pp", "gp"]
    major: int
    minor: int
    suffix: str = ""

    @property
    def tag(self) -> str:
        return f"{self.implementation}{self.major}{self.minor}{self.suffix}"

    @property
    def version(self) -> str:
        """``3.11``."""
        return f"{self.major}.{self.minor}"

    @property
    def directory(self) -> str:
        """What its program and the directory of its library are called: ``python3.14t``, ``pypy3.11``."""
        name = {"cp": "python", "pp": "pypy", "gp": "graalpy"}[self.implementation]
        return f"{name}{self.version}{'t' if self.is_free_threaded else ''}"

    @property
    def is_free_threaded(self) -> bool:
        """Whether it is a CPython without the GIL (PEP 703)."""
        return self.suffix == "t"

    @property
    def title(self) -> str:
        """Its name for people: ``CPython 3.14 without the GIL``, ``PyPy 3.11``."""
        name = {"cp": "CPython", "pp": "PyPy", "gp": "GraalPy"}[self.implementation]
        return f"{name} {self.version}{' without the GIL' if self.is_free_threaded else ''}"


@dataclass(frozen=True)
class Target:
    """What an identifier stands for."""

    python: Python
    libc: Libc
    arch: Architecture

    @property
    def identifier(self) -> str:
        return f"{self.python.tag}-{self.libc}_{self.arch.name}"

    @property
    def c_library(self) -> str:
        """``glibc`` or ``musl``."""
        return "musl" if self.libc == "musllinux" else "glibc"

    @property
    def machine(self) -> str:
        """Its architecture for people, with musl where it is for that: ``aarch64``, ``musl on aarch64``."""
        return f"{'musl on ' if self.libc == 'musllinux' else ''}{self.arch.name}"

    @property
    def triplet(self) -> str:
        """The multiarch triplet as its Python has it: ``aarch64-linux-gnu``, ``aarch64-linux-musl``."""
        version = (self.python.major, self.python.minor)
        own = self.libc == "musllinux" and version >= musl.OWN_TRIPLETS_SINCE
        return musl.renamed(self.arch.triplet) if own else self.arch.triplet

    @property
    def long_double(self) -> str:
        """The format of long double, in numpy's words."""
        own = musl.LONG_DOUBLES if self.libc == "musllinux" else {}
        return own.get(self.arch.name, self.arch.long_double)

    @property
    def rust(self) -> str:
        """Rust's name of it: ``aarch64-unknown-linux-musl``."""
        return musl.renamed(self.arch.rust) if self.libc == "musllinux" else self.arch.rust


@dataclass(frozen=True)
class Project:
    """The package to build, in a directory of the user's or one unpacked from an sdist.

    :param path: the package's directory (``{package}``).
    :param root: the directory that is copied in (``{project}``); the package is in it.
    :param label: how the user named it.
    :param epoch: Unix time of its last change, the same wherever it lies: what archives made from it are dated.
    """

    path: Path
    root: Path
    label: str
    epoch: int = 1580601600  # 2020-02-02, as hatchling dates what has no date of its own


@dataclass(frozen=True)
class StepDown:
    """The ladder went from one engine to the next, and why."""

    engine: EngineName
    below: EngineName
    reason: str


@dataclass(frozen=True)
class Job:
    """One target of one package with its resolved options.

    :param ladder: the engines to try, best first.
    :param source: the name of the source of the target's Python and root; ``source_reason`` says why that one.
    :param floor: the C library that engines with zig compile against: glibc or musl, as the target says.
    :param policy: the policy that the wheel is named for beside the oldest that it holds.
    :param skipped: the steps down of an earlier run, whose engines are left out of the ladder.
    :param root_libc: the C library of the root, where that is known before the root is there.
    """

    target: Target
    options: Options
    ladder: tuple[EngineName, ...]
    source: str
    floor: LibcVersion
    policy: LibcVersion = (2, 28)
    skipped: tuple[StepDown, ...] = ()
    root_libc: LibcVersion | None = None
    source_reason: str = ""

    @property
    def identifier(self) -> str:
        return self.target.identifier


@dataclass(frozen=True)
class Part:
    """Something that a job needs and that is kept in the store once fetched.

    :param size: about how many bytes are fetched for it; 0 where that is not known.
    """

    name: str
    size: int
    present: bool


# What holds the limit of memory: the kernel, by a control group of the job, or whoever looks each second.
Guard = Literal["cgroup v2", "cgroup v1", "watchdog"]


@dataclass(frozen=True)
class Limited:
    """What each job of a run may use.

    :param memory: bytes for all its programs together; 0 for no limit.
    :param seconds: wall time; 0 for no limit.
    :param guard: what holds the limit of memory.
    """

    memory: int
    seconds: float
    guard: Guard


@dataclass(frozen=True)
class Plan:
    """All jobs, in order; pure data.

    :param left_out: selected identifiers that no source can serve yet, each with the reason.
    :param warnings: what a person should know of the selection, a sentence each.
    """

    project: Project
    jobs: tuple[Job, ...]
    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)  # by identifier
    left_out: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Estimate:
    """How long a plan may take, in seconds, as far as earlier runs tell.

    :param jobs: by identifier, for those jobs whose like was built before.
    :param whole: for the run; None where one of its jobs is unknown.
    :param at_once: how many jobs go at once in it.
    :param kept: the jobs, by identifier, whose wheels earlier runs have built and tested from the same.
    """

    jobs: Mapping[str, float]
    whole: float | None
    at_once: int
    kept: frozenset[str] = frozenset()


UNKNOWN = Estimate({}, None, 1)


@dataclass(frozen=True)
class StepTime:
    """What one step of a job took.

    :param seconds: wall time; ``cpu`` the CPU seconds of all its programs.
    :param peak: the most memory that its programs were seen to use together, bytes.
    :param emulated: the part of its CPU time, 0 to 1, that was seen in QEMU.
    :param read: bytes read from disks; ``written`` to them.
    :param began: when it began, on the clock of ``time.monotonic``: it never goes back.
    """

    step: str
    seconds: float
    cpu: float = 0.0
    peak: int = 0
    emulated: float = 0.0
    read: int = 0
    written: int = 0
    began: float = 0.0


@dataclass(frozen=True)
class Wheel:
    """A finished wheel in the output directory.

    :param size: bytes.
    :param sha256: in hexadecimal; empty where nobody asked for it.
    """

    path: Path
    size: int
    policy: str
    sha256: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a job: a wheel or a failure.

    :param skipped: the steps down of an earlier run, with which this one began.
    :param tested: whether a test ran and passed.
    :param reused: whether the wheel is an earlier job's, which serves this target too.
    :param kept: whether the wheel is an earlier run's, built from the same.
    :param notes: what a person should know of the wheel, a sentence each.
    :param floor_note: a sentence where the wheel's floor is above the job's; else empty.
    """

    identifier: str
    engine: EngineName | None
    wheel: Wheel | None
    failure: CrosswheelError | None
    steps: tuple[StepTime, ...] = ()
    step_downs: tuple[StepDown, ...] = ()
    skipped: tuple[StepDown, ...] = ()
    tested: bool = False
    reused: bool = False
    kept: bool = False
    log: Path | None = None
    notes: tuple[str, ...] = ()
    floor_note: str = ""

    @property
    def ok(self) -> bool:
        return self.failure is None


@dataclass(frozen=True)
class Difference:
    """What two wheels of the same project and target do not have in common.

    :param kind: ``tags``, ``metadata``, ``files``, ``modules``, ``libraries``, ``floors``, ``sizes``,
        ``processor``, ``symbols`` or ``texts``.
    :param text: a sentence without a full stop.
    :param matters: whether a user of the wheel may notice it.
    """

    kind: str
    text: str
    matters: bool = True

    def __str__(self) -> str:
        return self.text
