"""What is wrong with a wheel for its target: every problem found, as sentences that name the file."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import PureWheelError, VerificationError
from crosswheel.model import Glibc, Target
from crosswheel.wheels.exports import libc_exports, python_exports
from crosswheel.wheels.facts import ElfFacts, WheelFacts
from crosswheel.wheels.libc import libc_notes, libc_problems
from crosswheel.wheels.symbols import glibc_problems, missing_symbols, needed_problems, outside_libraries
from crosswheel.wheels.tagging import (
    promised_glibc,
    suffix_problems,
    suffix_tag,
    suffix_tag_of,
    tag_problems,
)

__all__ = ["expect_platform_wheel", "libc_exports", "notes", "problems", "python_exports"]

_NOTHING: Mapping[str, Glibc] = MappingProxyType({})
_MACHINES: dict[tuple[int, int, str], str] = {
    (row.machine, row.bits, row.order): row.name for row in ARCHITECTURES.values()
}
_LINKERS_OWN = frozenset({"_init", "_fini", "__bss_start", "_edata", "_end"})  # exported by GNU ld
_SYSTEM_DIRECTORIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local")


def problems(
    facts: WheelFacts,
    *,
    target: Target,
    floor: Glibc | None,
    python_exports: frozenset[str] | None,
    libc_exports: Mapping[str, Glibc] = _NOTHING,
) -> tuple[str, ...]:
    """Everything that forbids a wheel to leave.

    :param floor: the newest glibc whose symbols it may need, besides what its own tag promises; None where
        the tag alone decides. For musl nothing depends on it: its symbols have no versions.
    :param python_exports: the dynamic symbols of the target's Python (``python_exports()``); None where there is
        no such Python at hand: then it is not judged whether every symbol will be there.
    :param libc_exports: the symbols of the target's C library and the glibc that each came with
        (``libc_exports()``). Every Python process has them, so an object may use them without saying so:
        numpy does with ``dladdr``. Without them each such symbol is a problem.
    """
    promise = promised_glibc(facts)
    floors = (promise, floor) if target.libc == "manylinux" else ()
    limit = min((glibc for glibc in floors if glibc is not None), default=None)
    reason = "that its tag promises" if limit == promise else "that it was built for"
    offered = {name for name, since in libc_exports.items() if limit is None or since <= limit}
    return (
        *tag_problems(facts, target),
        *_presence_problems(facts),
        *_machine_problems(facts, target),
        *suffix_problems(facts, target),
        *_init_problems(facts),
        *_search_path_problems(facts),
        *libc_problems(facts, target),
        *needed_problems(facts, _policies(facts)),
        *(glibc_problems(facts, limit, reason) if limit is not None else ()),
        *(missing_symbols(facts, python_exports | offered) if python_exports is not None else ()),
    )


def _policies(facts: WheelFacts) -> str:
    """The kind of policies that its tags name; empty where they name none."""
    named = (name for name in ("manylinux", "musllinux") for tag in facts.platforms if tag.startswith(name))
    return next(named, "")


def notes(facts: WheelFacts) -> tuple[str, ...]:
    """What a person may want to know of a wheel, though it may leave."""
    debug = [elf.path for elf in facts.elf if elf.has_debug]
    found = [
        f"{library} is not in the wheel: the user's machine must have it"
        for library in outside_libraries(facts)
    ]
    found += libc_notes(facts)
    if debug:
        found.append(f"debug information is still in {_some(debug)}: stripping would make the wheel smaller")
    found += [
        f"{elf.path} looks for libraries in {entry} of the user's machine"
        for elf, entry in _search_path(facts)
        if _is_system(entry)
    ]
    found += [
        f"{elf.path} is a module whose name says nothing of its interpreter: every Python tries to load it"
        for elf in facts.extension_modules
        if not suffix_tag(elf) and not elf.is_grafted and elf.path.endswith(".so")
    ]
    if facts.root_is_purelib and facts.elf:
        found.append(
            f"the WHEEL file of {facts.filename} says Root-Is-Purelib: true though it has compiled files"
        )
    return tuple(found)


def expect_platform_wheel(facts: WheelFacts, left_out: Sequence[str] = ()) -> None:
    """Refuse a wheel without compiled code before it is repaired.

    :param left_out: the extension modules that the build did without, each a clause with its cause.
    :raises PureWheelError: the wheel's tag says that it runs on every platform.
    :raises VerificationError: it is tagged for a platform, but nothing in it is compiled.
    """
    told = tuple(f"the build left out {one}" for one in left_out)
    if facts.is_pure:
        raise PureWheelError(
            f"the build made a pure-Python wheel, {facts.filename}",
            cause="; ".join(told) or _why_pure(facts),
            remedy="build it once with `python -m build --wheel`; if it should have compiled code, find out"
            " why the project left its extension modules out",
        )
    if absent := tuple(_presence_problems(facts)):
        raise VerificationError(facts.filename, (*absent, *told))


def _why_pure(facts: WheelFacts) -> str:
    if facts.elf:
        return "it has compiled code, but the build backend tagged it for every platform"
    return "it has no compiled code, so that one build of it serves every platform"


def _presence_problems(facts: WheelFacts) -> Iterator[str]:
    compiled = {elf.path for elf in facts.elf}
    for file in facts.files:
        if suffix_tag_of(file) and file not in compiled:
            yield f"{file} is named as an extension module but is no compiled file"
    if not facts.elf and not facts.is_pure:
        yield f"{facts.filename} is tagged for a platform, but no compiled file is in it"


def _machine_problems(facts: WheelFacts, target: Target) -> Iterator[str]:
    arch = target.arch
    for elf in facts.elf:
        if (elf.machine, elf.bits, elf.order) != (arch.machine, arch.bits, arch.order):
            yield f"{elf.path} is for {_machine(elf)}, not for {arch.name}"


def _machine(elf: ElfFacts) -> str:
    described = f"ELF machine {elf.machine}, {elf.bits} bits, {elf.order}-endian"
    name = _MACHINES.get((elf.machine, elf.bits, elf.order))
    return f"{name} ({described})" if name else described


def _init_problems(facts: WheelFacts) -> Iterator[str]:
    for elf in facts.elf:
        if suffix_tag(elf) and not elf.is_extension_module and not _is_plain_library(elf):
            yield f"{elf.path} is named as an extension module but exports no PyInit_ function"


def _is_plain_library(elf: ElfFacts) -> bool:
    """Whether it is for ctypes or cffi, whatever its suffix: pycryptodome's are named ``_AES.abi3.so``."""
    uses_python = any(symbol.name.startswith(("Py", "_Py")) for symbol in elf.undefined)
    return not uses_python and bool(elf.defined - _LINKERS_OWN)


def _search_path_problems(facts: WheelFacts) -> Iterator[str]:
    for elf, entry in _search_path(facts):
        if not _is_system(entry):
            yield f"{elf.path} has a path of the build machine in its RPATH or RUNPATH: {entry or '(empty)'}"


def _search_path(facts: WheelFacts) -> Iterator[tuple[ElfFacts, str]]:
    """The entries that do not lead from the file itself."""
    for elf in facts.elf:
        for entry in (*elf.rpath, *elf.runpath):
            if not entry.startswith(("$ORIGIN", "${ORIGIN}")):
                yield elf, entry


def _is_system(entry: str) -> bool:
    return any(entry == directory or entry.startswith(f"{directory}/") for directory in _SYSTEM_DIRECTORIES)


def _some(paths: list[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
