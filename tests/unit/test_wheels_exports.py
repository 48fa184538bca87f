"""What a Python process offers to extension modules, and the refusal of a pure wheel."""

from pathlib import Path

import pytest
from elf_maker import make_elf, make_wheel

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import CrosswheelError, ExitCode, PureWheelError
from crosswheel.model import Python, Target
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.verify import expect_platform_wheel, libc_exports, python_exports

TARGET = Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"])
NAME = "demo-1.0-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"


def test_the_exports_of_a_python_are_its_dynamic_symbols(tmp_path: Path) -> None:
    python = tmp_path / "python3.11"
    python.write_bytes(make_elf(defined=["PyModule_Create2", "Py_Main"], undefined=["exit@GLIBC_2.17"]))
    assert python_exports(python) == {"PyModule_Create2", "Py_Main"}


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"#!/bin/sh\n", "the symbols of {} cannot be read"),
        (make_elf(defined=["main"], needed=["libpython3.11.so.1.0"]), "{} offers no C API of Python"),
    ],
)
def test_a_python_without_symbols_is_refused(tmp_path: Path, content: bytes, fact: str) -> None:
    python = tmp_path / "python3.11"
    python.write_bytes(content)
    with pytest.raises(CrosswheelError) as caught:
        python_exports(python)
    assert caught.value.fact == fact.format(python)


@pytest.mark.parametrize("place", ["bin", "lib/aarch64-linux-gnu", "lib"])
def test_the_exports_of_a_pypy_are_those_of_its_library(tmp_path: Path, place: str) -> None:
    for directory in ("bin", place):
        (tmp_path / directory).mkdir(parents=True, exist_ok=True)
    python = tmp_path / "bin/pypy3.11"
    python.write_bytes(make_elf(defined=["main"], needed=["libpypy3.11-c.so"]))
    (tmp_path / place / "libpypy3.11-c.so").write_bytes(
        make_elf(defined=["PyPyModule_Create2", "PyPyLong_Type"])
    )
    assert python_exports(python) == {"main", "PyPyModule_Create2", "PyPyLong_Type"}


def test_the_exports_of_a_libc_carry_the_first_glibc_that_had_them(tmp_path: Path) -> None:
    libraries = tmp_path / "usr/lib/aarch64-linux-gnu"
    libraries.mkdir(parents=True)
    libc = [
        "memfd_create@GLIBC_2.27",
        "stat@GLIBC_2.17",
        "stat@GLIBC_2.33",
        "dladdr@GLIBC_2.34",
        "hidden@GLIBC_PRIVATE",
    ]
    (libraries / "libc.so.6").write_bytes(make_elf(defined=libc))
    (libraries / "libdl.so.2").write_bytes(make_elf(defined=["dladdr@GLIBC_2.17"]))
    since = {"memfd_create": (2, 27), "stat": (2, 17), "dladdr": (2, 17)}
    assert libc_exports(tmp_path, TARGET) == since


def test_a_root_without_a_libc_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CrosswheelError, match="no glibc for aarch64"):
        libc_exports(tmp_path, TARGET)


def test_a_pure_wheel_is_refused_as_cibuildwheel_does(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "demo-1.0-py3-none-any.whl", {"demo/__init__.py": b""}, purelib=True)
    with pytest.raises(PureWheelError) as caught:
        expect_platform_wheel(inspect(wheel))
    assert caught.value.exit_code is ExitCode.PURE_WHEEL
    assert caught.value.fact == "the build made a pure-Python wheel, demo-1.0-py3-none-any.whl"
    assert caught.value.cause.startswith("it has no compiled code")
    assert "python -m build --wheel" in caught.value.remedy


def test_a_pure_tag_on_compiled_code_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(PureWheelError) as caught:
        expect_platform_wheel(
            inspect(make_wheel(tmp_path, "demo-1.0-py3-none-any.whl", {"demo/_x.abi3.so": make_elf()}))
        )
    assert caught.value.cause == "it has compiled code, but the build backend tagged it for every platform"


def test_a_platform_wheel_is_let_through(tmp_path: Path) -> None:
    expect_platform_wheel(inspect(make_wheel(tmp_path, NAME, {"demo/_x.abi3.so": make_elf()})))
