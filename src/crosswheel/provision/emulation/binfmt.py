"""The line that tells Linux which program runs ELF files of an architecture.

Source: ``Documentation/admin-guide/binfmt-misc.rst`` of the kernel; since Linux 6.7 the file system can be
mounted in a user namespace, where it concerns that namespace and its children only.
"""

from pathlib import Path

from crosswheel.architectures import Architecture

_CLASS = {32: 1, 64: 2}  # ELFCLASS32, ELFCLASS64
_ORDER = {"little": 1, "big": 2}  # ELFDATA2LSB, ELFDATA2MSB


def magic(arch: Architecture) -> bytes:
    """The first 20 bytes of its executables: ``e_ident``, ``e_type`` ET_EXEC, ``e_machine``."""
    ident = b"\x7fELF" + bytes([_CLASS[arch.bits], _ORDER[arch.order], 1]) + bytes(9)
    return ident + (2).to_bytes(2, arch.order) + arch.machine.to_bytes(2, arch.order)


def mask(arch: Architecture) -> bytes:
    """Which bits of the magic count.

    Not the OS ABI and its version, at which the kernel's own loader does not look either (``fs/binfmt_elf.c``);
    and ET_DYN (3) is as good as ET_EXEC (2). One rule for all: those of QEMU and Debian differ from architecture to
    architecture without need, as ``tests/unit/test_binfmt.py`` tells.
    """
    ident = b"\xff" * 7 + bytes(2) + b"\xff" * 7
    return ident + (0xFFFE).to_bytes(2, arch.order) + b"\xff\xff"


def registration(arch: Architecture, interpreter: Path, *, name: str = "") -> str:
    """What is written to ``register``.

    Flag ``F`` opens the interpreter now, so that it need not exist in the root; ``P`` keeps ``argv[0]``. Not ``C``,
    which gives an emulated set-user-id program its rights: QEMU would run as root, and is not made for that
    (tonistiigi/binfmt issue 342). Building wheels needs no such program.

    :param name: of the entry; by default ``qemu-`` and QEMU's name of the architecture.
    """
    fields = (
        "".join(f"\\x{byte:02x}" for byte in magic(arch)),
        "".join(f"\\x{byte:02x}" for byte in mask(arch)),
    )
    # The first character of the line separates its fields: one that the path does not hold.
    mark = next(mark for mark in ":|;,!%" if mark not in str(interpreter))
    return mark + mark.join((name or f"qemu-{arch.qemu}", "M", "", *fields, str(interpreter), "FP"))
