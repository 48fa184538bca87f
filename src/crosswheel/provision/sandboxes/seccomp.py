"""A seccomp filter that lets package managers work with a single mapped user id.

``chown`` to an id that is not mapped fails with EINVAL, and so would every ``dpkg`` run. The filter answers such
calls with success and does nothing ("zero-consistency root emulation", as Charliecloud calls it). The calls of an
emulated program arrive here as the calls of QEMU, which is a program of the host.

Source of the layout: ``Documentation/userspace-api/seccomp_filter.rst`` and ``linux/bpf_common.h``.
"""

import struct

_LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K
_ALLOW = 0x7FFF0000
_SUCCEED = 0x00050000  # SECCOMP_RET_ERRNO with errno 0
_NUMBER, _ARCH = 0, 4  # offsets in struct seccomp_data
_AUDIT_ARCH_X86_64 = 0xC000003E
_AUDIT_ARCH_I386 = 0x40000003

_X86_64 = {
    "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260,
    "setuid": 105, "setgid": 106, "setreuid": 113, "setregid": 114, "setgroups": 116,
    "setresuid": 117, "setresgid": 119, "setfsuid": 122, "setfsgid": 123,
}  # fmt: skip
_I386 = {
    "lchown": 16, "fchown": 95, "chown": 182, "lchown32": 198, "fchown32": 207, "chown32": 212, "fchownat": 298,
    "setuid32": 213, "setgid32": 214, "setreuid32": 203, "setregid32": 204, "setgroups32": 206,
    "setresuid32": 208, "setresgid32": 210,
}  # fmt: skip


def ownership_filter() -> bytes:
    """The program in the form that ``bwrap --seccomp`` reads: an array of ``struct sock_filter``."""
    native, compat = sorted(_X86_64.values()), sorted(_I386.values())
    program = [
        (_LOAD_WORD, 0, 0, _ARCH),
        (_JUMP_EQUAL, 0, len(native) + 3, _AUDIT_ARCH_X86_64),
        *_table(native),
        (_JUMP_EQUAL, 0, len(compat) + 3, _AUDIT_ARCH_I386),
        *_table(compat),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def ownership_profile() -> dict[str, object]:
    """The same for container engines (the OCI runtime specification, ``linux.seccomp``)."""
    names = sorted(_X86_64.keys() | _I386.keys())
    rule = {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": 0}
    architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]
    return {"defaultAction": "SCMP_ACT_ALLOW", "architectures": architectures, "syscalls": [rule]}


def _table(numbers: list[int]) -> list[tuple[int, int, int, int]]:
    """Succeed for each of the numbers, allow all others; always ends the program."""
    tests = [(_JUMP_EQUAL, len(numbers) - index, 0, number) for index, number in enumerate(numbers)]
    return [(_LOAD_WORD, 0, 0, _NUMBER), *tests, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _SUCCEED)]
