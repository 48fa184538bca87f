"""What forbids a wheel to leave: each fault is planted in a wheel that is otherwise right."""

from pathlib import Path
from typing import Any

import pytest
from elf_maker import make_elf, make_wheel

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import PureWheelError, VerificationError
from crosswheel.model import Libc, Python, Target
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.verify import expect_platform_wheel, notes, problems

PYTHON = frozenset({"PyModule_Create2", "PyLong_FromLong"})
LIBC = {"dladdr": (2, 17), "memfd_create": (2, 27)}
MODULE = "demo/_x.cpython-311-aarch64-linux-gnu.so"
CP311 = Python("cp", 3, 11)
PLATFORM = "manylinux_2_17_aarch64.manylinux2014_aarch64"
NAME = f"demo-1.0-cp311-cp311-{PLATFORM}.whl"


def target(python: Python = CP311, libc: Libc = "manylinux", arch: str = "aarch64") -> Target:
    return Target(python, libc, ARCHITECTURES[arch])


def module(**changes: Any) -> bytes:
    """An extension module for aarch64 without a fault."""
    right: dict[str, Any] = {
        "defined": ["PyInit__x"],
        "undefined": ["PyLong_FromLong", "memcpy@GLIBC_2.17"],
        "weak": ["__gmon_start__"],
        "needed": ["libc.so.6"],
    }
    return make_elf(**{**right, **changes})


def found(directory: Path, files: dict[str, bytes], name: str = NAME, **how: Any) -> list[str]:
    wheel = make_wheel(
        directory, name, files, **{key: how.pop(key) for key in ("tags", "purelib") if key in how}
    )
    options = {"target": target(), "floor": (2, 17), "python_exports": PYTHON, "libc_exports": LIBC, **how}
    return list(problems(inspect(wheel), **options))


def test_a_right_wheel_has_no_problem(tmp_path: Path) -> None:
    files = {"demo/__init__.py": b"", MODULE: module(), "demo/_y.abi3.so": module(), "demo/libz.so": module()}
    assert found(tmp_path, files) == []


@pytest.mark.parametrize(
    ("changes", "described"),
    [
        ({"machine": 62}, "x86_64 (ELF machine 62, 64 bits, little-endian)"),
        ({"machine": 40, "bits": 32}, "armv7l (ELF machine 40, 32 bits, little-endian)"),
        ({"bits": 32}, "ELF machine 183, 32 bits, little-endian"),
        ({"order": "big"}, "ELF machine 183, 64 bits, big-endian"),
    ],
)
def test_an_object_of_another_machine_class_or_byte_order(
    tmp_path: Path, changes: dict[str, Any], described: str
) -> None:
    assert found(tmp_path, {MODULE: module(**changes)}) == [f"{MODULE} is for {described}, not for aarch64"]


@pytest.mark.parametrize(
    "tag",
    [
        "cpython-311-x86_64-linux-gnu",
        "cpython-312-aarch64-linux-gnu",
        "cpython-311t-aarch64-linux-gnu",
        "cpython-311d-aarch64-linux-gnu",
        "cpython-311-aarch64-linux-musl",
        "pypy311-pp73-aarch64-linux-gnu",
        "abi3t",
    ],
)
def test_a_suffix_that_the_target_does_not_load(tmp_path: Path, tag: str) -> None:
    assert found(tmp_path, {f"demo/_x.{tag}.so": module()}) == [
        f"demo/_x.{tag}.so has the suffix .{tag}.so, which cp311-manylinux_aarch64 does not load"
    ]


