"""Whether a wheel's files are linked against the C library of its target, and against no other."""

from collections.abc import Iterator

from crosswheel import musl
from crosswheel.errors import VerificationError
from crosswheel.model import Libc, Target
from crosswheel.wheels.facts import ElfFacts, WheelFacts

# Libraries that glibc alone has, with their versions. musl's loader takes most of them for itself, so that such a
# module may even load, and fail at the first function that musl lacks.
_OF_GLIBC = ("libc.so.6", "libm.so.6", "libmvec.so.1", "libpthread.so.0", "libdl.so.2", "librt.so.1",
             "libutil.so.1", "libanl.so.1", "libresolv.so.2", "ld-linux", "ld64.so", "ld.so.1")  # fmt: skip
# What every C library defines and nothing else does.
_INSIDE = frozenset({"__libc_start_main", "__errno_location"})


def libc_problems(facts: WheelFacts, target: Target) -> Iterator[str]:
    """Files that are linked against another C library, or hold one, one sentence for each."""
    needed = {"manylinux": "glibc", "musllinux": "musl"}[target.libc]
    for elf in facts.elf:
        if because := _other(elf, target.libc):
            yield f"{elf.path} is linked against {because}, and a {target.libc} wheel needs {needed}"
        elif target.libc == "musllinux" and elf.loader not in ("", musl.loader(target.arch)):
            yield f"{elf.path} is run by {elf.loader}, which is not the loader of musl for {target.arch.name}"
        if not elf.loader and elf.defined >= _INSIDE:
            yield f"{elf.path} has a C library of its own inside, beside that of the process"


def expect_libc(facts: WheelFacts, target: Target) -> None:
    """Refuse a wheel with files of another C library before it is repaired: auditwheel would pass over them.

    :raises VerificationError: it has some.
    """
    if found := tuple(libc_problems(facts, target)):
        raise VerificationError(facts.filename, found)


def libc_notes(facts: WheelFacts) -> list[str]:
    """Functions that not every musl of the policy has."""
    if not facts.is_for_musl:
        return []
    uses = {symbol.name: elf for elf in facts.elf for symbol in elf.undefined if symbol.name in musl.NEWER}
    return [
        f"{elf.path} needs {name}, which musl has since {musl.NEWER[name][0]} (Alpine {musl.NEWER[name][1]})"
        for name, elf in sorted(uses.items())
    ]


def _other(elf: ElfFacts, libc: Libc) -> str:
    """The C library that is not the target's, with how it is known; empty where there is none."""
    if libc == "manylinux":
        return next((f"musl ({library})" for library in elf.needed if musl.is_musl(library)), "")
    names = (*elf.needed, *(version for _, version in elf.versions))
    return next((f"glibc ({name})" for name in names if name.startswith((*_OF_GLIBC, "GLIBC_"))), "")
