"""What is known of a wheel once it has been read: frozen values, without an opinion."""

from dataclasses import dataclass

from packaging.tags import Tag
from packaging.utils import NormalizedName

from crosswheel.musl import is_musl

# PEP 489 (PyInitU_ for names that are not ASCII) and PEP 793 (PyModExport_, CPython 3.15).
INIT_PREFIXES = ("PyInit_", "PyInitU_", "PyModExport_", "PyModExportU_")


@dataclass(frozen=True)
class Undefined:
    """A symbol that an object takes from elsewhere.

    :param version: the symbol version it asks for (``GLIBC_2.17``); empty where it asks for none.
    :param library: the library that the version belongs to (``.gnu.version_r``); empty without a version.
    :param weak: whether the object loads without it.
    """

    name: str
    version: str
    library: str
    weak: bool

    def __str__(self) -> str:
        return f"{self.name}@{self.version}" if self.version else self.name


@dataclass(frozen=True)
class Cpu:
    """What a file asks of the processor.

    :param known_by: how it is known (``instructions``, ``ELF notes``, ``ELF attributes``); empty where the file
        does not tell.
    :param needs: what it says itself that it needs above the architecture's baseline.
    :param uses: ``(class, count)`` of the instructions above the baseline that were found, in order; the file
        may ask for each before it uses it.
    :param vectors: how many vector instructions of the baseline were found.
    """

    known_by: str = ""
    needs: tuple[str, ...] = ()
    uses: tuple[tuple[str, int], ...] = ()
    vectors: int = 0


@dataclass(frozen=True)
class ElfFacts:
    """One ELF file of a wheel.

    :param path: its path in the wheel.
    :param machine: ``e_machine`` (System V ABI).
    :param bits: 32 or 64: the ELF class.
    :param order: ``little`` or ``big``.
    :param soname: DT_SONAME; empty where it has none.
    :param needed: DT_NEEDED, in order.
    :param versions: ``(library, version)`` pairs that it needs, used by a symbol or not (``.gnu.version_r``).
    :param undefined: the dynamic symbols it takes from elsewhere.
    :param defined: the names of the dynamic symbols it exports.
    :param rpath: entries of DT_RPATH.
    :param runpath: entries of DT_RUNPATH.
    :param has_debug: whether it still has debug information.
    :param uses_cpp: whether it uses a C++ runtime, linked statically or not.
    :param is_stripped: whether its symbol table is gone.
    :param size: of the file, bytes.
    :param code_size: of its instructions, bytes.
    :param cpu: what it asks of the processor; None where that was not looked for.
    :param loader: the dynamic loader that a program names (PT_INTERP); empty for a library.
    """

    path: str
    machine: int
    bits: int
    order: str
    soname: str = ""
    needed: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    undefined: tuple[Undefined, ...] = ()
    defined: frozenset[str] = frozenset()
    rpath: tuple[str, ...] = ()
    runpath: tuple[str, ...] = ()
    has_debug: bool = False
    uses_cpp: bool = False
    is_stripped: bool = True
    size: int = 0
    code_size: int = 0
    cpu: Cpu | None = None
    loader: str = ""

    @property
    def name(self) -> str:
        """The file's own name, as a NEEDED entry would give it."""
        return self.path.rpartition("/")[2]

    @property
    def inits(self) -> tuple[str, ...]:
        """The module initialisation functions it exports (``PyInit_speedups``)."""
        return tuple(sorted(name for name in self.defined if name.startswith(INIT_PREFIXES)))

    @property
    def is_extension_module(self) -> bool:
        return bool(self.inits)

    @property
    def is_grafted(self) -> bool:
        """Whether it lies in a directory of grafted libraries (``numpy.libs/``, ``pkg/.libs/``)."""
        return any(part.endswith(".libs") for part in self.path.split("/")[:-1])


@dataclass(frozen=True)
class WheelFacts:
    """A wheel.

    :param filename: its file name.
    :param name: the project's normalised name (PEP 503).
    :param tags: the tags of its file name.
    :param stated_tags: the tags in its WHEEL file.
    :param root_is_purelib: as its WHEEL file says.
    :param files: the paths of all its files.
    :param modules: what a user of it can import, packages and modules on top (``ns.pkg`` in a namespace).
    :param sizes: of all its files, unpacked, bytes, in their order.
    :param requires: its requirements (``Requires-Dist``).
    :param requires_python: empty where it takes any.
    """

    filename: str
    name: NormalizedName
    version: str
    tags: frozenset[Tag]
    stated_tags: frozenset[Tag]
    root_is_purelib: bool
    files: tuple[str, ...]
    elf: tuple[ElfFacts, ...]
    modules: tuple[str, ...]
    sizes: tuple[int, ...] = ()
    requires: tuple[str, ...] = ()
    requires_python: str = ""

    @property
    def platforms(self) -> tuple[str, ...]:
        return tuple(sorted({tag.platform for tag in self.tags}))

    @property
    def is_pure(self) -> bool:
        """Whether its tag promises that it runs on every platform."""
        return "any" in self.platforms

    @property
    def is_for_musl(self) -> bool:
        """Whether it is tagged for musl; where no tag tells, whether its files are linked against it."""
        if any(platform.startswith(("manylinux", "musllinux")) for platform in self.platforms):
            return any(platform.startswith("musllinux") for platform in self.platforms)
        return any(is_musl(library) for elf in self.elf for library in elf.needed)

    @property
    def is_abi3(self) -> bool:
        return any(tag.abi.startswith("abi3") for tag in self.tags)

    @property
    def extension_modules(self) -> tuple[ElfFacts, ...]:
        return tuple(elf for elf in self.elf if elf.is_extension_module)
