"""musl: its names, what a wheel for it may need, and what is told of it to builds and to auditwheel."""

import sys
from pathlib import Path
from typing import Any

import pytest
from elf_maker import make_elf, make_wheel

from crosswheel import musl, process
from crosswheel.architectures import ARCHITECTURES
from crosswheel.engines import identity
from crosswheel.engines.backends import cargo, cmake, pkg_config
from crosswheel.engines.record import TargetRecord
from crosswheel.errors import CrosswheelError
from crosswheel.model import Job, Libc, Python, Target
from crosswheel.options import Options
from crosswheel.pipeline import variables
from crosswheel.plan import floors
from crosswheel.plan.identifiers import parse
from crosswheel.provision.toolchains import zig
from crosswheel.seams import Rust
from crosswheel.wheels.exports import libc_exports
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.policy import policy_of
from crosswheel.wheels.repair import one_wheel, write_shim
from crosswheel.wheels.verify import notes, problems

CP311 = Python("cp", 3, 11)
AARCH64 = ARCHITECTURES["aarch64"]
NAME = "demo-1.0-cp311-cp311-musllinux_1_2_aarch64.whl"
MANYLINUX = "demo-1.0-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"
MODULE = "_x.cpython-311-aarch64-linux-musl.so"
LIBRARY = "libc.musl-aarch64.so.1"
TOOLS = {name: f"/t/{name.lower()}" for name in ("CC", "CXX", "AR", "RANLIB", "STRIP", "LD")}


def target(arch: str = "aarch64", libc: Libc = "musllinux") -> Target:
    return Target(CP311, libc, ARCHITECTURES[arch])


def module(**changes: Any) -> bytes:
    """An extension module for musl without a fault."""
    right: dict[str, Any] = {
        "defined": ["PyInit__x"], "undefined": ["PyLong_FromLong", "memcpy"], "needed": [LIBRARY],
    }  # fmt: skip
    return make_elf(**{**right, **changes})


def found(directory: Path, files: dict[str, bytes], name: str = NAME, libc: Libc = "musllinux") -> list[str]:
    facts = inspect(make_wheel(directory, name, files))
    exports = frozenset({"PyLong_FromLong"})
    offered = {"memcpy": (0, 0)} if libc == "musllinux" else {"memcpy": (2, 17)}
    floor = (1, 2) if libc == "musllinux" else (2, 17)
    return list(
        problems(facts, target=target(libc=libc), floor=floor, python_exports=exports, libc_exports=offered)
    )


@pytest.mark.parametrize(
    ("arch", "zigs", "rust", "triplet", "loader", "soname"),
    [
        ("x86_64", "x86_64-linux-musl", "x86_64-unknown-linux-musl", "x86_64-linux-musl",
         "/lib/ld-musl-x86_64.so.1", "libc.musl-x86_64.so.1"),
        ("i686", "x86-linux-musl", "i686-unknown-linux-musl", "i386-linux-musl", "/lib/ld-musl-i386.so.1",
         "libc.musl-x86.so.1"),
        ("aarch64", "aarch64-linux-musl", "aarch64-unknown-linux-musl", "aarch64-linux-musl",
         "/lib/ld-musl-aarch64.so.1", "libc.musl-aarch64.so.1"),
        ("ppc64le", "powerpc64le-linux-musl", "powerpc64le-unknown-linux-musl", "powerpc64le-linux-musl",
         "/lib/ld-musl-powerpc64le.so.1", "libc.musl-ppc64le.so.1"),
        ("s390x", "s390x-linux-musl", "s390x-unknown-linux-musl", "s390x-linux-musl",
         "/lib/ld-musl-s390x.so.1", "libc.musl-s390x.so.1"),
        ("armv7l", "arm-linux-musleabihf", "armv7-unknown-linux-musleabihf", "arm-linux-musleabihf",
         "/lib/ld-musl-armhf.so.1", "libc.musl-armv7.so.1"),
        ("riscv64", "riscv64-linux-musl", "riscv64gc-unknown-linux-musl", "riscv64-linux-musl",
         "/lib/ld-musl-riscv64.so.1", "libc.musl-riscv64.so.1"),
    ],
)  # fmt: skip
def test_every_architecture_has_its_names(
    arch: str, zigs: str, rust: str, triplet: str, loader: str, soname: str
) -> None:
    row, one = ARCHITECTURES[arch], target(arch)
    assert zig.target_name(row, (1, 2), "musllinux") == zigs
    assert (one.rust, one.triplet) == (rust, triplet)
    assert (musl.loader(row), musl.soname(row)) == (loader, soname)


