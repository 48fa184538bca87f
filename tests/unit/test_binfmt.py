"""What is registered with binfmt_misc recognises a target's programs and nothing else."""

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswheel.architectures import ARCHITECTURES, HOST, Architecture
from crosswheel.provision.emulation.binfmt import magic, mask, registration

FOREIGN = [arch for arch in ARCHITECTURES.values() if HOST.name not in arch.runs_on]
QEMU = Path("/cache/qemu")
each_arch = pytest.mark.parametrize("arch", ARCHITECTURES.values(), ids=lambda arch: arch.name)


def fields(line: str) -> list[str]:
    """As the kernel reads them: the first character separates (``fs/binfmt_misc.c``)."""
    return line[1:].split(line[0])


def header(arch: Architecture, *, kind: int, abi: int = 0) -> bytes:
    """The first bytes of an ELF file."""
    order = arch.order
    ident = b"\x7fELF" + bytes([arch.bits // 32, 1 if order == "little" else 2, 1, abi]) + bytes(8)
    return ident + kind.to_bytes(2, order) + arch.machine.to_bytes(2, order) + (1).to_bytes(4, order)


def recognises(arch: Architecture, content: bytes) -> bool:
    """Whether the kernel would take the file for this architecture's."""
    return all(
        (byte ^ wanted) & bits == 0
        for byte, wanted, bits in zip(content, magic(arch), mask(arch), strict=False)
    )


@each_arch
def test_programs_and_position_independent_programs_are_recognised(arch: Architecture) -> None:
    assert recognises(arch, header(arch, kind=2))
    assert recognises(arch, header(arch, kind=3))


@each_arch
def test_programs_that_name_the_gnu_abi_are_recognised(arch: Architecture) -> None:
    assert recognises(arch, header(arch, kind=2, abi=3))


@each_arch
def test_object_files_and_cores_are_not_programs(arch: Architecture) -> None:
    assert not recognises(arch, header(arch, kind=1))
    assert not recognises(arch, header(arch, kind=4))


@each_arch
def test_programs_of_other_architectures_are_left_alone(arch: Architecture) -> None:
    others = [other for other in ARCHITECTURES.values() if other != arch]
    assert not any(recognises(arch, header(other, kind=2)) for other in others)


# Magic and mask of Debian's qemu-user 11.1.2 (binfmt.d, made by QEMU's scripts/qemu-binfmt-conf.sh);
# those of i386 and x86_64 are in its packages for other machines.
DEBIANS = {
    "x86_64": ("7f454c4602010100000000000000000002003e00", "fffffffffffefefcfffffffffffffffffeffffff"),
    "i686": ("7f454c4601010100000000000000000002000300", "fffffffffffefefcfffffffffffffffffeffffff"),
    "aarch64": ("7f454c460201010000000000000000000200b700", "ffffffffffffff00fffffffffffffffffeffffff"),
    "ppc64le": ("7f454c4602010100000000000000000002001500", "fffffffffffffffcfffffffffffffffffeffff00"),
    "s390x": ("7f454c4602020100000000000000000000020016", "fffffffffffffffcfffffffffffffffffffeffff"),
    "armv7l": ("7f454c4601010100000000000000000002002800", "ffffffffffffff00fffffffffffffffffeffffff"),
    "riscv64": ("7f454c460201010000000000000000000200f300", "ffffffffffffff00fffffffffffffffffeffffff"),
    "loongarch64": ("7f454c4602010100000000000000000002000201", "fffffffffffffffc00fffffffffffffffeffffff"),
}
DATA, VERSION, OS_ABI, ABI_VERSION, MACHINE_HIGH = 5, 6, 7, 8, 19
# Where Debian's masks are not ours: the byte, and the bits that count there for Debian.
STRICT_ABI_VERSION = {ABI_VERSION: 0xFF}
OTHERWISE = {
    # Byte order and version 0 are those of no ELF file that a kernel starts.
    "x86_64": {DATA: 0xFE, VERSION: 0xFE, OS_ABI: 0xFC, **STRICT_ABI_VERSION},
    "i686": {DATA: 0xFE, VERSION: 0xFE, OS_ABI: 0xFC, **STRICT_ABI_VERSION},
    "aarch64": STRICT_ABI_VERSION,
    # No machine of Linux has the number 0x..15 but ppc64, whose is 0x0015.
    "ppc64le": {OS_ABI: 0xFC, **STRICT_ABI_VERSION, MACHINE_HIGH: 0x00},
    "s390x": {OS_ABI: 0xFC, **STRICT_ABI_VERSION},
    "armv7l": STRICT_ABI_VERSION,
    "riscv64": STRICT_ABI_VERSION,
    "loongarch64": {OS_ABI: 0xFC},
}


@each_arch
def test_magic_and_mask_are_debians_but_for_bytes_that_are_known(arch: Architecture) -> None:
    debians_magic, debians_mask = map(bytes.fromhex, DEBIANS[arch.name])
    assert magic(arch) == debians_magic
    pairs = enumerate(zip(mask(arch), debians_mask, strict=True))
    assert {place: theirs for place, (ours, theirs) in pairs if ours != theirs} == OTHERWISE[arch.name]


@each_arch
@given(kind=st.sampled_from([2, 3]), abi=st.integers(0, 3))
def test_what_debians_entries_recognise_ours_do(arch: Architecture, kind: int, abi: int) -> None:
    """Executables and position independent ones, of System V and of GNU."""
    content = header(arch, kind=kind, abi=abi)
    debians_magic, debians_mask = map(bytes.fromhex, DEBIANS[arch.name])
    assert all((a ^ b) & bits == 0 for a, b, bits in zip(content, debians_magic, debians_mask, strict=False))
    assert recognises(arch, content)


@each_arch
@given(st.integers(0, 255))
def test_the_version_of_an_abi_does_not_matter_as_it_does_not_to_the_kernel(
    arch: Architecture, version: int
) -> None:
    content = bytearray(header(arch, kind=2))
    content[ABI_VERSION] = version
    assert recognises(arch, bytes(content))


def test_the_line_is_the_one_that_was_tried_on_the_kernel() -> None:
    """Recorded from a registration that worked (Linux 6.18)."""
    line = registration(ARCHITECTURES["aarch64"], Path("/path/qemu-aarch64-static"))
    assert line == (
        r":qemu-aarch64:M::"
        r"\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:"
        r"\xff\xff\xff\xff\xff\xff\xff\x00\x00\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:"
        r"/path/qemu-aarch64-static:FP"
    )


@each_arch
def test_the_fields_of_a_line_say_what_magic_and_mask_say(arch: Architecture) -> None:
    name, kind, offset, said_magic, said_mask, interpreter, flags = fields(registration(arch, QEMU))
    assert (name, kind, offset, interpreter) == (f"qemu-{arch.qemu}", "M", "", str(QEMU))
    assert codecs.escape_decode(said_magic)[0] == magic(arch)
    assert codecs.escape_decode(said_mask)[0] == mask(arch)
    assert set(flags) == {"F", "P"}


@given(st.text(alphabet="abc /:,\\%;\"'ä", min_size=1))
def test_the_emulator_may_be_in_a_directory_of_any_name(name: str) -> None:
    interpreter = Path("/cache") / name
    assert fields(registration(FOREIGN[0], interpreter))[5] == str(interpreter)


def test_a_line_is_short_enough_for_the_kernel() -> None:
    """``MAX_REGISTER_LENGTH`` is 1920 bytes."""
    assert len(registration(FOREIGN[0], Path("/" + "x" * 255, "y" * 255, "qemu"))) < 1920
