"""Read one ELF file into facts (pyelftools does the parsing)."""

import io
import struct
from collections.abc import Iterator
from typing import Any

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from crosswheel.wheels.cpu import code, cpu
from crosswheel.wheels.facts import ElfFacts, Undefined

MAGIC = b"\x7fELF"
_MACHINE_OFFSET = 18  # e_machine, a half word (System V ABI, ELF header)
_HIDDEN_VERSION = 0x8000  # the top bit of an index in .gnu.version
_DEBUG_SECTIONS = (".debug_info", ".zdebug_info")

# Every C++ runtime has its classes of run-time type information in this namespace (Itanium C++ ABI 2.9.5):
# their mangled names stay in a stripped object that has the runtime inside, and in one that takes it from
# libstdc++. An object without any type information still names the other functions.
_CPP_MARK = b"N10__cxxabiv1"
_CPP_SYMBOLS = (
    "__cxa_throw",
    "__cxa_begin_catch",
    "__gxx_personality",
    "__cxa_pure_virtual",
    "_ZTI",
    "_ZSt",
    "_ZNSt",
)
_CPP_LIBRARIES = ("libstdc++.", "libstdc++-", "libc++.", "libc++-", "libc++abi.")

# What pyelftools raises on rubbish, as it is written with valid files in mind.
_PARSER_ERRORS = (ELFError, ValueError, LookupError, TypeError, AttributeError, AssertionError, OverflowError)


class UnreadableElfError(Exception):
    """A file that starts as an ELF file and cannot be read as one."""


def read_elf(path: str, data: bytes, *, instructions: bool = False) -> ElfFacts:
    """Read an ELF file.

    :param path: the name for it in the facts.
    :param instructions: look for what it asks of the processor too: a second for 10 MB of code.
    :raises UnreadableElfError: it is cut off or rubbish.
    """
    try:
        return _read(path, data, instructions)
    except _PARSER_ERRORS as error:
        raise UnreadableElfError(str(error) or type(error).__name__) from error


def exported_versions(data: bytes) -> tuple[tuple[str, str], ...]:
    """Every ``(symbol, version)`` that a library exports, also older versions of a symbol.

    :raises UnreadableElfError: it is cut off or rubbish.
    """
    try:
        elf = ELFFile(io.BytesIO(data))
        versions = _version_definitions(elf)
        symbols = tuple(_dynamic_symbols(elf))
    except _PARSER_ERRORS as error:
        raise UnreadableElfError(str(error) or type(error).__name__) from error
    return tuple(
        (name, versions.get(index, "")) for name, _, is_undefined, index in symbols if not is_undefined
    )


def _read(path: str, data: bytes, instructions: bool) -> ElfFacts:
    elf = ELFFile(io.BytesIO(data))
    order = "little" if elf.little_endian else "big"
    (machine,) = struct.unpack_from("<H" if elf.little_endian else ">H", data, _MACHINE_OFFSET)
    dynamic = _dynamic(elf)
    undefined, defined = _symbols(elf)
    needed = tuple(dynamic.get("DT_NEEDED", ()))
    return ElfFacts(
        path=path,
        machine=machine,
        bits=elf.elfclass,
        order=order,
        soname=next(iter(dynamic.get("DT_SONAME", ())), ""),
        needed=needed,
        versions=tuple(dict.fromkeys(_version_needs(elf).values())),
        undefined=undefined,
        defined=defined,
        rpath=_entries(dynamic.get("DT_RPATH", ())),
        runpath=_entries(dynamic.get("DT_RUNPATH", ())),
        has_debug=any(elf.get_section_by_name(name) is not None for name in _DEBUG_SECTIONS),
        uses_cpp=_uses_cpp(data, needed, defined | {symbol.name for symbol in undefined}),
        is_stripped=elf.get_section_by_name(".symtab") is None,
        size=len(data),
        code_size=sum(section["sh_size"] for section in code(elf)),
        cpu=cpu(elf, machine) if instructions else None,
        loader=_loader(elf),
    )


def _loader(elf: Any) -> str:
    segment = next((s for s in elf.iter_segments() if s["p_type"] == "PT_INTERP"), None)
    return str(segment.get_interp_name()) if segment is not None else ""


def _dynamic(elf: Any) -> dict[str, list[str]]:
    """The strings of the dynamic section by their tag."""
    found: dict[str, list[str]] = {}
    attributes = {"DT_NEEDED": "needed", "DT_SONAME": "soname", "DT_RPATH": "rpath", "DT_RUNPATH": "runpath"}
    segment = next((s for s in elf.iter_segments() if s["p_type"] == "PT_DYNAMIC"), None)
    if segment is None:
        return found
    for tag in segment.iter_tags():
        attribute = attributes.get(tag.entry.d_tag)
        if attribute is not None:
            found.setdefault(tag.entry.d_tag, []).append(getattr(tag, attribute))
    return found


def _entries(values: tuple[()] | list[str]) -> tuple[str, ...]:
    return tuple(entry for value in values for entry in value.split(":"))


def _version_needs(elf: Any) -> dict[int, tuple[str, str]]:
    """What each index in ``.gnu.version`` asks for: ``(library, version)``."""
    section = elf.get_section_by_name(".gnu.version_r")
    if section is None:
        return {}
    return {
        auxiliary["vna_other"] & ~_HIDDEN_VERSION: (need.name, auxiliary.name)
        for need, auxiliaries in section.iter_versions()
        for auxiliary in auxiliaries
    }


def _version_definitions(elf: Any) -> dict[int, str]:
    """The version that each index in ``.gnu.version`` gives to a symbol of the object's own."""
    section = elf.get_section_by_name(".gnu.version_d")
    if section is None:
        return {}
    # The first auxiliary entry is the version's name, the next ones its parents.
    return {
        definition["vd_ndx"]: next(auxiliaries).name for definition, auxiliaries in section.iter_versions()
    }


def _symbols(elf: Any) -> tuple[tuple[Undefined, ...], frozenset[str]]:
    needs = _version_needs(elf)
    undefined: list[Undefined] = []
    defined: set[str] = set()
    for name, binding, is_undefined, index in _dynamic_symbols(elf):
        if is_undefined:
            library, version = needs.get(index, ("", ""))
            undefined.append(Undefined(name, version, library, weak=binding == "STB_WEAK"))
        else:
            defined.add(name)
    return tuple(undefined), frozenset(defined)


def _dynamic_symbols(elf: Any) -> Iterator[tuple[str, str, bool, int]]:
    """Name, binding, whether it is undefined, and version index of every global dynamic symbol."""
    symbols = elf.get_section_by_name(".dynsym")
    versions = elf.get_section_by_name(".gnu.version")
    if symbols is None:
        return
    for number, symbol in enumerate(symbols.iter_symbols()):
        binding = symbol["st_info"]["bind"]
        if not symbol.name or binding == "STB_LOCAL":
            continue
        index = versions.get_symbol(number)["ndx"] if versions is not None else 0
        plain = (
            index & ~_HIDDEN_VERSION if isinstance(index, int) else 0
        )  # VER_NDX_LOCAL and _GLOBAL are names
        yield symbol.name, binding, symbol["st_shndx"] == "SHN_UNDEF", plain


def _uses_cpp(data: bytes, needed: tuple[str, ...], names: frozenset[str]) -> bool:
    return (
        _CPP_MARK in data
        or any(library.startswith(_CPP_LIBRARIES) for library in needed)
        or any(name.startswith(_CPP_SYMBOLS) for name in names)
    )
