"""What is told of a wheel: values for the reports, as ``crosswheel inspect`` shows them."""

from dataclasses import dataclass

from crosswheel.model import Difference, EngineName, Glibc, Outcome


@dataclass(frozen=True)
class CompiledFile:
    """One compiled file of a wheel.

    :param kind: ``extension module``, ``library`` or ``grafted library``.
    :param size: of the file, bytes.
    :param code_size: of its instructions, bytes.
    :param inits: the module initialisation functions it exports.
    :param search_path: its RUNPATH, or its RPATH.
    """

    path: str
    kind: str
    size: int
    code_size: int
    inits: tuple[str, ...]
    needed: tuple[str, ...]
    search_path: tuple[str, ...]
    uses_cpp: bool
    is_stripped: bool
    has_debug: bool


@dataclass(frozen=True)
class Processor:
    """What a wheel asks of the processor.

    :param baseline: the architecture's oldest processor that wheels are for.
    :param known_by: how it is known; empty where the files do not tell.
    :param needs: what files say that they need above the baseline, each with the first such file.
    :param uses: instructions above the baseline: class, count, the first such file.
    """

    baseline: str
    known_by: str = ""
    needs: tuple[tuple[str, str], ...] = ()
    uses: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True)
class Policy:
    """The most compatible policy that a wheel holds.

    :param name: as in a tag; empty where it cannot be judged.
    :param reason: what keeps it from an older one, or why it cannot be judged; may be empty.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class Libraries:
    """The libraries that a wheel's files need, by where they come from.

    :param policy: those that the manylinux policies let every machine have.
    :param outside: those that the user's machine must have besides.
    """

    inside: tuple[str, ...]
    policy: tuple[str, ...]
    outside: tuple[str, ...]


@dataclass(frozen=True)
class Inspection:
    """A wheel.

    :param size: of the wheel, bytes.
    :param files: how many it has.
    :param tags: all of its file name's.
    :param arch: the architecture's name in tags; empty for a wheel without compiled files.
    :param glibc: the newest that its files need; None where they need none.
    :param glibc_by: the file and the symbol that need it.
    :param problems: what is wrong with it for the Python and the platform of its tag.
    :param notes: what a person may want to know besides.
    """

    filename: str
    name: str
    version: str
    size: int
    files: int
    tags: tuple[str, ...]
    is_pure: bool
    requires: tuple[str, ...]
    requires_python: str
    modules: tuple[str, ...]
    arch: str = ""
    policy: Policy | None = None
    glibc: Glibc | None = None
    glibc_by: str = ""
    processor: Processor | None = None
    libraries: Libraries | None = None
    compiled: tuple[CompiledFile, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """What came of building one wheel by two engines.

    :param engines: the one that is judged, and the one that it is judged by.
    :param outcomes: of the builds, in the same order; only the first where that failed.
    :param differences: those that matter first.
    :param compiled: how many compiled files were compared.
    :param texts: how many other files were compared word for word.
    """

    engines: tuple[EngineName, EngineName]
    outcomes: tuple[Outcome, ...]
    differences: tuple[Difference, ...] = ()
    compiled: int = 0
    texts: int = 0

    @property
    def holds(self) -> bool:
        """Whether both builds passed and nothing that matters differs."""
        built = len(self.outcomes) == 2 and all(outcome.ok for outcome in self.outcomes)
        return built and not any(difference.matters for difference in self.differences)