@pytest.mark.parametrize(
    ("tag", "arch", "triplet"),
    [
        ("cp39", "aarch64", "aarch64-linux-gnu"),
        ("cp310", "i686", "i386-linux-gnu"),
        ("cp310", "armv7l", "arm-linux-gnueabihf"),
        ("cp311", "i686", "i386-linux-musl"),
        ("cp313", "ppc64le", "powerpc64le-linux-musl"),
    ],
)
def test_a_cpython_before_3_11_has_the_triplet_of_glibc(tag: str, arch: str, triplet: str) -> None:
    assert parse(f"{tag}-musllinux_{arch}").triplet == triplet


def test_a_target_with_glibc_keeps_the_names_of_the_table() -> None:
    one = target(libc="manylinux")
    assert (one.triplet, one.rust) == ("aarch64-linux-gnu", "aarch64-unknown-linux-gnu")
    assert zig.target_name(AARCH64, (2, 17)) == "aarch64-linux-gnu.2.17"


@pytest.mark.parametrize(
    ("library", "expected"),
    [(LIBRARY, True), ("libc.so", True), ("ld-musl-aarch64.so.1", True), ("libc.so.6", False),
     ("libmuslin.so", False), ("libc++.so.1", False)],
)  # fmt: skip
def test_a_library_of_musl_is_known_by_its_name(library: str, expected: bool) -> None:
    assert musl.is_musl(library) is expected


def test_a_right_wheel_has_no_problem(tmp_path: Path) -> None:
    assert found(tmp_path, {MODULE: module(), "_y.abi3.so": module()}) == []


@pytest.mark.parametrize(
    ("changes", "known_by"),
    [
        ({"needed": ["libc.so.6"], "undefined": ["memcpy@GLIBC_2.17"]}, "libc.so.6"),
        ({"needed": ["libm.so.6", LIBRARY]}, "libm.so.6"),
        ({"needed": ["ld-linux-aarch64.so.1", LIBRARY]}, "ld-linux-aarch64.so.1"),
        ({"undefined": ["memcpy@GLIBC_2.17"], "versions": {"GLIBC_2.17": "libfoo.so"}}, "GLIBC_2.17"),
    ],
)
def test_an_object_of_glibc_in_a_wheel_for_musl(
    tmp_path: Path, changes: dict[str, Any], known_by: str
) -> None:
    sentence = f"{MODULE} is linked against glibc ({known_by}), and a musllinux wheel needs musl"
    assert sentence in found(tmp_path, {MODULE: module(**changes), "_y.abi3.so": module()})


@pytest.mark.parametrize("library", [LIBRARY, "libc.so"])
def test_an_object_of_musl_in_a_wheel_for_glibc(tmp_path: Path, library: str) -> None:
    planted = "_x.cpython-311-aarch64-linux-gnu.so"
    right = module(needed=["libc.so.6"], undefined=["memcpy@GLIBC_2.17"])
    assert found(
        tmp_path, {planted: module(needed=[library]), "_y.abi3.so": right}, MANYLINUX, "manylinux"
    ) == [f"{planted} is linked against musl ({library}), and a manylinux wheel needs glibc"]


def test_a_copy_of_musl_inside_a_module(tmp_path: Path) -> None:
    inside = module(defined=["PyInit__x", "__libc_start_main", "__errno_location"], needed=[])
    assert found(tmp_path, {MODULE: inside}) == [
        f"{MODULE} has a C library of its own inside, beside that of the process"
    ]


@pytest.mark.parametrize(
    ("loader", "sentences"),
    [
        ("/lib/ld-musl-aarch64.so.1", []),
        ("/lib/ld-linux-aarch64.so.1",
         ["tool is run by /lib/ld-linux-aarch64.so.1, which is not the loader of musl for aarch64"]),
    ],
)  # fmt: skip
def test_a_program_names_the_loader_of_musl(tmp_path: Path, loader: str, sentences: list[str]) -> None:
    assert found(tmp_path, {MODULE: module(), "tool": module(loader=loader)}) == sentences


