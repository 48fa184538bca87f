"""Architectures beside aarch64: big-endian, 32 bits, and processors above the floor."""

import sys
from pathlib import Path

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]


@pytest.mark.parametrize("arch", ["armv7l", "ppc64le", "s390x"])
def test_a_wheel_is_built_by_cross_and_tested_under_emulation(crosswheel: Crosswheel, arch: str) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("build", "--only", f"cp311-manylinux_{arch}", "--engine", "cross", "c-hello")

    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == f"ok      cp311-manylinux_{arch}  cross  tested  <time>"


def test_i686_is_emulated_where_the_kernel_runs_no_32_bit_programs(crosswheel: Crosswheel) -> None:
    """A seccomp filter ends every 32-bit program at its first call: what is tested here, QEMU runs."""
    crosswheel.project("c-hello")
    environment = {"CIBW_TEST_COMMAND": "uname -m && python -c 'import c_hello'"}

    result = crosswheel(
        "build", "--verbose", "--only", "cp311-manylinux_i686", "c-hello",
        under=[sys.executable, str(Path(__file__).parent / "without_32_bit.py")], env=environment,
    )  # fmt: skip

    assert result.status == 0, result.err
    assert result.out.startswith("ok      cp311-manylinux_i686  cross  tested  ")
    assert (
        "note: programs of i686 are emulated: this machine does not run them (it is killed by signal 31)\n"
        in result.err
    )
    assert "| i686\n" in result.err


@pytest.mark.parametrize(
    ("arch", "code", "told"),
    [
        ("s390x", ".byte 0xe3, 0x10, 0x20, 0x00, 0x00, 0x38", "z13; has instructions of z14 (1 times"),  # agh
        ("ppc64le", ".long 0x7c64022a, 0x7c642e12", "POWER8; has instructions of ISA 3.0 (POWER9) (1 times"),
    ],
)
def test_an_instruction_above_the_floor_is_told(
    crosswheel: Crosswheel, arch: str, code: str, told: str
) -> None:
    project = crosswheel.project("c-hello")
    with (project / "c_hello.c").open("a") as source:
        source.write(f'\nvoid c_hello_newer(void) {{ __asm__ volatile("{code}"); }}\n')

    built = crosswheel(
        "build", "--only", f"cp311-manylinux_{arch}", "--engine", "cross", "--no-test", "c-hello"
    )
    inspected = crosswheel("inspect", f"wheelhouse/{crosswheel.wheels[0]}")

    assert built.status == 0, built.err
    assert told in " ".join(inspected.out.split()), inspected.out


def test_zigs_code_for_armv7_stays_at_its_floor(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    crosswheel("build", "--only", "cp311-manylinux_armv7l", "--engine", "cross", "--no-test", "c-hello")
    inspected = crosswheel("inspect", f"wheelhouse/{crosswheel.wheels[0]}")

    assert "no ELF attributes ask for more than ARMv7-A with VFPv3-D16" in " ".join(inspected.out.split())