@pytest.mark.parametrize(
    ("python", "libc", "arch", "tag"),
    [
        (Python("cp", 3, 13, "t"), "manylinux", "aarch64", "cpython-313t-aarch64-linux-gnu"),
        (Python("cp", 3, 11), "musllinux", "aarch64", "cpython-311-aarch64-linux-musl"),
        (Python("cp", 3, 9), "musllinux", "aarch64", "cpython-39-aarch64-linux-gnu"),
        (Python("cp", 3, 11), "manylinux", "i686", "cpython-311-i386-linux-gnu"),
        (Python("cp", 3, 11), "manylinux", "armv7l", "cpython-311-arm-linux-gnueabihf"),
        (Python("pp", 3, 11), "manylinux", "aarch64", "pypy311-pp73-aarch64-linux-gnu"),
    ],
)
def test_each_target_has_a_suffix_of_its_own(
    tmp_path: Path, python: Python, libc: Libc, arch: str, tag: str
) -> None:
    row = ARCHITECTURES[arch]
    elf = make_elf(defined=["PyInit__x"], machine=row.machine, bits=row.bits, order=row.order)
    abi = "pypy311_pp73" if python.implementation == "pp" else python.tag
    name = f"demo-1.0-{python.tag.removesuffix('t')}-{abi}-linux_{arch}.whl"
    assert found(tmp_path, {f"_x.{tag}.so": elf}, name, target=target(python, libc, arch)) == []


def test_a_free_threaded_python_does_not_load_the_stable_abi(tmp_path: Path) -> None:
    python = Python("cp", 3, 13, "t")
    name = f"demo-1.0-cp313-cp313t-{PLATFORM}.whl"
    assert found(tmp_path, {"_x.abi3.so": module()}, name, target=target(python)) == [
        "_x.abi3.so has the suffix .abi3.so, which cp313t-manylinux_aarch64 does not load"
    ]


@pytest.mark.parametrize("tag", ["cp39-abi3", "cp311-abi3", "py3-none"])
def test_a_wheel_for_several_pythons_holds_no_module_for_one(tmp_path: Path, tag: str) -> None:
    name = f"demo-1.0-{tag}-{PLATFORM}.whl"
    assert found(tmp_path, {"demo/_x.abi3.so": module(), "demo/y.so": module()}, name) == []
    assert found(tmp_path, {MODULE: module()}, name) == [
        f"{MODULE} is for one version of Python, but the tag of {name} promises several"
    ]


@pytest.mark.parametrize(
    "tag", ["cp312-cp312", "cp312-abi3", "cp311-cp311t", "cp310-cp310", "py2-none", "pp311-pypy311_pp73"]
)
def test_a_tag_that_the_target_cannot_use(tmp_path: Path, tag: str) -> None:
    name = f"demo-1.0-{tag}-{PLATFORM}.whl"
    assert found(tmp_path, {"demo/_x.abi3.so": module()}, name) == [
        f"{name} is tagged {tag}, which cp311 cannot use"
    ]


@pytest.mark.parametrize(
    "platform",
    [
        "linux_x86_64",
        "manylinux_2_17_armv7l",
        "musllinux_1_2_aarch64",
        "macosx_11_0_arm64",
        "manylinux2014_x86_64",
    ],
)
def test_a_platform_that_is_not_the_targets(tmp_path: Path, platform: str) -> None:
    name = f"demo-1.0-cp311-cp311-{platform}.whl"
    assert found(tmp_path, {MODULE: module()}, name) == [
        f"{name} is tagged {platform}, which is not a platform of manylinux aarch64"
    ]


def test_a_wheel_file_that_says_otherwise_than_the_name(tmp_path: Path) -> None:
    assert found(tmp_path, {MODULE: module()}, tags=["cp311-cp311-linux_aarch64"]) == [
        f"{NAME} is named otherwise than the tags in its WHEEL file, which says cp311-cp311-linux_aarch64"
    ]


def test_a_pure_wheel(tmp_path: Path) -> None:
    name = "demo-1.0-py3-none-any.whl"
    assert found(tmp_path, {"demo/__init__.py": b""}, name, purelib=True) == [
        f"{name} is tagged for any platform though it is built for aarch64"
    ]


def test_a_platform_wheel_without_anything_compiled(tmp_path: Path) -> None:
    assert found(tmp_path, {"demo/__init__.py": b""}) == [
        f"{NAME} is tagged for a platform, but no compiled file is in it"
    ]


