"""What differs between two wheels of one project and target, as far as a user of them may notice.

What every build does in its own way is no difference: the order of archives, the names of grafted libraries
(their hash), debug information, which of glibc's own libraries an object names, RECORD.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from crosswheel.model import Difference, Glibc
from crosswheel.wheels import objects
from crosswheel.wheels.facts import ElfFacts, WheelFacts
from crosswheel.wheels.naming import PLAIN, Names, graft_stem, listed
from crosswheel.wheels.symbols import glibc_of
from crosswheel.wheels.tagging import promised_glibc, suffix_tag

__all__ = ["Names", "differences", "file_key", "glibc_needed"]

# Written by the build backend and by the repair in their own ways; entry_points.txt is what a user meets.
_INFO_THAT_MATTERS = "entry_points.txt"
_SMALL = 1024  # bytes: below, twice the size is nothing


def differences(mine: WheelFacts, other: WheelFacts, names: Names = PLAIN) -> tuple[Difference, ...]:
    """Every difference, those that matter first.

    A floor below the other's is a difference that does not matter, one above it does.

    :param mine: the wheel that is judged; read with ``instructions=True`` if processors are to be compared.
    :param other: the one that it is judged by.
    :param names: what the two are called in sentences.
    """
    found = (
        *_tags(mine, other, names),
        *_metadata(mine, other, names),
        *_files(mine, other, names),
        *_grafted(mine, other, names),
        *_floors(mine, other, names),
        *_modules(mine, other, names),
    )
    return tuple(sorted(found, key=lambda difference: not difference.matters))


def file_key(path: str) -> str:
    """What a file is called in both wheels: without the spelling of the project's name and the version.

    ``MarkupSafe-3.0.2.dist-info/METADATA`` and ``markupsafe-3.0.2.dist-info/METADATA`` are one file.
    """
    top, separator, rest = path.partition("/")
    for ending in (".dist-info", ".data"):
        if top.endswith(ending):
            return f"*{ending}{separator}{rest}"
    return path


def glibc_needed(facts: WheelFacts) -> tuple[Glibc, ElfFacts, str] | None:
    """The newest glibc that a wheel's files need, the file, and the symbol (or the bare version)."""
    needs = [
        (glibc, elf, version)
        for elf in facts.elf
        for _, version in elf.versions
        if (glibc := glibc_of(version)) is not None
    ]
    if not needs:
        return None
    glibc, elf, version = max(needs, key=lambda need: need[0])
    symbol = next((str(symbol) for symbol in elf.undefined if symbol.version == version), version)
    return glibc, elf, symbol


def _tags(mine: WheelFacts, other: WheelFacts, names: Names) -> Iterator[Difference]:
    if (mine.name, mine.version) != (other.name, other.version):
        text = f"{names.mine} is {mine.name} {mine.version}, {names.other} {other.name} {other.version}"
        yield Difference("tags", text)
    pairs = [
        sorted({f"{tag.interpreter}-{tag.abi}" for tag in facts.tags if _is_specific(facts, tag.interpreter)})
        for facts in (mine, other)
    ]
    if pairs[0] != pairs[1]:
        text = f"{names.mine} is tagged {listed(pairs[0])}, {names.other} {listed(pairs[1])}"
        yield Difference("tags", text)
    kinds = [sorted({_platform_kind(platform) for platform in facts.platforms}) for facts in (mine, other)]
    if kinds[0] != kinds[1]:
        text = f"{names.mine} is for {listed(kinds[0])}, {names.other} for {listed(kinds[1])}"
        yield Difference("tags", text)


def _is_specific(facts: WheelFacts, interpreter: str) -> bool:
    """``py2.py3-none``: what is said of an old Python beside the new one tells nothing."""
    return interpreter != "py2" or all(tag.interpreter == "py2" for tag in facts.tags)


def _platform_kind(platform: str) -> str:
    """``manylinux_2_17_aarch64`` -> ``manylinux aarch64``: the policy is a matter of floors."""
    return re.sub(r"\A(manylinux|musllinux)(?:_\d+_\d+|1|2010|2014)_", r"\1 ", platform)


