"""Whether everything that a wheel's objects take from elsewhere will be there when they are loaded.

auditwheel looks at symbol versions only, and ``-shared`` lets a link end with undefined symbols: an
unversioned one that nothing provides (``memfd_create`` out of a static libffi, ``_Unwind_Resume`` without
libgcc_s) passes both and fails at ``import``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crosswheel.model import Glibc
from crosswheel.musl import is_musl
from crosswheel.wheels.facts import ElfFacts, Undefined, WheelFacts

_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)")
_NAMED_GLIBC: dict[str, Glibc] = {"GLIBC_ABI_DT_RELR": (2, 36)}  # versions that stand for a feature of ld.so
_LOADERS = ("ld-linux", "ld64.so", "ld.so")
_LIBPYTHON = re.compile(r"libpython\d")
_NAMES_SHOWN = 5

# Libraries that give every symbol a version: an unversioned symbol is not one of theirs.
_VERSIONED = frozenset(
    {
        "libanl.so.1",
        "libatomic.so.1",
        "libc.so.6",
        "libcrypt.so.1",
        "libdl.so.2",
        "libgcc_s.so.1",
        "libm.so.6",
        "libmvec.so.1",
        "libnsl.so.1",
        "libpthread.so.0",
        "libresolv.so.2",
        "librt.so.1",
        "libstdc++.so.6",
        "libutil.so.1",
    }
)
# Libraries of the manylinux policies (PEP 513, PEP 600) without versions, or with symbols older than the
# first of them, and how the names of their symbols begin.
_UNVERSIONED: dict[str, tuple[str, ...]] = {
    "libX11.so.6": ("X", "_X"),
    "libXext.so.6": ("X", "Dbe", "DPMS"),
    "libXrender.so.1": ("XRender",),
    "libICE.so.6": ("Ice", "_Ice"),
    "libSM.so.6": ("Sm", "_Sm"),
    "libGL.so.1": ("gl",),
    "libgobject-2.0.so.0": ("g_",),
    "libgthread-2.0.so.0": ("g_thread",),
    "libglib-2.0.so.0": ("g_", "glib_"),
    "libexpat.so.1": ("XML_",),
    "libz.so.1": (
        "adler32",
        "compress",
        "crc32",
        "deflate",
        "get_crc_table",
        "gz",
        "inflate",
        "uncompress",
        "z",
    ),
}
_OF_MANYLINUX = _VERSIONED | _UNVERSIONED.keys()
_OF_MUSLLINUX = frozenset({"libz.so.1"})  # auditwheel's musllinux-policy.json


def missing_symbols(facts: WheelFacts, offered: frozenset[str]) -> Iterator[str]:
    """Undefined symbols that nothing provides, one sentence for each object.

    :param offered: what every process of the target's Python has: its own symbols and its C library's.
    """
    wheel = _Libraries.of(facts)
    for elf in facts.elf:
        scope = wheel.scope(elf)
        missing = [str(symbol) for symbol in elf.undefined if not _provided(symbol, scope, wheel, offered)]
        if missing:
            shown = ", ".join(missing[:_NAMES_SHOWN])
            more = f" and {len(missing) - _NAMES_SHOWN} more" if len(missing) > _NAMES_SHOWN else ""
            yield f"{elf.path} needs {shown}{more}, which no library that it loads provides"


def glibc_problems(facts: WheelFacts, limit: Glibc, reason: str) -> Iterator[str]:
    """Versions of glibc's symbols above a limit, one sentence for each object.

    :param reason: what sets the limit, for the sentence.
    """
    for elf in facts.elf:
        above = sorted({version for _, version in elf.versions if _is_above(version, limit)}, key=_height)
        if above:
            version = above[-1]
            users = [str(symbol) for symbol in elf.undefined if symbol.version == version]
            what = ", ".join(users[:_NAMES_SHOWN]) or version
            yield f"{elf.path} needs {what}, above the glibc {limit[0]}.{limit[1]} {reason}"


def needed_problems(facts: WheelFacts, policies: str) -> Iterator[str]:
    """NEEDED entries that no machine but the one that built the wheel can serve.

    :param policies: those that its tags name (``manylinux``, PEP 513; ``musllinux``, PEP 656); empty for none.
    """
    for elf in facts.elf:
        for library in elf.needed:
            if "/" in library:
                yield f"{elf.path} needs a library by a path of the build machine: {library}"
            elif policies and _LIBPYTHON.match(library):
                pep = {"manylinux": "PEP 513", "musllinux": "PEP 656"}[policies]
                yield f"{elf.path} is linked with {library}, which {policies} forbids ({pep})"


def outside_libraries(facts: WheelFacts) -> tuple[str, ...]:
    """Libraries that neither the wheel nor the manylinux policies have: the user's machine must."""
    wheel = _Libraries.of(facts)
    return tuple(
        sorted({library for elf in facts.elf for library in elf.needed if _is_outside(library, wheel)})
    )


@dataclass(frozen=True)
class _Libraries:
    """The objects of a wheel by the names under which others need them.

    :param grafted: what all grafted libraries define.
    :param allowed: the libraries that its policies let every machine have, besides the C library.
    """

    objects: dict[str, ElfFacts]
    grafted: frozenset[str]
    allowed: frozenset[str]

    @classmethod
    def of(cls, facts: WheelFacts) -> "_Libraries":
        objects = {name: elf for elf in facts.elf for name in (elf.name, elf.soname) if name}
        grafted = frozenset().union(*(elf.defined for elf in facts.elf if elf.is_grafted))
        return cls(objects, grafted, _OF_MUSLLINUX if facts.is_for_musl else _OF_MANYLINUX)

    def scope(self, elf: ElfFacts) -> frozenset[str]:
        """The names of all libraries that are loaded with an object, as far as the wheel tells."""
        found: set[str] = set()
        open_ = list(elf.needed)
        while open_:
            library = open_.pop()
            if library not in found:
                found.add(library)
                inside = self.objects.get(library)
                open_ += inside.needed if inside else ()
        return frozenset(found)


def _provided(symbol: Undefined, scope: frozenset[str], wheel: _Libraries, offered: frozenset[str]) -> bool:
    if symbol.weak or symbol.name in wheel.grafted:
        return True
    inside = [wheel.objects[library].defined for library in scope if library in wheel.objects]
    if any(symbol.name in defined for defined in inside):
        return True
    if symbol.version:
        return symbol.library in scope - wheel.objects.keys() or symbol.library.startswith(_LOADERS)
    if symbol.name in offered:
        return True
    return any(
        _is_outside(library, wheel) or symbol.name.startswith(_UNVERSIONED.get(library, ("\0",)))
        for library in scope
    )


def _is_outside(library: str, wheel: _Libraries) -> bool:
    return not (
        library in wheel.objects
        or library in wheel.allowed
        or is_musl(library)
        or library.startswith(_LOADERS)
    )


def glibc_of(version: str) -> Glibc | None:
    """The glibc that a symbol version stands for; None where it stands for no release (``GLIBC_PRIVATE``)."""
    match = _GLIBC.match(version)
    return (int(match[1]), int(match[2])) if match else _NAMED_GLIBC.get(version)


def _is_above(version: str, limit: Glibc) -> bool:
    return version.startswith("GLIBC_") and _height(version) > limit


def _height(version: str) -> Glibc:
    return glibc_of(version) or (99, 0)  # no release promises it: above all of them
