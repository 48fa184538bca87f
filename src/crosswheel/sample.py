"""The smallest program of each architecture: running it tells whether the architecture's programs run here.

Made of bytes, so that neither a compiler nor a root is needed. Each program calls ``exit_group`` and nothing else.
"""

import os
import struct
from functools import cache
from pathlib import Path

from crosswheel.architectures import HOST, Architecture
from crosswheel.process import briefly

STATUS = 42  # what they exit with: nothing else that may go wrong ends with it
_PATIENCE = 4.0  # seconds; emulated it takes a hundredth of one
_ADDRESS = 0x400000
_EHSIZE = {32: 52, 64: 64}
_PHSIZE = {32: 32, 64: 56}


def program(arch: Architecture) -> bytes:
    """A static program of the architecture that exits with :data:`STATUS`."""
    code = bytes.fromhex(arch.ends)
    order = {"little": "<", "big": ">"}[arch.order]
    start = _EHSIZE[arch.bits] + _PHSIZE[arch.bits]
    size = start + len(code)
    ident = b"\x7fELF" + bytes([arch.bits // 32, "<>".index(order) + 1, 1]) + bytes(9)
    word = {32: "I", 64: "Q"}[arch.bits]
    header = struct.pack(
        f"{order}HHI{word}{word}{word}IHHHHHH",
        *(2, arch.machine, 1, _ADDRESS + start, _EHSIZE[arch.bits], 0, arch.flags),  # ET_EXEC, EV_CURRENT
        *(_EHSIZE[arch.bits], _PHSIZE[arch.bits], 1, 0, 0, 0),
    )
    # One segment: the whole file, to be read and executed (PT_LOAD, PF_R | PF_X).
    where = (0, _ADDRESS, _ADDRESS, size, size)
    fields = (1, 5, *where, 0x10000) if arch.bits == 64 else (1, *where, 5, 0x10000)
    segment = struct.pack(f"{order}IIQQQQQQ" if arch.bits == 64 else f"{order}IIIIIIII", *fields)
    return ident + header + segment + code


@cache
def runs_here(arch: Architecture) -> bool:
    """Whether this machine runs the architecture's programs as they are.

    A kernel of x86_64 runs those of i686 where it was made with CONFIG_IA32_EMULATION and not started with
    ``ia32_emulation=0``, and no seccomp filter forbids it: found out by running one, once. Where it does not, the
    architecture is emulated as any other.
    """
    return arch == HOST or (HOST.name in arch.runs_on and not trouble(arch))


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
    # Those that begin with a space belong to one before.
    said = (line for line in reversed(tail) if line and not line.startswith(" "))
    return next(said, f"it exits with {returncode}, not {STATUS}")
