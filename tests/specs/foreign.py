"""ELF programs of any architecture, byte by byte (System V ABI, figures 4-3 and 5-1): they have no code."""

import struct
from pathlib import Path

from crosswheel.architectures import ARCHITECTURES

_EXECUTABLE, _LOAD, _INTERP = 2, 1, 3
_BASE = 0x400000


def program(path: Path, arch: str, loader: str = "") -> Path:
    """Write an executable file.

    :param arch: one of 64 bits.
    :param loader: what loads its libraries; empty for a static program.
    """
    row = ARCHITECTURES[arch]
    end = "<" if row.order == "little" else ">"
    body = loader.encode() + bytes(16)
    count = 2 if loader else 1
    start = 64 + 56 * count
    head = b"\x7fELF" + bytes([2, 1 if row.order == "little" else 2, 1]) + bytes(9)
    head += struct.pack(
        f"{end}HHIQQQIHHHHHH", _EXECUTABLE, row.machine, 1, _BASE + start, 64, 0, 0, 64, 56, count, 64, 0, 0
    )
    size = len(loader.encode()) + 1
    if loader:
        head += struct.pack(f"{end}IIQQQQQQ", _INTERP, 4, start, _BASE + start, _BASE + start, size, size, 1)
    whole = start + len(body)
    head += struct.pack(f"{end}IIQQQQQQ", _LOAD, 5, 0, _BASE, _BASE, whole, whole, 0x10000)
    path.write_bytes(head + body)
    path.chmod(0o755)
    return path