def test_a_symbol_that_neither_musl_nor_python_has(tmp_path: Path) -> None:
    elf = module(undefined=["PyLong_FromLong", "memcpy", "__printf_chk"])
    assert found(tmp_path, {MODULE: elf}) == [
        f"{MODULE} needs __printf_chk, which no library that it loads provides"
    ]


def test_libpython_is_forbidden_by_the_policies_of_musl_too(tmp_path: Path) -> None:
    assert found(tmp_path, {MODULE: module(needed=["libpython3.11.so.1.0", LIBRARY])}) == [
        f"{MODULE} is linked with libpython3.11.so.1.0, which musllinux forbids (PEP 656)"
    ]


def test_libraries_of_the_manylinux_policies_are_not_on_every_machine_with_musl(tmp_path: Path) -> None:
    elf = module(needed=[LIBRARY, "libz.so.1", "libstdc++.so.6"])
    assert notes(inspect(make_wheel(tmp_path, NAME, {MODULE: elf}))) == (
        "libstdc++.so.6 is not in the wheel: the user's machine must have it",
    )


def test_what_not_every_musl_of_the_policy_has_is_told(tmp_path: Path) -> None:
    elf = module(undefined=["memcpy", "qsort_r", "statx"])
    assert notes(inspect(make_wheel(tmp_path, NAME, {MODULE: elf}))) == (
        f"{MODULE} needs qsort_r, which musl has since 1.2.3 (Alpine 3.16)",
        f"{MODULE} needs statx, which musl has since 1.2.5 (Alpine 3.20)",
    )
    assert notes(inspect(make_wheel(tmp_path, MANYLINUX, {MODULE: elf}))) == ()


def test_auditwheel_judges_by_the_policies_of_musl(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, NAME, {MODULE: module()})
    verdict = policy_of(wheel, "aarch64")
    assert (verdict.name, verdict.glibc) == ("musllinux_1_2_aarch64", None)


@pytest.mark.parametrize("link", ["", "aarch64-linux-musl/libc.so", "/lib/aarch64-linux-musl/libc.so"])
def test_the_exports_of_musl_are_those_of_its_loader(tmp_path: Path, link: str) -> None:
    loader = tmp_path / "lib/ld-musl-aarch64.so.1"
    real = tmp_path / "lib/aarch64-linux-musl/libc.so" if link else loader
    real.parent.mkdir(parents=True)
    real.write_bytes(make_elf(defined=["memcpy", "sin"]))
    if link:
        loader.symlink_to(link)
    assert set(libc_exports(tmp_path, target())) == {"memcpy", "sin"}


def test_a_root_without_musl_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CrosswheelError, match="no musl for aarch64"):
        libc_exports(tmp_path, target())


def repaired(tmp_path: Path, *files: tuple[str, bytes], plat: str = "musllinux_1_2_aarch64") -> str:
    wheel = make_wheel(tmp_path, "demo-1.0-cp311-cp311-linux_aarch64.whl", dict(files))
    root = tmp_path / "root"
    (root / "usr/lib").mkdir(parents=True)
    (root / "usr/lib/libfoo.so.1").write_bytes(
        make_elf(defined=["foo"], soname="libfoo.so.1", needed=[LIBRARY])
    )
    write_shim(tmp_path / "bin", sys.executable)
    env = {
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "CROSSWHEEL_TARGET_MACHINE": "aarch64",
        "CROSSWHEEL_TARGET_LIBC": "musllinux_1_2", "CROSSWHEEL_TARGET_ROOT": str(root),
        "AUDITWHEEL_PLAT": plat, "CROSSWHEEL_DEFAULT_PLAT": "musllinux_1_2_aarch64",
    }  # fmt: skip
    command = [tmp_path / "bin/auditwheel", "repair", "-w", "out", wheel]
    done = process.run(command, env=env, cwd=tmp_path, capture=True)
    assert done.returncode == 0, done.output
    return done.output


