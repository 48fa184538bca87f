"""The seccomp filter, run by a small interpreter of its own instructions."""

import re
import struct
from pathlib import Path

import pytest

from crosswheel.provision.sandboxes.seccomp import ownership_filter

X86_64, I386, AARCH64 = 0xC000003E, 0x40000003, 0xC00000B7
ALLOW, SUCCEED = 0x7FFF0000, 0x00050000
X32_BIT = 0x40000000

# From the kernel's arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl, written down anew for this test.
OWNERSHIP = {
    X86_64: {
        "chown": 92, "fchown": 93, "lchown": 94, "setuid": 105, "setgid": 106, "setreuid": 113, "setregid": 114,
        "setgroups": 116, "setresuid": 117, "setresgid": 119, "setfsuid": 122, "setfsgid": 123, "fchownat": 260,
    },
    I386: {
        "lchown": 16, "fchown": 95, "chown": 182, "lchown32": 198, "setreuid32": 203, "setregid32": 204,
        "setgroups32": 206, "fchown32": 207, "setresuid32": 208, "setresgid32": 210, "chown32": 212,
        "setuid32": 213, "setgid32": 214, "fchownat": 298,
    },
}  # fmt: skip


def verdict(arch: int, number: int) -> int:
    """What the filter answers to a system call (``linux/bpf_common.h``; only the instructions it uses)."""
    program = list(struct.iter_unpack("=HBBI", ownership_filter()))
    data = struct.pack("=IIQ6Q", number, arch, 0, *[0] * 6)
    accumulator = index = 0
    while True:
        code, if_true, if_false, value = program[index]
        index += 1
        if code == 0x20:
            accumulator = struct.unpack_from("=I", data, value)[0]
        elif code == 0x15:
            index += if_true if accumulator == value else if_false
        else:
            assert code == 0x06
            return int(value)


def test_the_filter_is_whole_instructions_few_enough_for_the_kernel() -> None:
    assert len(ownership_filter()) % 8 == 0
    assert len(ownership_filter()) // 8 <= 4096


@pytest.mark.parametrize("arch", [X86_64, I386])
def test_calls_that_change_owners_succeed_and_no_others(arch: int) -> None:
    succeeding = {number for number in range(1024) if verdict(arch, number) == SUCCEED}
    assert succeeding == set(OWNERSHIP[arch].values())
    assert all(verdict(arch, number) == ALLOW for number in set(range(1024)) - succeeding)


def test_calls_of_other_architectures_and_of_x32_are_left_alone() -> None:
    assert {verdict(AARCH64, number) for number in range(1024)} == {ALLOW}
    assert {verdict(X86_64, number | X32_BIT) for number in range(1024)} == {ALLOW}


@pytest.mark.parametrize(("arch", "header"), [(X86_64, "unistd_64.h"), (I386, "unistd_32.h")])
def test_the_numbers_are_those_of_the_kernels_own_headers(arch: int, header: str) -> None:
    places = [Path("/usr/include") / part / header for part in ("x86_64-linux-gnu/asm", "asm")]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        pytest.skip("this machine has no headers of the kernel")
    numbers = dict(re.findall(r"#define __NR_(\w+) (\d+)", found.read_text()))
    assert {name: int(numbers[name]) for name in OWNERSHIP[arch]} == OWNERSHIP[arch]
