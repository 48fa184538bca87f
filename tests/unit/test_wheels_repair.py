"""The default repair, and auditwheel as on a machine of the target."""

import os
import sys
from pathlib import Path

import pytest
from elf_maker import make_elf, make_wheel

from crosswheel import process
from crosswheel.errors import ExitCode, RepairCountError
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.repair import default_command, one_wheel, write_shim

MODULE = "_x.cpython-311-aarch64-linux-gnu.so"
NAME = "demo-1.0-cp311-cp311-linux_aarch64.whl"


def auditwheel(
    tmp_path: Path, *arguments: str | Path, root: str | Path = "/", machine: str = "aarch64", **env: str
) -> process.Completed:
    write_shim(tmp_path / "bin", sys.executable)
    env |= {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.defpath}",
        "CROSSWHEEL_TARGET_MACHINE": machine,
        "CROSSWHEEL_TARGET_ROOT": str(root),
    }
    return process.run([tmp_path / "bin/auditwheel", *arguments], env=env, cwd=tmp_path, capture=True)


def library(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(make_elf(defined=["foo"], soname=path.name, needed=["libc.so.6"]))


def wheel_that_needs(tmp_path: Path, *libraries: str, rpath: str = "") -> Path:
    elf = make_elf(defined=["PyInit__x"], needed=[*libraries, "libc.so.6"], rpath=rpath)
    return make_wheel(tmp_path, NAME, {MODULE: elf})


def grafted(output: Path) -> list[str]:
    return [elf.name.partition("-")[0] for elf in inspect(one_wheel(output)).elf if elf.is_grafted]


def test_the_default_is_that_of_cibuildwheel() -> None:
    assert default_command() == "auditwheel repair -w {dest_dir} {wheel}"


def test_the_shim_names_its_interpreter_whatever_its_path(tmp_path: Path) -> None:
    shim = write_shim(tmp_path / "bin", "/opt/my python/bin/python")
    assert shim == tmp_path / "bin/auditwheel"
    assert os.access(shim, os.X_OK)
    assert "exec '/opt/my python/bin/python' -P -m crosswheel.wheels.auditwheel_shim" in shim.read_text()


def test_one_wheel_is_the_wheel_that_is_there(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, NAME, {})
    (tmp_path / "auditwheel.log").touch()
    assert one_wheel(tmp_path) == wheel


def test_no_wheel_is_an_error_that_names_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "log.txt").touch()
    with pytest.raises(RepairCountError) as caught:
        one_wheel(tmp_path)
    assert caught.value.exit_code is ExitCode.REPAIR_COUNT
    assert (caught.value.fact, caught.value.cause) == (
        "the repair left no wheel",
        "{dest_dir} has only log.txt",
    )


def test_a_directory_that_was_not_made_holds_no_wheel(tmp_path: Path) -> None:
    with pytest.raises(RepairCountError) as caught:
        one_wheel(tmp_path / "none")
    assert caught.value.cause == "{dest_dir} is empty"


def test_several_wheels_are_an_error_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "b.whl").touch()
    (tmp_path / "a.whl").touch()
    with pytest.raises(RepairCountError) as caught:
        one_wheel(tmp_path)
    assert caught.value.fact == "the repair left 2 wheels where one is wanted"
    assert caught.value.cause == "{dest_dir} has a.whl, b.whl"


def test_a_foreign_wheel_gets_the_lowest_policy_that_holds(tmp_path: Path) -> None:
    wheel = wheel_that_needs(tmp_path)
    assert auditwheel(tmp_path, "repair", "-w", "out", wheel).returncode == 0
    assert inspect(one_wheel(tmp_path / "out")).platforms == (
        "manylinux2014_aarch64",
        "manylinux_2_17_aarch64",
    )


def test_a_platform_of_the_target_is_accepted(tmp_path: Path) -> None:
    wheel = wheel_that_needs(tmp_path)
    options = ("--plat", "manylinux_2_28_aarch64", "--only-plat")
    assert auditwheel(tmp_path, "repair", *options, "-w", "out", wheel).returncode == 0
    assert inspect(one_wheel(tmp_path / "out")).platforms == ("manylinux_2_28_aarch64",)


def test_a_small_module_that_names_no_libc_is_repaired(tmp_path: Path) -> None:
    name = "demo-1.0-cp311-abi3-linux_aarch64.whl"
    wheel = make_wheel(tmp_path, name, {"_x.abi3.so": make_elf(defined=["PyInit__x"])})
    assert auditwheel(tmp_path, "repair", "-w", "out", wheel).returncode == 0
    assert "manylinux_2_17_aarch64" in inspect(one_wheel(tmp_path / "out")).platforms


def test_libraries_are_grafted_from_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    library(root / "opt/vendor/libconf.so.1")
    library(root / "usr/lib/aarch64-linux-gnu/libmulti.so.1")
    library(root / "opt/run/libpath.so.1")
    (root / "etc/ld.so.conf.d").mkdir(parents=True)
    (root / "etc/ld.so.conf").write_text("include /etc/ld.so.conf.d/*.conf\n")
    (root / "etc/ld.so.conf.d/vendor.conf").write_text("/opt/vendor\n")
    wheel = wheel_that_needs(tmp_path, "libconf.so.1", "libmulti.so.1", "libpath.so.1", rpath="/opt/run")
    assert auditwheel(tmp_path, "repair", "-w", "out", wheel, root=root).returncode == 0
    assert grafted(tmp_path / "out") == ["libconf", "libmulti", "libpath"]