@pytest.mark.parametrize(
    "elf", [module(), module(needed=[])], ids=["that needs musl", "that needs no library"]
)
def test_auditwheel_tags_a_module_for_musl(tmp_path: Path, elf: bytes) -> None:
    repaired(
        tmp_path, ("_x.cpython-39-aarch64-linux-gnu.so", elf)
    )  # the suffix of a musl CPython before 3.11
    assert one_wheel(tmp_path / "out").name == NAME


def test_auditwheel_takes_libraries_of_the_musl_root_in(tmp_path: Path) -> None:
    repaired(tmp_path, (MODULE, module(needed=["libfoo.so.1", LIBRARY])))
    facts = inspect(one_wheel(tmp_path / "out"))
    assert [elf.name.partition("-")[0] for elf in facts.elf if elf.is_grafted] == ["libfoo"]


@pytest.mark.parametrize(
    ("image", "floor"),
    [("", (1, 2)), ("musllinux_1_2", (1, 2)), ("musllinux_1_1", (1, 1)), ("manylinux_2_28", (1, 2))],
)
def test_the_policy_is_that_of_the_image_for_musl(image: str, floor: tuple[int, int]) -> None:
    assert floors.policy_of(image, target()) == floor
    assert floors.lowest(target()) == (1, 2)


def test_commands_of_a_job_are_told_its_policy() -> None:
    job = Job(target(), Options(), ("cross",), "musl", (1, 2), (1, 2))
    env = variables.common(job)
    assert (env["AUDITWHEEL_POLICY"], env["AUDITWHEEL_PLAT"]) == ("musllinux_1_2", "musllinux_1_2_aarch64")


def record() -> TargetRecord:
    suffix = "cpython-311-aarch64-linux-musl"
    told: dict[str, str | int] = {"EXT_SUFFIX": f".{suffix}.so", "SOABI": suffix, "INCLUDEPY": "/s/include"}
    return TargetRecord(target(), "/s", (1, 2), TOOLS, told)


def test_build_systems_are_told_directories_of_musl() -> None:
    assert "set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-musl)" in cmake.toolchain_file(record())
    assert "/s/usr/lib/aarch64-linux-musl/pkgconfig" in pkg_config.recipe(record()).env["PKG_CONFIG_LIBDIR"]


def test_cargo_builds_for_musl_and_links_it_dynamically() -> None:
    class Native:
        mounts, libraries = (), ()

        def env(self) -> dict[str, str]:
            return TOOLS

    env = cargo.recipe(target(), Rust("/rust/bin", (), {}, Native()), TOOLS, {}).env
    assert env["CARGO_BUILD_TARGET"] == "aarch64-unknown-linux-musl"
    assert env["CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER"] == "/t/cc"
    assert env["CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUSTFLAGS"] == "-C target-feature=-crt-static"


IDENTITY = """
import json, os, platform, sys, sysconfig
try:
    version = os.confstr("CS_GNU_LIBC_VERSION")
except ValueError:
    version = None
import packaging.tags
first = next(packaging.tags.sys_tags()).platform
print(json.dumps([version, platform.libc_ver()[0], sys.implementation._multiarch, first]))
"""


def test_the_described_python_has_no_glibc(tmp_path: Path) -> None:
    identity.plant(tmp_path)
    (tmp_path / "identity.json").write_text(identity.describe(record()))
    env = {
        identity.VARIABLE: str(tmp_path / "identity.json"),
        "PYTHONPATH": ":".join([str(tmp_path), *filter(None, sys.path)]),
        "PATH": "/usr/bin:/bin",
    }
    code = f"import _crosswheel_identity\n{IDENTITY}"
    done = process.run([sys.executable, "-c", code], env=env, capture=True)
    expected = "musl" if sys.version_info >= (3, 14) else ""
    assert done.output == f'[null, "{expected}", "aarch64-linux-musl", "linux_aarch64"]'


@pytest.mark.parametrize(
    ("arch", "glibc", "with_musl"),
    [("ppc64le", "IBM_DOUBLE_DOUBLE_LE", "IEEE_DOUBLE_LE"), ("aarch64", "IEEE_QUAD_LE", "IEEE_QUAD_LE")],
)
def test_long_double_is_musls_own_on_ppc64le(arch: str, glibc: str, with_musl: str) -> None:
    assert target(arch, "manylinux").long_double == glibc
    assert target(arch).long_double == with_musl
