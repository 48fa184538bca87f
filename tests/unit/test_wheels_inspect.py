"""What is read out of a wheel."""

import zipfile
from pathlib import Path

import pytest
from elf_maker import make_elf, make_wheel
from hypothesis import given
from hypothesis import strategies as st

from crosswheel.errors import VerificationError
from crosswheel.wheels.elf import UnreadableElfError, exported_versions, read_elf
from crosswheel.wheels.facts import Undefined
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.modules import importable

NAME = "demo-1.0-cp311-cp311-linux_aarch64.whl"
FORMS = [(183, 64, "little"), (22, 64, "big"), (40, 32, "little")]


@pytest.mark.parametrize(("machine", "bits", "order"), FORMS)
def test_an_elf_file_of_any_class_and_byte_order_is_read(machine: int, bits: int, order: str) -> None:
    data = make_elf(
        machine=machine,
        bits=bits,
        order=order,
        defined=["PyInit_x", "helper@DEMO_1"],
        undefined=["PyLong_FromLong", "memcpy@GLIBC_2.17", "part@PART_2"],
        weak=["__gmon_start__"],
        versions={"PART_2": "libpart.so.1"},
        needed=["libpart.so.1", "libc.so.6"],
        soname="libx.so.1",
        rpath="$ORIGIN/../demo.libs:/home/me/lib",
        runpath="$ORIGIN",
        debug=True,
    )
    facts = read_elf("demo/x.abi3.so", data)
    assert (facts.machine, facts.bits, facts.order) == (machine, bits, order)
    assert facts.needed == ("libpart.so.1", "libc.so.6")
    assert facts.soname == "libx.so.1"
    assert facts.defined == {"PyInit_x", "helper"}
    assert facts.undefined == (
        Undefined("PyLong_FromLong", "", "", weak=False),
        Undefined("memcpy", "GLIBC_2.17", "libc.so.6", weak=False),
        Undefined("part", "PART_2", "libpart.so.1", weak=False),
        Undefined("__gmon_start__", "", "", weak=True),
    )
    assert facts.versions == (("libc.so.6", "GLIBC_2.17"), ("libpart.so.1", "PART_2"))
    assert facts.rpath == ("$ORIGIN/../demo.libs", "/home/me/lib")
    assert facts.runpath == ("$ORIGIN",)
    assert facts.has_debug
    assert facts.inits == ("PyInit_x",)
    assert facts.is_extension_module
    assert exported_versions(data) == (("PyInit_x", ""), ("helper", "DEMO_1"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (make_elf(defined=["PyInit_x"], undefined=["memcpy@GLIBC_2.17"]), False),
        (make_elf(needed=["libstdc++.so.6"]), True),
        (make_elf(needed=["libstdc++-a1b2c3.so.6"]), True),
        (make_elf(undefined=["__cxa_throw@CXXABI_1.3"]), True),
        (
            make_elf(text=b"N10__cxxabiv120__si_class_type_infoE\0"),
            True,
        ),  # static and stripped, as zig leaves it
    ],
)
def test_a_cpp_runtime_is_seen_linked_in_either_way(data: bytes, expected: bool) -> None:
    assert read_elf("x.so", data).uses_cpp is expected


@given(
    cut=st.integers(4, 900),
    flips=st.lists(st.tuples(st.integers(4, 900), st.integers(0, 255)), max_size=8),
)
def test_a_broken_elf_file_is_unreadable_and_nothing_else(cut: int, flips: list[tuple[int, int]]) -> None:
    data = bytearray(make_elf(defined=["PyInit_x"], undefined=["memcpy@GLIBC_2.17"], needed=["libc.so.6"]))
    for place, value in flips:
        data[place % len(data)] = value
    data[:4] = b"\x7fELF"
    try:
        assert read_elf("x.so", bytes(data[:cut])).path == "x.so"
    except UnreadableElfError as error:
        assert str(error)