def test_a_symbol_above_the_glibc_of_the_tag(tmp_path: Path) -> None:
    elf = module(undefined=["memcpy@GLIBC_2.17", "statx@GLIBC_2.28", "fmod@GLIBC_2.38"])
    assert found(tmp_path, {MODULE: elf}, floor=None) == [
        f"{MODULE} needs fmod@GLIBC_2.38, above the glibc 2.17 that its tag promises"
    ]


def test_the_oldest_of_several_tags_is_the_promise(tmp_path: Path) -> None:
    name = "demo-1.0-cp311-cp311-manylinux_2_28_aarch64.manylinux_2_17_aarch64.whl"
    elf = module(undefined=["statx@GLIBC_2.28"])
    assert found(tmp_path, {MODULE: elf}, name, floor=None) == [
        f"{MODULE} needs statx@GLIBC_2.28, above the glibc 2.17 that its tag promises"
    ]


@pytest.mark.parametrize("platform", ["manylinux_2_28_aarch64", "linux_aarch64"])
def test_a_symbol_above_the_floor(tmp_path: Path, platform: str) -> None:
    name = f"demo-1.0-cp311-cp311-{platform}.whl"
    elf = module(undefined=["statx@GLIBC_2.28"])
    assert found(tmp_path, {MODULE: elf}, name, floor=None) == []
    assert found(tmp_path, {MODULE: elf}, name, floor=(2, 28)) == []
    assert found(tmp_path, {MODULE: elf}, name, floor=(2, 17)) == [
        f"{MODULE} needs statx@GLIBC_2.28, above the glibc 2.17 that it was built for"
    ]


@pytest.mark.parametrize(
    ("version", "fits_2_36"), [("GLIBC_PRIVATE", False), ("GLIBC_ABI_DT_RELR", True), ("GLIBC_2.9", True)]
)
def test_versions_that_are_no_plain_number(tmp_path: Path, version: str, fits_2_36: bool) -> None:
    name = "demo-1.0-cp311-cp311-linux_aarch64.whl"
    elf = module(undefined=[f"x@{version}"])
    assert (found(tmp_path, {MODULE: elf}, name, floor=(2, 36)) == []) is fits_2_36


def test_undefined_symbols_that_nothing_provides(tmp_path: Path) -> None:
    names = ["memcpy@GLIBC_2.17", "_Unwind_Resume", "a", "b", "c", "d", "e"]
    assert found(tmp_path, {MODULE: module(undefined=names)}) == [
        f"{MODULE} needs _Unwind_Resume, a, b, c, d and 1 more, which no library that it loads provides"
    ]


def test_a_symbol_whose_library_is_not_needed(tmp_path: Path) -> None:
    elf = module(undefined=["sin@GLIBC_2.17"], versions={"GLIBC_2.17": "libm.so.6"})
    assert found(tmp_path, {MODULE: elf}) == [
        f"{MODULE} needs sin@GLIBC_2.17, which no library that it loads provides"
    ]


def test_the_loader_itself_is_always_there(tmp_path: Path) -> None:
    elf = module(undefined=["__tls_get_addr@GLIBC_2.17"], versions={"GLIBC_2.17": "ld-linux-aarch64.so.1"})
    assert found(tmp_path, {MODULE: elf}) == []


def test_unversioned_symbols_of_the_c_library_up_to_the_floor(tmp_path: Path) -> None:
    elf = module(undefined=["dladdr", "memfd_create"])
    name = "demo-1.0-cp311-cp311-linux_aarch64.whl"
    assert found(tmp_path, {MODULE: elf}, name, floor=(2, 17)) == [
        f"{MODULE} needs memfd_create, which no library that it loads provides"
    ]
    assert found(tmp_path, {MODULE: elf}, name, floor=(2, 27)) == []
    assert found(tmp_path, {MODULE: elf}, name, floor=None) == []


