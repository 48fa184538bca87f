"""The smallest program of each architecture: running it tells whether the architecture's programs run here.

Made of bytes, so that neither a compiler nor a root is needed. Each program calls ``exit_group`` and nothing else.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.process import briefly

STATUS = 42  # what they exit with: nothing else that may go wrong ends with it
_PATIENCE = 4.0  # seconds; emulated it takes a hundredth of one
_ADDRESS = 0x400000
_EHSIZE = {32: 52, 64: 64}
_PHSIZE = {32: 32, 64: 56}


@dataclass(frozen=True)
class Code:
    """Machine code for ``exit_group(42)``.

    :param flags: ``e_flags`` of the architecture's ABI: QEMU reads them for ppc64le (ELFv2) and arm (EABI5).
    """

    code: bytes
    flags: int = 0


# The source stands beside it. System call numbers: the kernel's arch/*/syscall tables.
_CODE = {
    "x86_64": Code(bytes.fromhex("bf2a000000 b8e7000000 0f05")),  # mov edi,42; mov eax,231; syscall
    "i686": Code(bytes.fromhex("bb2a000000 b8fc000000 cd80")),  # mov ebx,42; mov eax,252; int 0x80
    "aarch64": Code(bytes.fromhex("400580d2 c80b80d2 010000d4")),  # mov x0,42; mov x8,94; svc 0
    "ppc64le": Code(bytes.fromhex("2a006038 ea000038 02000044"), 2),  # li 3,42; li 0,234; sc
    "s390x": Code(bytes.fromhex("a729002a 0af8")),  # lghi 2,42; svc 248
    "armv7l": Code(bytes.fromhex("2a00a0e3 f870a0e3 000000ef"), 0x05000000),  # mov r0,42; mov r7,248; svc 0
    "riscv64": Code(bytes.fromhex("1305a002 9308e005 73000000")),  # li a0,42; li a7,94; ecall
}


def program(arch: Architecture) -> bytes:
    """A static program of the architecture that exits with :data:`STATUS`."""
    row = _CODE[arch.name]
    order = {"little": "<", "big": ">"}[arch.order]
    start = _EHSIZE[arch.bits] + _PHSIZE[arch.bits]
    size = start + len(row.code)
    ident = b"\x7fELF" + bytes([arch.bits // 32, "<>".index(order) + 1, 1]) + bytes(9)
    word = {32: "I", 64: "Q"}[arch.bits]
    header = struct.pack(
        f"{order}HHI{word}{word}{word}IHHHHHH",
        *(2, arch.machine, 1, _ADDRESS + start, _EHSIZE[arch.bits], 0, row.flags),  # ET_EXEC, EV_CURRENT
        *(_EHSIZE[arch.bits], _PHSIZE[arch.bits], 1, 0, 0, 0),
    )
    # One segment: the whole file, to be read and executed (PT_LOAD, PF_R | PF_X).
    where = (0, _ADDRESS, _ADDRESS, size, size)
    fields = (1, 5, *where, 0x10000) if arch.bits == 64 else (1, *where, 5, 0x10000)
    segment = struct.pack(f"{order}IIQQQQQQ" if arch.bits == 64 else f"{order}IIIIIIII", *fields)
    return ident + header + segment + row.code


def trouble(arch: Architecture, emulator: Path | None = None) -> str:
    """Why the architecture's programs do not run here; nothing where they do. Found out by running one.

    It is run from memory: a directory for temporary files may forbid programs.

    :param emulator: a program that runs it; by default the kernel does, with whatever is registered.
    """
    descriptor = os.memfd_create("crosswheel-sample", 0)
    try:
        os.write(descriptor, program(arch))
        here = Path(f"/proc/self/fd/{descriptor}")
        argv = [here] if emulator is None else [emulator, here]
        done = briefly(argv, within=_PATIENCE, pass_fds=(descriptor,), guarded=False)
    except TimeoutError:
        return f"it has not ended after {_PATIENCE:.0f} s"
    except OSError as error:
        return error.strerror or str(error)
    finally:
        os.close(descriptor)
    if done.returncode == STATUS:
        return ""
    return _ended(done.returncode, done.tail)


def _ended(returncode: int, tail: tuple[str, ...]) -> str:
    if returncode < 0:
        return f"it is killed by signal {-returncode}"
    return next((line for line in reversed(tail) if line), f"it exits with {returncode}, not {STATUS}")