def test_the_facts_of_a_wheel_come_from_its_name_and_its_members(tmp_path: Path) -> None:
    files = {
        "Demo/__init__.py": b"",
        "Demo/_x.cpython-311-aarch64-linux-gnu.so": make_elf(defined=["PyInit__x"]),
    }
    name = "De_mo-1.0-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"
    facts = inspect(make_wheel(tmp_path, name, files))
    assert (facts.filename, facts.name, facts.version) == (name, "de-mo", "1.0")
    assert facts.platforms == ("manylinux2014_aarch64", "manylinux_2_17_aarch64")
    assert facts.stated_tags == facts.tags
    assert not facts.root_is_purelib
    assert [elf.path for elf in facts.elf] == ["Demo/_x.cpython-311-aarch64-linux-gnu.so"]
    assert facts.extension_modules == facts.elf
    assert facts.modules == ("Demo",)
    assert "De_mo-1.0.dist-info/RECORD" in facts.files


def test_directories_are_not_files(tmp_path: Path) -> None:
    assert "demo/" not in inspect(make_wheel(tmp_path, NAME, {"demo/": b"", "demo/x.py": b""})).files


def test_reading_a_wheel_writes_nothing_wherever_its_members_point(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "in", NAME, {"../../escaped.py": b"", "/escaped.py": b""})
    inspect(wheel)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [wheel]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("demo.whl", b"", "demo.whl is not the name of a wheel (PEP 427)"),
        (NAME, b"<html>", f"{NAME} is not a readable zip archive: File is not a zip file"),
    ],
)
def test_what_is_no_wheel_is_refused(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(VerificationError) as caught:
        inspect(tmp_path / name)
    assert caught.value.problems == (problem,)


def test_a_zip_archive_without_a_wheel_file_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / NAME, "w") as archive:
        archive.writestr("demo/__init__.py", "")
    with pytest.raises(VerificationError) as caught:
        inspect(tmp_path / NAME)
    assert caught.value.problems == (f"{NAME} has 0 *.dist-info/WHEEL files instead of one",)


def test_a_member_damaged_in_the_archive_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, NAME, {"demo.abi3.so": make_elf(text=b"here")})
    wheel.write_bytes(wheel.read_bytes().replace(b"here", b"gone", 1))
    with pytest.raises(VerificationError, match="is not a correct wheel") as caught:
        inspect(wheel)
    assert "Bad CRC-32" in caught.value.problems[0]


def test_every_unreadable_elf_file_is_named_at_once(tmp_path: Path) -> None:
    whole = make_elf()
    wheel = make_wheel(tmp_path, NAME, {"a.so": whole[:20], "b.so": whole, "c.so": whole[:30]})
    with pytest.raises(VerificationError) as caught:
        inspect(wheel)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "a.so is not a readable ELF file",
        "c.so is not a readable ELF file",
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["demo/__init__.py", "demo/sub/__init__.py", "demo/x.py"], ("demo",)),
        (["demo.py", "_demo.cpython-311-aarch64-linux-gnu.so", "_c.abi3.so"], ("_c", "_demo", "demo")),
        (["pkg/__init__.cpython-311-aarch64-linux-gnu.so"], ("pkg",)),
        (["ns/pkg/__init__.py", "ns/mod.py", "ns/deep/er/_x.so"], ("ns.deep.er._x", "ns.mod", "ns.pkg")),
        (["demo-1.0.dist-info/WHEEL", "demo.libs/libfoo-1a.so.1", "share/data.txt", "inc/demo.h"], ()),
        (["demo-1.0.data/platlib/lib1/__init__.py", "demo-1.0.data/purelib/two.py"], ("lib1", "two")),
        (["demo-1.0.data/scripts/tool.py", "demo-1.0.data/data/x.py"], ()),
        (
            [
                "tests/test_x.py",
                "docs/conf.py",
                "setup.py",
                "conftest.py",
                "demo-stubs/x.pyi",
                "x.pyi",
                "__main__.py",
            ],
            (),
        ),
        (["tests/__init__.py"], ("tests",)),
        (["a1b2__mypyc.cpython-311-aarch64-linux-gnu.so", "3f__mypyc.so", "foo-bar.py"], ("a1b2__mypyc",)),
    ],
)
def test_the_modules_are_those_that_a_user_imports(files: list[str], expected: tuple[str, ...]) -> None:
    assert importable(files) == expected
