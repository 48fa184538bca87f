"""Debian's cross compilers: the tree they stand in, the names they go by, and what a root gets of them."""

from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.engines import in_root
from crosswheel.errors import ProvisionError
from crosswheel.model import Python, Target
from crosswheel.provision.debian import cross_gcc as module
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.debian.suites import suite_with
from crosswheel.provision.roots import Root
from crosswheel.provision.toolchains.gcc import Gcc
from crosswheel.seams import Layered
from crosswheel.site.site import NativePython, Site
from crosswheel.store import Store

AARCH64 = ARCHITECTURES["aarch64"]
TRIPLET = AARCH64.triplet
PYTHON = Python("cp", 3, 11)


def nothing(name: str, version: str) -> None:
    pytest.fail(f"{name} {version} is fetched")


def made(directory: Path, *names: str) -> Path:
    for name in names:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(name)
    return directory


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree as packages leave it."""
    programs = ("gcc-12", "g++-12", "gfortran-12", "gcc-ar-12", "lto-dump-12", "ld", "objcopy")
    tree = made(
        tmp_path / "tree",
        *(f"usr/bin/{TRIPLET}-{name}" for name in programs),
        f"usr/lib/gcc-cross/{TRIPLET}/12/libgcc.a",
        *(f"usr/{TRIPLET}/lib/{name}" for name in ("libgfortran.so.5.0.0", "libgomp.so.1.0.0")),
    )
    for name in ("libgfortran.so.5", "libgomp.so.1"):
        (tree / f"usr/{TRIPLET}/lib" / name).symlink_to(f"{name}.0.0")
    (tree / "lib64").mkdir()
    (tree / "lib64/ld-linux-x86-64.so.2").symlink_to("/lib/x86_64-linux-gnu/ld-2.36.so")
    return tree


def site(tmp_path: Path) -> Site:
    root = Root(tmp_path / "root", "bookworm", AARCH64, (2, 36), "/usr/bin/python3.11", TRIPLET)
    assert root.path is not None
    work = tmp_path / "work"
    work.mkdir()
    return Site(
        target=Target(PYTHON, "manylinux", AARCH64),
        work=work,
        root=root,
        layered=Layered(root.path, work / "layer"),
        native=NativePython(None, "/usr/bin/python3.11"),
        make_sandbox=lambda view: pytest.fail("nothing is run"),
        uv_mounts=(),
        uv_env={},
    )


@pytest.mark.parametrize(
    ("name", "program"),
    [("gcc", "gcc-12"), ("cc", "gcc-12"), ("c++", "g++-12"), ("gfortran", "gfortran-12"), ("f77", "gfortran-12"),
     ("gcc-ar", "gcc-ar-12"), ("ld", "ld"), (f"{TRIPLET}-gcc", "gcc-12"), (f"{TRIPLET}-objcopy", "objcopy")],
)  # fmt: skip
def test_every_program_goes_by_its_usual_names(tree: Path, name: str, program: str) -> None:
    module.arrange(tree, AARCH64, 12)
    assert (tree / module.NAMES / name).read_text() == f"usr/bin/{TRIPLET}-{program}"


def test_what_nobody_builds_with_is_left_out(tree: Path) -> None:
    module.arrange(tree, AARCH64, 12)
    assert not list(tree.rglob("*lto-dump*"))


def test_the_loader_is_the_trees_own(tree: Path) -> None:
    module.arrange(tree, AARCH64, 12)
    assert str((tree / "lib64/ld-linux-x86-64.so.2").readlink()).startswith("../lib/x86_64-linux-gnu/")


def test_what_a_project_installs_into_usr_local_is_found(tree: Path) -> None:
    module.arrange(tree, AARCH64, 12)
    fixed = tree / f"usr/lib/gcc-cross/{TRIPLET}/12/include-fixed"
    assert str(fixed.readlink()) == "/usr/local/include"
    assert str((tree / f"usr/{TRIPLET}/lib/{TRIPLET}").readlink()) == "/usr/local/lib"


def test_every_variable_names_a_program_that_is_there(tree: Path) -> None:
    made(tree, *(f"usr/bin/{TRIPLET}-{name}" for name in ("ar", "ranlib", "strip", "nm")))
    module.arrange(tree, AARCH64, 12)
    env = Gcc(tree, AARCH64).env()
    assert env["FC"] == "/crosswheel/gcc/names/gfortran"
    for path in env.values():
        assert (tree / path.removeprefix("/crosswheel/gcc/")).exists(), path


def test_the_root_gets_the_libraries_that_it_lacks_and_keeps_its_own(tree: Path, tmp_path: Path) -> None:
    made(tmp_path / "root", f"usr/lib/{TRIPLET}/libgomp.so.1")
    place = site(tmp_path)
    in_root.workshop(place, "hybrid-gcc", Gcc(tree, AARCH64), None, {}, nothing)
    assert place.layered is not None
    upper = place.layered.layer / "upper/usr/lib" / TRIPLET
    assert [path.name for path in upper.iterdir()] == ["libgfortran.so.5"]
    assert not (upper / "libgfortran.so.5").is_symlink()


def test_the_compilers_come_first_on_path_and_the_roots_own_after_them(tree: Path, tmp_path: Path) -> None:
    env = in_root.workshop(
        site(tmp_path), "hybrid-gcc", Gcc(tree, AARCH64), None, {"LANG": "C.UTF-8"}, nothing
    ).env
    assert env["PATH"].split(":")[0] == "/crosswheel/gcc/names"
    assert "/usr/bin" in env["PATH"].split(":")
    assert (env["LANG"], env["CROSSWHEEL_ENGINE"]) == ("C.UTF-8", "hybrid-gcc")


def test_a_suite_without_them_is_named(tmp_path: Path) -> None:
    suite = suite_with(PYTHON, AARCH64)
    assert suite is not None
    archive = Archive(Store(tmp_path / "cache"), lambda event: None)
    with pytest.raises(ProvisionError, match="Debian bookworm has no cross compilers for x86_64"):
        module.cross_gcc(archive, suite, ARCHITECTURES["x86_64"])


@pytest.mark.network
@pytest.mark.slow
def test_what_is_fetched_has_compilers_and_no_c_library_of_the_target(tmp_path: Path) -> None:
    suite = suite_with(PYTHON, AARCH64)
    assert suite is not None
    tree = module.cross_gcc(Archive(Store(tmp_path / "cache"), lambda event: None), suite, AARCH64)
    assert (tree / module.NAMES / "gfortran").exists()
    assert (tree / f"usr/lib/gcc-cross/{TRIPLET}/12/f951").exists()
    assert not list((tree / f"usr/{TRIPLET}").rglob("libc.so*"))
    assert not (tree / f"usr/{TRIPLET}/include/stdio.h").exists()