def test_grafted_libraries_provide_symbols(tmp_path: Path) -> None:
    grafted = make_elf(defined=["foo", "bar@FOO_1"], soname="libfoo-1a2b.so.1")
    foo = {"demo.libs/libfoo-1a2b.so.1": grafted}
    elf = module(
        undefined=["foo", "bar@FOO_1"], versions={"FOO_1": "libfoo-1a2b.so.1"}, needed=["libfoo-1a2b.so.1"]
    )
    assert found(tmp_path, {MODULE: elf, **foo}) == []
    elf = module(
        undefined=["gone@FOO_1"], versions={"FOO_1": "libfoo-1a2b.so.1"}, needed=["libfoo-1a2b.so.1"]
    )
    assert found(tmp_path, {MODULE: elf, **foo}) == [
        f"{MODULE} needs gone@FOO_1, which no library that it loads provides"
    ]


def test_a_grafted_library_is_no_extension_module_whatever_its_name(tmp_path: Path) -> None:
    assert found(tmp_path, {MODULE: module(), "demo.libs/_y-1a2b.abi3.so": make_elf(defined=["foo"])}) == []


def test_a_library_beside_the_module_provides_symbols_only_where_it_is_needed(tmp_path: Path) -> None:
    beside = {
        "demo/libouter.so": make_elf(needed=["libinner.so"]),
        "demo/libinner.so": make_elf(defined=["foo"]),
    }
    loaded = module(undefined=["foo"], needed=["libouter.so"])
    assert found(tmp_path, {MODULE: loaded, **beside}) == []
    assert found(tmp_path, {MODULE: module(undefined=["foo"]), **beside}) == [
        f"{MODULE} needs foo, which no library that it loads provides"
    ]


def test_libraries_of_the_policies_without_versions_provide_their_own_names(tmp_path: Path) -> None:
    elf = module(undefined=["XOpenDisplay", "inflateInit_", "foo"], needed=["libX11.so.6", "libz.so.1"])
    assert found(tmp_path, {MODULE: elf}) == [f"{MODULE} needs foo, which no library that it loads provides"]


def test_a_library_left_out_on_purpose_is_taken_to_provide_what_is_missing(tmp_path: Path) -> None:
    elf = module(undefined=["cuInit"], needed=["libcuda.so.1"])
    wheel = make_wheel(tmp_path, NAME, {MODULE: elf})
    assert problems(inspect(wheel), target=target(), floor=None, python_exports=PYTHON) == ()
    assert notes(inspect(wheel)) == ("libcuda.so.1 is not in the wheel: the user's machine must have it",)


@pytest.mark.parametrize(
    "elf",
    [
        module(defined=["helper"], undefined=["PyLong_FromLong"]),
        module(defined=[]),
        module(defined=["_init", "_fini"]),
    ],
    ids=["of Python", "empty", "empty, of GNU ld"],
)
def test_an_extension_module_that_initialises_nothing(tmp_path: Path, elf: bytes) -> None:
    assert found(tmp_path, {MODULE: elf}) == [
        f"{MODULE} is named as an extension module but exports no PyInit_ function"
    ]


def test_a_library_for_ctypes_may_have_the_suffix_of_a_module(tmp_path: Path) -> None:
    assert found(tmp_path, {MODULE: module(defined=["AES_encrypt"], undefined=["memcpy@GLIBC_2.17"])}) == []


@pytest.mark.parametrize("function", ["PyInit__x", "PyInitU_tsta", "PyModExport__x"])
def test_each_kind_of_initialisation_function_will_do(tmp_path: Path, function: str) -> None:
    assert found(tmp_path, {MODULE: module(defined=[function])}) == []


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        ("/home/me/build", "/home/me/build"),
        ("/tmp/zig/lib", "/tmp/zig/lib"),
        ("lib", "lib"),
        ("$ORIGIN:", "(empty)"),
    ],
)
@pytest.mark.parametrize("kind", ["rpath", "runpath"])
def test_a_search_path_of_the_build_machine(tmp_path: Path, kind: str, entry: str, shown: str) -> None:
    assert found(tmp_path, {MODULE: module(**{kind: entry})}) == [
        f"{MODULE} has a path of the build machine in its RPATH or RUNPATH: {shown}"
    ]


