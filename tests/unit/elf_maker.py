"""Small ELF files and wheels for tests, written byte by byte (System V ABI; LSB for the version sections).

They have what a dynamic linker and auditwheel read, and no code.
"""

import base64
import hashlib
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.tags import parse_tag

_FUNC, _NOTYPE, _WEAK_NOTYPE = 0x12, 0x10, 0x20  # st_info: binding and type
_PROGBITS, _STRTAB, _DYNAMIC, _DYNSYM = 1, 3, 6, 11
_VERDEF, _VERNEED, _VERSYM = 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
_DT_NEEDED, _DT_STRTAB, _DT_SYMTAB, _DT_STRSZ, _DT_SONAME, _DT_RPATH, _DT_RUNPATH = 1, 5, 6, 10, 14, 15, 29
_HARD_FLOAT_EABI5 = 0x05000400
_ARM = 40
_ALLOC_EXECINSTR = 6


@dataclass(frozen=True)
class _Section:
    name: str
    type: int
    data: bytes
    link: str = ""
    info: int = 0
    entry_size: int = 0
    flags: int = 2  # SHF_ALLOC


@dataclass
class _Strings:
    data: bytearray = field(default_factory=lambda: bytearray(b"\0"))

    def add(self, text: str) -> int:
        offset = len(self.data)
        self.data += text.encode() + b"\0"
        return offset


@dataclass(frozen=True)
class _Form:
    """How numbers are written: byte order and ELF class."""

    order: str
    bits: int

    def pack(self, layout: str, *values: int) -> bytes:
        """As ``struct.pack``; ``N`` is a number of the class's size."""
        end = "<" if self.order == "little" else ">"
        return struct.pack(end + layout.replace("N", "Q" if self.bits == 64 else "I"), *values)

    def pick(self, wide: int, narrow: int) -> int:
        return wide if self.bits == 64 else narrow


def make_elf(
    *,
    machine: int = 183,
    bits: int = 64,
    order: str = "little",
    defined: Sequence[str] = (),
    undefined: Sequence[str] = (),
    weak: Sequence[str] = (),
    needed: Sequence[str] = (),
    versions: Mapping[str, str] | None = None,
    soname: str = "",
    rpath: str = "",
    runpath: str = "",
    debug: bool = False,
    text: bytes = b"\0",
    sections: Mapping[str, tuple[int, bytes]] | None = None,
    loader: str = "",
) -> bytes:
    """A shared object.

    :param defined: symbols it exports; ``name@VERSION`` for one with a version.
    :param undefined: symbols it needs; the same form.
    :param weak: symbols that it loads without; the same form.
    :param versions: the library of each version of undefined symbols; ``libc.so.6`` where not told.
    :param text: the bytes of its ``.text``.
    :param sections: further sections by their names: type and bytes.
    :param loader: what runs it (PT_INTERP), if it is a program.
    """
    form, strings = _Form(order, bits), _Strings()
    further = sections or {}
    parts = [
        _Section(".text", _PROGBITS, text, flags=_ALLOC_EXECINSTR),
        *_symbol_sections(form, strings, defined, undefined, weak, versions or {}),
        *([_Section(".debug_info", _PROGBITS, b"\0" * 8)] if debug else []),
        *(_Section(name, kind, data) for name, (kind, data) in further.items()),
        *([_Section(".interp", _PROGBITS, loader.encode() + b"\0")] if loader else []),
    ]
    tags = [(_DT_NEEDED, strings.add(name)) for name in needed]
    paths = ((_DT_SONAME, soname), (_DT_RPATH, rpath), (_DT_RUNPATH, runpath))
    tags += [(tag, strings.add(value)) for tag, value in paths if value]
    parts.append(_Section(".dynstr", _STRTAB, bytes(strings.data)))
    return _assemble(form, machine, parts, tags)


def _symbol_sections(
    form: _Form,
    strings: _Strings,
    defined: Sequence[str],
    undefined: Sequence[str],
    weak: Sequence[str],
    libraries: Mapping[str, str],
) -> list[_Section]:
    def split(names: Sequence[str], info: int, section: int) -> list[tuple[str, str, int, int]]:
        return [(*name.partition("@")[::2], info, section) for name in names]

    mine = split(defined, _FUNC, 1)
    others = split(undefined, _NOTYPE, 0) + split(weak, _WEAK_NOTYPE, 0)
    own = list(dict.fromkeys(version for _, version, _, _ in mine if version))
    wanted = list(dict.fromkeys(version for _, version, _, _ in others if version))
    indexes = {version: number for number, version in enumerate([*own, *wanted], 2)}
    dynsym, versym = _symbol(form, 0, 0, 0), form.pack("H", 0)
    for name, version, info, section in [*mine, *others]:
        dynsym += _symbol(form, strings.add(name), info, section)
        versym += form.pack("H", indexes.get(version, 1))
    need_count, verneed = _verneed(form, strings, wanted, indexes, libraries)
    verdef = _verdef(form, strings, own, indexes)
    sections = [
        _Section(".dynsym", _DYNSYM, dynsym, ".dynstr", 1, form.pick(24, 16)),
        _Section(".gnu.version", _VERSYM, versym, ".dynsym", 0, 2),
        _Section(".gnu.version_r", _VERNEED, verneed, ".dynstr", need_count),
        _Section(".gnu.version_d", _VERDEF, verdef, ".dynstr", len(own)),
    ]
    return [section for section in sections if section.data]


def _symbol(form: _Form, name: int, info: int, section: int) -> bytes:
    if form.bits == 64:
        return form.pack("IBBHQQ", name, info, 0, section, 0, 0)
    return form.pack("IIIBBH", name, 0, 0, info, 0, section)