def _metadata(mine: WheelFacts, other: WheelFacts, names: Names) -> Iterator[Difference]:
    ours, theirs = ({_requirement(line) for line in facts.requires} for facts in (mine, other))
    for who, only in ((names.mine, ours - theirs), (names.other, theirs - ours)):
        if only:
            yield Difference("metadata", f"only {who} requires {listed(sorted(only))}")
    pythons = ["".join(facts.requires_python.split()) for facts in (mine, other)]
    if set(pythons[0].split(",")) != set(pythons[1].split(",")):
        said = [f"Python {python}" if python else "any Python" for python in pythons]
        yield Difference("metadata", f"{names.mine} requires {said[0]}, {names.other} {said[1]}")


def _requirement(line: str) -> str:
    """A requirement in one spelling."""
    try:
        found = Requirement(line)
    except InvalidRequirement:
        return line
    found.name = canonicalize_name(found.name)
    return str(found).replace('"', "'")


def _files(mine: WheelFacts, other: WheelFacts, names: Names) -> Iterator[Difference]:
    """Plain files; extension modules and libraries have rules of their own."""
    ours, theirs = _plain(mine), _plain(other)
    for who, only in ((names.mine, ours.keys() - theirs.keys()), (names.other, theirs.keys() - ours.keys())):
        serious = sorted(path for path in only if not _is_housekeeping(path))
        if serious:
            yield Difference("files", f"only {who} has {listed(serious)}")
    for path in sorted(ours.keys() & theirs.keys()):
        sizes = ours[path], theirs[path]
        if not _is_housekeeping(path) and max(sizes) >= _SMALL and max(sizes) > 2 * min(sizes):
            text = f"{path} has {sizes[0]} bytes in {names.mine}, {sizes[1]} in {names.other}"
            yield Difference("sizes", text)


def _plain(facts: WheelFacts) -> dict[str, int]:
    compiled = {elf.path for elf in facts.elf}
    sizes = zip(facts.files, facts.sizes or (0,) * len(facts.files), strict=True)
    return {file_key(path): size for path, size in sizes if path not in compiled}


def _is_housekeeping(path: str) -> bool:
    return path.startswith("*.dist-info/") and PurePosixPath(path).name != _INFO_THAT_MATTERS


def _grafted(mine: WheelFacts, other: WheelFacts, names: Names) -> Iterator[Difference]:
    ours, theirs = ({graft_stem(elf.name) for elf in facts.elf if elf.is_grafted} for facts in (mine, other))
    if ours - theirs:
        yield Difference("libraries", f"only {names.mine} carries {listed(sorted(ours - theirs))}", False)
    if theirs - ours:
        yield Difference("libraries", f"only {names.other} carries {listed(sorted(theirs - ours))}")


def _floors(mine: WheelFacts, other: WheelFacts, names: Names) -> Iterator[Difference]:
    ours, theirs = _floor(mine), _floor(other)
    if ours is None or theirs is None or ours == theirs:
        return
    said = [".".join(map(str, floor)) for floor in (ours, theirs)]
    text = f"{names.mine} needs glibc {said[0]}, {names.other} {said[1]}"
    found = glibc_needed(mine)
    if ours > theirs and found is not None and found[0] > theirs:
        text += f": {found[1].path} takes {found[2]}"
    yield Difference("floors", text, ours > theirs)


def _floor(facts: WheelFacts) -> Glibc | None:
    """What the tag promises, or what the files need where that is more or nothing is promised."""
    needed = glibc_needed(facts)
    known = [glibc for glibc in (promised_glibc(facts), needed[0] if needed else None) if glibc is not None]
    return max(known, default=None)


def _modules(mine: WheelFacts, other: WheelFacts, names: Names) -> Iterator[Difference]:
    ours, theirs = _objects(mine), _objects(other)
    for who, only in ((names.mine, ours.keys() - theirs.keys()), (names.other, theirs.keys() - ours.keys())):
        if only:
            found = ours if who == names.mine else theirs
            modules = sorted(found[key].path for key in only)
            noun = "compiled file" if len(modules) == 1 else "compiled files"
            yield Difference("modules", f"only {who} has the {noun} {listed(modules)}")
    for key in sorted(ours.keys() & theirs.keys()):
        yield from objects.differences(ours[key], theirs[key], (mine, other), names)


def _objects(facts: WheelFacts) -> dict[str, ElfFacts]:
    """The compiled files of the project itself, without what names an interpreter (``pkg/_speedups``)."""
    return {
        file_key(elf.path.removesuffix(f".{suffix_tag(elf)}.so").removesuffix(".so")): elf
        for elf in facts.elf
        if not elf.is_grafted
    }
