"""Runs a command as on a kernel that runs no 32-bit programs: their first call of the kernel ends them.

A seccomp filter by the architecture of a call, which all its children inherit (Linux,
``Documentation/userspace-api/seccomp_filter.rst``). ``python without_32_bit.py COMMAND ARGUMENT...``
"""

import ctypes
import os
import struct
import sys

_LOAD_WORD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ARCH = 4  # its offset in struct seccomp_data
_AUDIT_ARCH_I386 = 0x40000003
_KILL_PROCESS, _ALLOW = 0x80000000, 0x7FFF0000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_PROGRAM = (
    (_LOAD_WORD, 0, 0, _ARCH),
    (_JUMP_EQUAL, 0, 1, _AUDIT_ARCH_I386),
    (_RETURN, 0, 0, _KILL_PROCESS),
    (_RETURN, 0, 0, _ALLOW),
)


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_char_p))


def refuse() -> None:
    """From now on this process and its children run no 32-bit programs.

    :raises OSError: the kernel does not take the filter.
    """
    program = b"".join(struct.pack("=HBBI", *instruction) for instruction in _PROGRAM)
    control = ctypes.CDLL(None, use_errno=True).prctl
    filter_ = ctypes.byref(_Filter(len(_PROGRAM), program))
    if control(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or control(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filter_):
        raise OSError(ctypes.get_errno(), "no seccomp filter")


if __name__ == "__main__":
    refuse()
    os.execvp(sys.argv[1], sys.argv[1:])