def test_absolute_links_lead_into_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    library(root / "usr/lib/real/libblas.so.3")
    (root / "etc/alternatives").mkdir(parents=True)
    (root / "usr/lib/libblas.so.3").symlink_to("/etc/alternatives/blas")
    (root / "etc/alternatives/blas").symlink_to("/usr/lib/real/libblas.so.3")
    library(root / "opt/vendor-1.2/lib/libvendor.so")
    (root / "opt/vendor").symlink_to("/opt/vendor-1.2")
    wheel = wheel_that_needs(tmp_path, "libblas.so.3", "libvendor.so", rpath="/opt/vendor/lib")
    assert auditwheel(tmp_path, "repair", "-w", "out", wheel, root=root).returncode == 0
    assert grafted(tmp_path / "out") == ["libblas", "libvendor"]


def test_libraries_of_the_build_tree_are_found_outside_the_root(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    library(tmp_path / "project/build/libown.so")
    wheel = wheel_that_needs(tmp_path, "libown.so", rpath=str(tmp_path / "project/build"))
    assert auditwheel(tmp_path, "repair", "-w", "out", wheel, root=tmp_path / "root").returncode == 0
    assert grafted(tmp_path / "out") == ["libown"]


def test_a_search_path_in_the_environment_means_the_root_first(tmp_path: Path) -> None:
    library(tmp_path / "root/opt/run/libpath.so.1")
    library(tmp_path / "project/build/libown.so")
    wheel = wheel_that_needs(tmp_path, "libpath.so.1", "libown.so")
    path = f"/opt/run:{tmp_path / 'project/build'}"
    done = auditwheel(tmp_path, "repair", "-w", "out", wheel, root=tmp_path / "root", LD_LIBRARY_PATH=path)
    assert done.returncode == 0
    assert grafted(tmp_path / "out") == ["libown", "libpath"]


def test_libraries_of_this_machine_are_never_grafted(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    elf = make_elf(machine=62, defined=["PyInit__x"], needed=["libcrypt.so.1", "libc.so.6"])
    wheel = make_wheel(tmp_path, "demo-1.0-cp311-cp311-linux_x86_64.whl", {"_x.abi3.so": elf})
    done = auditwheel(tmp_path, "repair", "-w", "out", wheel, root=tmp_path / "root", machine="x86_64")
    assert done.returncode == 1
    assert done.tail[-1] == (
        'auditwheel: Cannot repair wheel, because required library "libcrypt.so.1" could not be located'
    )


def test_the_project_in_the_working_directory_does_not_replace_our_modules(tmp_path: Path) -> None:
    (tmp_path / "auditwheel.py").write_text("raise SystemExit(99)\n")
    assert auditwheel(tmp_path, "repair", "-w", "out", wheel_that_needs(tmp_path)).returncode == 0


def test_a_target_that_is_not_told_is_an_error(tmp_path: Path) -> None:
    done = auditwheel(tmp_path, "repair", machine="")
    assert done.returncode == 2
    assert done.output.startswith(
        "auditwheel: CROSSWHEEL_TARGET_MACHINE is ''; one of x86_64, i686, aarch64, "
    )


def named(tmp_path: Path, version: str, *arguments: str, **env: str) -> str:
    """The platforms in the name of a repaired wheel that needs a version of glibc."""
    elf = make_elf(defined=["PyInit__x"], undefined=[f"memcpy@{version}"], needed=["libc.so.6"])
    wheel = make_wheel(tmp_path, NAME, {MODULE: elf})
    done = auditwheel(tmp_path, "repair", *arguments, "-w", tmp_path / "out", wheel, **env)
    assert done.returncode == 0, done.output
    return one_wheel(tmp_path / "out").name.removesuffix(".whl").rpartition("-")[2]


POLICY = {"AUDITWHEEL_PLAT": "manylinux_2_28_aarch64", "CROSSWHEEL_DEFAULT_PLAT": "manylinux_2_28_aarch64"}


def test_a_wheel_is_named_for_the_policy_of_the_image_beside_the_oldest_that_holds(tmp_path: Path) -> None:
    assert named(tmp_path, "GLIBC_2.17", **POLICY) == (
        "manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64"
    )


def test_a_wheel_that_needs_a_newer_glibc_is_named_for_that(tmp_path: Path) -> None:
    assert named(tmp_path, "GLIBC_2.33", **POLICY) == "manylinux_2_34_aarch64"


def test_a_policy_that_was_asked_for_must_hold(tmp_path: Path) -> None:
    elf = make_elf(defined=["PyInit__x"], undefined=["memcpy@GLIBC_2.33"], needed=["libc.so.6"])
    wheel = make_wheel(tmp_path, NAME, {MODULE: elf})
    env = {**POLICY, "AUDITWHEEL_PLAT": "manylinux_2_31_aarch64"}
    done = auditwheel(tmp_path, "repair", "-w", tmp_path / "out", wheel, **env)
    assert done.returncode != 0
    assert "too-recent versioned symbols" in done.output
