"""What is told of one wheel, of whatever platform."""

import struct
from pathlib import Path

import pytest
from elf_maker import make_elf, make_wheel

from crosswheel.errors import ConfigurationError
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.overview import overview, read, target_of

NAME = "demo-1.0-cp311-cp311-manylinux_2_28_aarch64.whl"
MODULE = "demo/_fast.cpython-311-aarch64-linux-gnu.so"
_ARM_ATTRIBUTES, _RISCV_ATTRIBUTES, _NOTE = 0x70000003, 0x70000003, 7


def attributes(vendor: bytes, *pairs: tuple[int, int | bytes]) -> bytes:
    """A section of build attributes for the whole file (Addenda to the ABI for the Arm Architecture, 3.2)."""
    body = b"".join(
        bytes((tag,)) + (bytes((value,)) if isinstance(value, int) else value + b"\0") for tag, value in pairs
    )
    scope = b"\x01" + struct.pack("<I", 5 + len(body)) + body
    return b"A" + struct.pack("<I", 5 + len(vendor) + len(scope)) + vendor + b"\0" + scope


def test_a_wheel_with_a_module_and_a_grafted_library(tmp_path: Path) -> None:
    library = "demo.libs/libz-0123abcd.so.1"
    files = {
        "demo/__init__.py": b"",
        MODULE: make_elf(
            defined=["PyInit__fast"],
            undefined=["PyLong_FromLong", "fcntl64@GLIBC_2.28"],
            needed=["libz-0123abcd.so.1", "libc.so.6", "libnot.so.3"],
            runpath="$ORIGIN/../demo.libs",
            debug=True,
        ),
        library: make_elf(soname="libz-0123abcd.so.1"),
    }
    wheel = make_wheel(tmp_path, NAME, files, metadata="Requires-Dist: numpy\nRequires-Python: >=3.11\n")
    found = overview(wheel, read(wheel))
    assert (found.name, found.version, found.arch, found.is_pure) == ("demo", "1.0", "aarch64", False)
    assert found.tags == ("cp311-cp311-manylinux_2_28_aarch64",)
    assert (found.files, found.modules, found.size) == (6, ("demo",), wheel.stat().st_size)
    assert (found.requires, found.requires_python) == (("numpy",), ">=3.11")
    assert found.glibc == (2, 28)
    assert found.glibc_by == f"{MODULE} takes fcntl64@GLIBC_2.28"
    assert found.policy is not None
    assert found.libraries is not None
    assert found.libraries.inside == ("libz-0123abcd.so.1",)
    assert found.libraries.policy == ("libc.so.6",)
    assert found.libraries.outside == ("libnot.so.3",)
    graft, module = found.compiled
    assert (graft.path, graft.kind, graft.has_debug) == (library, "grafted library", False)
    assert (module.kind, module.inits, module.has_debug) == ("extension module", ("PyInit__fast",), True)
    assert module.search_path == ("$ORIGIN/../demo.libs",)
    assert found.problems == ()
    assert found.notes[0] == "libnot.so.3 is not in the wheel: the user's machine must have it"


def test_problems_are_told_as_far_as_they_need_no_python(tmp_path: Path) -> None:
    elf = make_elf(machine=62, undefined=["nobody_has_this", "fcntl64@GLIBC_2.28"], runpath="/home/me")
    wheel = make_wheel(tmp_path, NAME.replace("2_28", "2_17"), {MODULE: elf})
    assert overview(wheel, read(wheel)).problems == (
        f"{MODULE} is for x86_64 (ELF machine 62, 64 bits, little-endian), not for aarch64",
        f"{MODULE} is named as an extension module but exports no PyInit_ function",
        f"{MODULE} has a path of the build machine in its RPATH or RUNPATH: /home/me",
        f"{MODULE} needs fcntl64@GLIBC_2.28, above the glibc 2.17 that its tag promises",
    )