@pytest.mark.parametrize("entry", ["$ORIGIN", "${ORIGIN}/../demo.libs", "/usr/lib/aarch64-linux-gnu"])
def test_search_paths_that_hold_elsewhere(tmp_path: Path, entry: str) -> None:
    assert found(tmp_path, {MODULE: module(runpath=entry)}) == []


def test_needed_entries_that_hold_nowhere_else(tmp_path: Path) -> None:
    elf = module(needed=["libc.so.6", "/work/libfoo.so", "libpython3.11.so.1.0"])
    assert found(tmp_path, {MODULE: elf}) == [
        f"{MODULE} needs a library by a path of the build machine: /work/libfoo.so",
        f"{MODULE} is linked with libpython3.11.so.1.0, which manylinux forbids (PEP 513)",
    ]


def test_every_problem_is_found_at_once(tmp_path: Path) -> None:
    wrong = make_elf(machine=62, undefined=["foo"], runpath="/home/me")
    assert len(found(tmp_path, {MODULE: wrong, "demo/_y.cpython-312-aarch64-linux-gnu.so": module()})) == 5


@pytest.mark.parametrize("content", [b"", b"!<arch>\n", b"GROUP ( libx.so.1 )"])
def test_an_extension_module_that_is_empty_or_no_library(tmp_path: Path, content: bytes) -> None:
    broken = "demo/_y.abi3.so"
    assert found(tmp_path, {MODULE: module(), broken: content}) == [
        f"{broken} is named as an extension module but is no compiled file"
    ]


def test_a_module_without_an_interpreters_suffix_is_noted_and_a_library_is_not(tmp_path: Path) -> None:
    library = make_elf(defined=["plain"], needed=["libc.so.6"])
    files = {MODULE: module(), "demo/_y.so": module(), "demo/libplain.so": library}
    assert found(tmp_path, files) == []
    assert notes(inspect(make_wheel(tmp_path, NAME, files))) == (
        "demo/_y.so is a module whose name says nothing of its interpreter: every Python tries to load it",
    )


def test_notes_tell_what_may_be_improved(tmp_path: Path) -> None:
    files = {MODULE: module(debug=True, rpath="/usr/local/cuda"), "demo/_y.abi3.so": module(debug=True)}
    assert notes(inspect(make_wheel(tmp_path, NAME, files, purelib=True))) == (
        f"debug information is still in {MODULE} and 1 more: stripping would make the wheel smaller",
        f"{MODULE} looks for libraries in /usr/local/cuda of the user's machine",
        f"the WHEEL file of {NAME} says Root-Is-Purelib: true though it has compiled files",
    )


def test_a_wheel_without_anything_compiled_is_refused_with_what_was_left_out(tmp_path: Path) -> None:
    lost = ("the optional extension _x: the header x.h was not found",)
    tagged = inspect(make_wheel(tmp_path, NAME, {"demo/__init__.py": b""}))
    with pytest.raises(VerificationError) as refused:
        expect_platform_wheel(tagged, lost)
    assert refused.value.problems == (
        f"{NAME} is tagged for a platform, but no compiled file is in it",
        f"the build left out {lost[0]}",
    )
    pure = inspect(make_wheel(tmp_path, "demo-1.0-py3-none-any.whl", {"demo/__init__.py": b""}))
    with pytest.raises(PureWheelError) as unfit:
        expect_platform_wheel(pure, lost)
    assert unfit.value.cause == f"the build left out {lost[0]}"
    with pytest.raises(PureWheelError) as unfit:
        expect_platform_wheel(pure)
    assert unfit.value.cause.startswith("it has no compiled code")
