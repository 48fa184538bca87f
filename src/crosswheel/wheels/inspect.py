"""Read a wheel into facts; nothing of it is unpacked to the disk or run."""

import zipfile
import zlib
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

from packaging.tags import Tag, parse_tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from crosswheel.errors import VerificationError
from crosswheel.wheels.elf import MAGIC, UnreadableElfError, read_elf
from crosswheel.wheels.facts import ElfFacts, WheelFacts
from crosswheel.wheels.modules import importable


def inspect(wheel: Path, *, instructions: bool = False) -> WheelFacts:
    """Read a wheel.

    :param instructions: look for what its files ask of the processor too: a second for 10 MB of code.
    :raises VerificationError: it is no wheel, or an ELF file in it cannot be read; all such problems at once.
    """
    try:
        name, version, _, tags = parse_wheel_filename(wheel.name)
    except InvalidWheelFilename as error:
        raise VerificationError(
            wheel.name, (f"{wheel.name} is not the name of a wheel (PEP 427)",)
        ) from error
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = tuple(info for info in archive.infolist() if not info.is_dir())
            files = tuple(info.filename for info in members)
            header = _header_of(wheel.name, archive, files, "WHEEL")
            metadata = _header_of(wheel.name, archive, files, "METADATA")
            elf = _elf_files(wheel.name, archive, instructions)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise VerificationError(
            wheel.name, (f"{wheel.name} is not a readable zip archive: {error}",)
        ) from error
    return WheelFacts(
        filename=wheel.name,
        name=name,
        version=str(version),
        tags=tags,
        stated_tags=_stated_tags(header),
        root_is_purelib=str(header.get("Root-Is-Purelib", "")).strip().lower() == "true",
        files=files,
        elf=elf,
        modules=importable(files),
        sizes=tuple(info.file_size for info in members),
        requires=tuple(str(line).strip() for line in metadata.get_all("Requires-Dist", [])),
        requires_python=str(metadata.get("Requires-Python", "")).strip(),
    )


def _header_of(wheel: str, archive: zipfile.ZipFile, files: tuple[str, ...], name: str) -> Message:
    """What WHEEL or METADATA says."""
    found = [file for file in files if file.count("/") == 1 and file.endswith(f".dist-info/{name}")]
    if len(found) != 1:
        raise VerificationError(wheel, (f"{wheel} has {len(found)} *.dist-info/{name} files instead of one",))
    return HeaderParser().parsestr(archive.read(found[0]).decode(errors="replace"))


def _stated_tags(header: Message) -> frozenset[Tag]:
    lines = [str(line).strip() for line in header.get_all("Tag", [])]
    return frozenset(tag for line in lines if line.count("-") == 2 for tag in parse_tag(line))


def _elf_files(wheel: str, archive: zipfile.ZipFile, instructions: bool) -> tuple[ElfFacts, ...]:
    found: list[ElfFacts] = []
    problems: list[str] = []
    for info in archive.infolist():
        with archive.open(info) as member:
            start = member.read(len(MAGIC))
            if start != MAGIC:
                continue
            data = start + member.read()
        try:
            found.append(read_elf(info.filename, data, instructions=instructions))
        except UnreadableElfError as error:
            problems.append(f"{info.filename} is not a readable ELF file: {error}")
    if problems:
        raise VerificationError(wheel, tuple(problems))
    return tuple(found)