def _verneed(
    form: _Form,
    strings: _Strings,
    wanted: Sequence[str],
    indexes: Mapping[str, int],
    libraries: Mapping[str, str],
) -> tuple[int, bytes]:
    by_library: dict[str, list[str]] = {}
    for version in wanted:
        by_library.setdefault(libraries.get(version, "libc.so.6"), []).append(version)
    data = b""
    for number, (library, versions) in enumerate(by_library.items(), 1):
        follows = 16 + 16 * len(versions) if number < len(by_library) else 0
        data += form.pack("HHIII", 1, len(versions), strings.add(library), 16, follows)
        for place, version in enumerate(versions, 1):
            more = 16 if place < len(versions) else 0
            data += form.pack("IHHII", 0, 0, indexes[version], strings.add(version), more)
    return len(by_library), data


def _verdef(form: _Form, strings: _Strings, own: Sequence[str], indexes: Mapping[str, int]) -> bytes:
    data = b""
    for place, version in enumerate(own, 1):
        follows = 28 if place < len(own) else 0
        data += form.pack("HHHHIII", 1, 0, indexes[version], 1, 0, 20, follows)
        data += form.pack("II", strings.add(version), 0)
    return data


def _assemble(form: _Form, machine: int, sections: list[_Section], tags: list[tuple[int, int]]) -> bytes:
    """The file: header, program headers, the sections, the table of sections."""
    programs = 3 if any(section.name == ".interp" for section in sections) else 2
    start = form.pick(64 + programs * 56, 52 + programs * 32)
    offsets, body = _lay_out(start, sections)
    size = next(len(section.data) for section in sections if section.name == ".dynstr")
    tags = [
        *tags,
        (_DT_STRTAB, offsets[".dynstr"]),
        (_DT_SYMTAB, offsets[".dynsym"]),
        (_DT_STRSZ, size),
        (0, 0),
    ]
    dynamic = b"".join(form.pack("NN", *tag) for tag in tags)
    names = _Strings()
    sections = [*sections, _Section(".dynamic", _DYNAMIC, dynamic, ".dynstr", 0, form.pick(16, 8))]
    name_offsets = {name: names.add(name) for name in [*(section.name for section in sections), ".shstrtab"]}
    sections.append(_Section(".shstrtab", _STRTAB, bytes(names.data)))
    offsets, body = _lay_out(start, sections)
    end = start + len(body)
    loaded = _program(form, 1, 0, end) + _program(form, 2, offsets[".dynamic"], len(dynamic))
    for section in sections:
        if section.name == ".interp":
            loaded += _program(form, 3, offsets[section.name], len(section.data))
    table = _section_table(form, sections, offsets, name_offsets)
    return _header(form, machine, end, len(sections), programs) + loaded + body + table


def _lay_out(start: int, sections: Sequence[_Section]) -> tuple[dict[str, int], bytes]:
    offsets: dict[str, int] = {}
    body = b""
    for section in sections:
        offsets[section.name] = start + len(body)
        body += section.data + b"\0" * (-len(section.data) % 8)
    return offsets, body


def _section_table(
    form: _Form, sections: Sequence[_Section], offsets: Mapping[str, int], names: Mapping[str, int]
) -> bytes:
    numbers = {section.name: number for number, section in enumerate(sections, 1)}
    table = b"\0" * form.pick(64, 40)
    for section in sections:
        place = offsets[section.name]
        table += form.pack(
            "IINNNN", names[section.name], section.type, section.flags, place, place, len(section.data)
        )
        table += form.pack("IINN", numbers.get(section.link, 0), section.info, 1, section.entry_size)
    return table


def _header(form: _Form, machine: int, table: int, count: int, programs: int) -> bytes:
    ident = b"\x7fELF" + bytes((form.bits // 32, 1 if form.order == "little" else 2, 1)) + b"\0" * 9
    flags = _HARD_FLOAT_EABI5 if machine == _ARM else 0
    size, program, section = form.pick(64, 52), form.pick(56, 32), form.pick(64, 40)
    return (
        ident
        + form.pack("HHINNN", 3, machine, 1, 0, size, table)
        + form.pack("IHHHHHH", flags, size, program, programs, section, count + 1, count)
    )


def _program(form: _Form, kind: int, offset: int, size: int) -> bytes:
    if form.bits == 64:
        return form.pack("IIQQQQQQ", kind, 4, offset, offset, offset, size, size, 8)
    return form.pack("IIIIIIII", kind, offset, offset, offset, size, size, 4, 8)


def make_wheel(
    directory: Path,
    filename: str,
    files: Mapping[str, bytes],
    *,
    tags: Sequence[str] = (),
    purelib: bool = False,
    metadata: str = "",
) -> Path:
    """A wheel with METADATA, WHEEL and RECORD of its own.

    :param tags: the lines of its WHEEL file; by default those of the file name.
    :param metadata: further lines of its METADATA.
    """
    name, version, *tag = filename.removesuffix(".whl").split("-")
    stated = tags or sorted(map(str, parse_tag("-".join(tag))))
    info = f"{name}-{version}.dist-info"
    lines = [
        "Wheel-Version: 1.0",
        f"Root-Is-Purelib: {str(purelib).lower()}",
        *(f"Tag: {tag}" for tag in stated),
    ]
    everything = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}".encode(),
        f"{info}/WHEEL": ("\n".join(lines) + "\n").encode(),
    }
    record = "".join(f"{path},{_digest(data)},{len(data)}\n" for path, data in everything.items())
    everything[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    directory.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(directory / filename, "w") as archive:
        for path, data in everything.items():
            archive.writestr(path, data)
    return directory / filename


def _digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
