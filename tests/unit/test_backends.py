"""What build systems are told of a target: files and settings, all from one record."""

import configparser
import re
from ast import literal_eval
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.engines import backends
from crosswheel.engines.backends import cmake, meson, pkg_config
from crosswheel.engines.record import TargetRecord
from crosswheel.model import Python, Target

TOOLS = {name: f"/t/{name.lower()}" for name in ("CC", "CXX", "AR", "RANLIB", "STRIP", "LD")}


def record(arch: str = "aarch64") -> TargetRecord:
    row = ARCHITECTURES[arch]
    variables = {
        "EXT_SUFFIX": f".cpython-311-{row.triplet}.so",
        "SOABI": f"cpython-311-{row.triplet}",
        "INCLUDEPY": "/s/usr/include/python3.11",
    }
    return TargetRecord(Target(Python("cp", 3, 11), "manylinux", row), "/s", (2, 17), TOOLS, variables)


def cross_file(arch: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(meson.cross_file(record(arch)))
    return parser


def test_meson_learns_the_machine_its_compilers_and_that_programs_run_as_they_are() -> None:
    file = cross_file("aarch64")
    assert dict(file["host_machine"]) == {
        "system": "'linux'",
        "kernel": "'linux'",
        "cpu_family": "'aarch64'",
        "cpu": "'aarch64'",
        "endian": "'little'",
    }
    assert (file["binaries"]["c"], file["binaries"]["cpp"]) == ("'cc'", "'cxx'")
    assert file["properties"]["needs_exe_wrapper"] == "false"
    assert file["properties"]["longdouble_format"] == "'IEEE_QUAD_LE'"
    assert "exe_wrapper" not in file["binaries"]


@pytest.mark.parametrize(
    ("arch", "family", "endian"),
    [("i686", "x86", "little"), ("armv7l", "arm", "little"), ("s390x", "s390x", "big"),
     ("ppc64le", "ppc64", "little"), ("riscv64", "riscv64", "little")],
)  # fmt: skip
def test_meson_learns_families_by_its_own_names(arch: str, family: str, endian: str) -> None:
    machine = cross_file(arch)["host_machine"]
    assert (literal_eval(machine["cpu_family"]), literal_eval(machine["endian"])) == (family, endian)


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_every_architecture_has_files(arch: str) -> None:
    assert cross_file(arch)["properties"]["longdouble_format"]
    assert f"set(CMAKE_HOST_SYSTEM_PROCESSOR {arch})" in cmake.toolchain_file(record(arch))


def test_cmake_learns_the_same_and_the_names_of_extension_modules() -> None:
    text = cmake.toolchain_file(record())
    values = dict(re.findall(r'^ *set\((\S+) "?([^")]*?)"?(?: CACHE .*)?\)$', text, re.MULTILINE))
    assert values["CMAKE_HOST_SYSTEM_PROCESSOR"] == "aarch64"
    assert "CMAKE_SYSTEM_NAME" not in values
    assert (values["CMAKE_C_COMPILER"], values["CMAKE_CXX_COMPILER"]) == ("/t/cc", "/t/cxx")
    assert values["CMAKE_FIND_ROOT_PATH"] == "/s"
    assert values["${prefix}_SOABI"] == "cpython-311-aarch64-linux-gnu"
    assert values["${prefix}_INCLUDE_DIR"] == "/s/usr/include/python3.11"
    assert values["PYTHON_MODULE_EXTENSION"] == values["NB_SUFFIX"] == ".cpython-311-aarch64-linux-gnu.so"


def test_pkg_config_looks_into_the_targets_root_only() -> None:
    env = pkg_config.recipe(record()).env
    assert all(place.startswith("/s/usr/") for place in env["PKG_CONFIG_LIBDIR"].split(":"))
    assert env["PKG_CONFIG_SYSROOT_DIR"] == "/s"


def test_files_are_written_and_named_by_variables(tmp_path: Path) -> None:
    env = backends.lay(backends.recipes(record()), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["meson-cross.ini", "toolchain.cmake"]
    assert env["CMAKE_TOOLCHAIN_FILE"] == "/crosswheel/job/toolchain.cmake"


@pytest.mark.parametrize(
    "requirement", ["meson-python>=0.15", "Meson_Python", "meson-python[x]; python_version>'3'"]
)
def test_meson_python_is_told_by_a_setting(requirement: str) -> None:
    assert backends.settings(backends.recipes(record()), ["numpy", requirement]) == {
        "setup-args": ("--cross-file=/crosswheel/job/meson-cross.ini",)
    }


@pytest.mark.parametrize("requirement", ["setuptools", "meson", "meson-python @@ no requirement"])
def test_other_backends_get_no_setting_that_they_do_not_know(requirement: str) -> None:
    assert backends.settings(backends.recipes(record()), [requirement]) == {}


def test_the_projects_own_settings_come_behind() -> None:
    assert backends.merged({"a": ("1",)}, [("a", ("2", "3")), ("b", ("4",))]) == {
        "a": ["1", "2", "3"],
        "b": "4",
    }
    assert backends.merged({"a": ("1",)}, []) == {"a": "1"}
