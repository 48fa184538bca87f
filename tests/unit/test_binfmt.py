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


def test_the_line_is_the_one_that_was_tried_on_the_kernel() -> None:
    """Recorded from a registration that worked (Linux 6.18)."""
    line = registration(ARCHITECTURES["aarch64"], Path("/path/qemu-aarch64-static"))
    assert line == (
        r":qemu-aarch64:M::"
        r"\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:"
        r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:"
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
