"""What a program of the machine says of itself, and what its file does."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from crosswheel.architectures import ARCHITECTURES
from crosswheel.process import briefly

_HEAD = 128  # bytes: the header of an ELF file, or the line of #!
_PATIENCE = 3.0  # seconds; a program that prints its version needs a hundredth of one


@dataclass(frozen=True)
class Linking:
    """How an ELF program is linked.

    :param loader: the program that loads its libraries (``PT_INTERP``); None where it is static.
    :param movable: whether it runs at any address (``ET_DYN``: position independent).
    """

    loader: Path | None
    movable: bool


def linking(path: Path) -> Linking | None:
    """How a program is linked; None for what is no ELF file, a script for example.

    :raises OSError: it cannot be read.
    """
    from elftools.elf.elffile import ELFFile  # noqa: PLC0415 -- slow to import, and most runs need none of it
    from elftools.elf.segments import InterpSegment  # noqa: PLC0415

    with path.open("rb") as file:
        if file.read(4) != b"\x7fELF":
            return None
        elf = ELFFile(file)
        loaders = [segment for segment in elf.iter_segments() if isinstance(segment, InterpSegment)]
        loader = Path(loaders[0].get_interp_name()) if loaders else None
        return Linking(loader, elf["e_type"] == "ET_DYN")


def is_static(path: Path) -> bool:
    """Whether an ELF program needs nothing of the root it runs in."""
    found = linking(path)
    return found is not None and found.loader is None


def version(path: Path) -> str | None:
    """The version that a program prints (``11.1.2``); None where it does not run.

    :param path: the program, called with ``--version``.
    """
    try:
        completed = briefly([path, "--version"], within=_PATIENCE)
    except OSError:  # TimeoutError is one
        return None
    found = re.search(r"\d+(?:\.\d+)+", completed.output)
    return found.group() if found and completed.returncode == 0 else None


def program(path: Path) -> tuple[str, str] | None:
    """What starts a file: the architecture of an ELF file (empty for others), and its loader or what ``#!`` names.

    :return: None where there is no file that can be read.
    """
    from elftools.common.exceptions import ELFError  # noqa: PLC0415 -- as above

    try:
        if not path.is_file():  # a pipe would be waited for
            return None
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if not head.startswith(b"\x7fELF"):
            words = head.splitlines()[0][2:].split() if head.startswith(b"#!") else []
            return "", os.fsdecode(words[0]) if words else ""
        found = linking(path)
    except (OSError, ValueError, ELFError):  # a name may be anything that a program printed
        return None
    return architecture(head), str(found.loader) if found and found.loader else ""


def architecture(head: bytes) -> str:
    """The architecture of an ELF file by its first 20 bytes (System V ABI, ELF header)."""
    bits, order = {1: 32, 2: 64}.get(head[4]), {1: "little", 2: "big"}.get(head[5])
    machine = int.from_bytes(head[18:20], "big" if order == "big" else "little")
    for arch in ARCHITECTURES.values():
        if (arch.machine, arch.bits, arch.order) == (machine, bits, order):
            return arch.name
    return f"ELF machine {machine}"