def test_a_pure_wheel(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "demo-1.0-py3-none-any.whl", {"demo.py": b""}, purelib=True)
    found = overview(wheel, read(wheel))
    assert found.is_pure
    assert (found.arch, found.policy, found.processor, found.compiled, found.problems) == (
        "",
        None,
        None,
        (),
        (),
    )


@pytest.mark.parametrize(
    ("tag", "identifier"),
    [
        ("cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64", "cp311-manylinux_aarch64"),
        ("cp36-abi3-manylinux2014_x86_64", "cp36-manylinux_x86_64"),
        ("cp314-cp314t-musllinux_1_2_riscv64", "cp314t-musllinux_riscv64"),
        ("py2.py3-none-linux_armv7l", "cp311-manylinux_armv7l"),
        ("pp311-pypy311_pp73-manylinux_2_28_i686", "pp311-manylinux_i686"),
        ("graalpy312-graalpy250_312_native-manylinux_2_28_x86_64", "gp312_250-manylinux_x86_64"),
        ("cp311-cp311-linux_sparc64", None),
        ("py3-none-any", None),
    ],
)
def test_the_target_is_read_from_the_tag(tmp_path: Path, tag: str, identifier: str | None) -> None:
    target = target_of(inspect(make_wheel(tmp_path, f"demo-1.0-{tag}.whl", {})))
    assert (target and target.identifier) == identifier


@pytest.mark.parametrize(
    ("arch", "elf", "known_by", "needs"),
    [
        ("x86_64", make_elf(machine=62), "ELF notes", ()),
        ("s390x", make_elf(machine=22, order="big"), "instructions", ()),
        ("riscv64", make_elf(machine=243), "", ()),
        (
            "riscv64",
            make_elf(machine=243, sections={".riscv.attributes": (
                _RISCV_ATTRIBUTES, attributes(b"riscv", (5, b"rv64i2p1_m2p0_a2p1_f2p2_c2p0_zicsr2p0_zba1p0")))}),
            "ELF attributes",
            ("zba",),
        ),
        (
            "armv7l",
            make_elf(machine=40, bits=32, sections={".ARM.attributes": (
                _ARM_ATTRIBUTES, attributes(b"aeabi", (6, 10), (10, 4)))}),
            "ELF attributes",
            (),
        ),
        (
            "armv7l",
            make_elf(machine=40, bits=32, sections={".ARM.attributes": (
                _ARM_ATTRIBUTES, attributes(b"aeabi", (6, 14), (10, 3), (12, 1)))}),
            "ELF attributes",
            ("ARMv8-A", "VFPv3 with 32 registers", "NEON"),
        ),
    ],
)  # fmt: skip
def test_what_notes_and_attributes_ask_of_the_processor(
    tmp_path: Path, arch: str, elf: bytes, known_by: str, needs: tuple[str, ...]
) -> None:
    wheel = make_wheel(tmp_path, f"demo-1.0-py3-none-manylinux_2_31_{arch}.whl", {"demo/lib.so": elf})
    processor = overview(wheel, read(wheel)).processor
    assert processor is not None
    assert (processor.known_by, tuple(name for name, _ in processor.needs)) == (known_by, needs)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (
            "demo-1.0-cp311-cp311-macosx_11_0_arm64.whl",
            "is a wheel for macOS; only wheels for Linux and pure ones",
        ),
        ("demo-1.0-cp311-cp311-win_amd64.whl", "is a wheel for Windows; only wheels for Linux and pure ones"),
    ],
)
def test_wheels_of_other_systems_are_refused(tmp_path: Path, name: str, problem: str) -> None:
    wheel = make_wheel(tmp_path, name, {})
    with pytest.raises(ConfigurationError, match=problem):
        read(wheel)


def test_what_is_no_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"no zip")
    with pytest.raises(ConfigurationError, match="is not a readable zip archive"):
        read(tmp_path / NAME)
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        read(tmp_path / "other" / NAME)
