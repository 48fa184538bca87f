"""What differs between two builds of one compiled file."""

from collections.abc import Iterator

from crosswheel.model import Difference
from crosswheel.wheels.facts import INIT_PREFIXES, ElfFacts, WheelFacts
from crosswheel.wheels.naming import Names, graft_stem, listed
from crosswheel.wheels.tagging import suffix_tag

# Libraries that come with every glibc and gcc: which of them an object names is up to its linker.
_OF_EVERY_LINK = frozenset(
    ("libc", "libm", "libdl", "libpthread", "librt", "libutil", "libgcc_s", "libatomic", "ld-linux-aarch64",
     "ld-linux-armhf", "ld-linux-x86-64", "ld-linux", "ld64", "ld-linux-riscv64-lp64d", "ld")
)  # fmt: skip
# A static C++ runtime on the one side is a library on the other: both serve.
_CPP_RUNTIMES = frozenset(("libstdc++", "libc++", "libc++abi", "libunwind"))
_ENOUGH_CODE = 16_384  # bytes: below, what compilers add and leave out outweighs what is compiled
_CPP_RUNTIME = 300_000  # bytes of it that a file may hold: zig links all of libc++ in, gcc-toolset new parts
_ENOUGH_VECTORS = 64
_FEWER = 10  # times
# Set aside: C++ (what is inlined is up to the compiler), names of the toolchain's own.
_NOT_THE_PROJECTS = ("_", *INIT_PREFIXES)
# What only a program that asks for it uses, and what it is used for: arithmetic that was made fast by hand.
_FAST_PATHS = ("SVE", "dot product", "i8mm", "bf16", "fp16", "RDM", "complex numbers", "AES, SHA", "CRC32",
               "SHA3, SHA512")  # fmt: skip


def differences(
    mine: ElfFacts, other: ElfFacts, wheels: tuple[WheelFacts, WheelFacts], names: Names
) -> Iterator[Difference]:
    """Every difference of two builds of one file.

    :param wheels: those that the two are in.
    """
    if mine.machine != other.machine:
        text = (
            f"{mine.path} is for ELF machine {mine.machine} in {names.mine}, {other.machine} in {names.other}"
        )
        yield Difference("modules", text)
        return  # nothing else can be compared
    if suffix_tag(mine) != suffix_tag(other):
        yield Difference("modules", f"{names.mine} has {mine.path}, {names.other} {other.path}")
    if mine.inits != other.inits:
        text = f"{mine.path} exports {listed(mine.inits)} in {names.mine}, {listed(other.inits)} in {names.other}"
        yield Difference("modules", text)
    yield from _needed(mine, other, wheels, names)
    yield from _sizes(mine, other, names)
    yield from _symbols(mine, other, names)
    yield from _processor(mine, other, names)


def _needed(
    mine: ElfFacts, other: ElfFacts, wheels: tuple[WheelFacts, WheelFacts], names: Names
) -> Iterator[Difference]:
    ours, theirs = (_outside(elf, facts) for elf, facts in zip((mine, other), wheels, strict=True))
    for who, only in ((names.mine, ours - theirs), (names.other, theirs - ours)):
        for serious, libraries in ((True, only - _CPP_RUNTIMES), (False, only & _CPP_RUNTIMES)):
            if libraries:
                text = f"{mine.path} needs {listed(sorted(libraries))} in {who} only"
                yield Difference("libraries", text, serious)


def _outside(elf: ElfFacts, wheel: WheelFacts) -> frozenset[str]:
    """The libraries that a file takes from the user's machine, by their stems."""
    inside = {name for other in wheel.elf for name in (other.name, other.soname)}
    stems = {graft_stem(library) for library in elf.needed if library not in inside}
    return frozenset(stem for stem in stems - _OF_EVERY_LINK if "musl" not in stem)


def _sizes(mine: ElfFacts, other: ElfFacts, names: Names) -> Iterator[Difference]:
    """By the instructions: debug information and symbol tables are nobody's loss."""
    ours, theirs = mine.code_size, other.code_size
    if max(ours, theirs) < _ENOUGH_CODE or max(ours, theirs) <= 2 * min(ours, theirs):
        return
    text = f"{mine.path} has {ours} bytes of code in {names.mine}, {theirs} in {names.other}"
    runtime = _CPP_RUNTIME if mine.uses_cpp and other.uses_cpp else 0
    yield Difference("sizes", text, max(ours, theirs) > 2 * min(ours, theirs) + runtime)


def _symbols(mine: ElfFacts, other: ElfFacts, names: Names) -> Iterator[Difference]:
    ours, theirs = (
        {name for name in elf.defined if not name.startswith(_NOT_THE_PROJECTS)} for elf in (mine, other)
    )
    if ours - theirs:
        yield Difference(
            "symbols", f"{mine.path} exports {listed(sorted(ours - theirs))} in {names.mine} only", False
        )
    if theirs - ours:
        yield Difference(
            "symbols", f"{mine.path} exports {listed(sorted(theirs - ours))} in {names.other} only"
        )


def _processor(mine: ElfFacts, other: ElfFacts, names: Names) -> Iterator[Difference]:
    if mine.cpu is None or other.cpu is None:
        return
    more = sorted(set(mine.cpu.needs) - set(other.cpu.needs))
    less = sorted(set(other.cpu.needs) - set(mine.cpu.needs))
    if more:
        yield Difference("processor", f"{mine.path} needs {listed(more)} in {names.mine} only")
    if less:
        yield Difference("processor", f"{mine.path} needs {listed(less)} in {names.other} only", False)
    ours, theirs = dict(mine.cpu.uses), dict(other.cpu.uses)
    lost = [name for name in _FAST_PATHS if name in theirs and name not in ours]
    if lost:
        text = (
            f"{mine.path} has instructions of {listed(lost)} in {names.other} only: a fast path may be lost"
        )
        yield Difference("processor", text)
    new = sorted(ours.keys() - theirs.keys())
    if new:
        where = f"{mine.path} has instructions of {listed(new)} in {names.mine} only"
        text = f"{where}: processors without them may fail"
        yield Difference("processor", text)
    if other.cpu.vectors >= _ENOUGH_VECTORS and mine.cpu.vectors * _FEWER < other.cpu.vectors:
        text = (
            f"{mine.path} has {mine.cpu.vectors} vector instructions in {names.mine}, {other.cpu.vectors} in"
            f" {names.other}: a fast path may be lost"
        )
        yield Difference("processor", text)
