"""What a program of the machine says of itself, and what its file does."""

import re
from dataclasses import dataclass
from pathlib import Path

from crosswheel.process import briefly

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
