"""A target's record is read from its root, without running anything of the target's."""

from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.engines.record import NoBuildDataError, TargetRecord, sysconfig_data, target_record
from crosswheel.model import Python, Target
from crosswheel.seams import Mount


class Tools:
    mounts: tuple[Mount, ...] = ()

    def env(self) -> dict[str, str]:
        return {name: f"/t/{name.lower()}" for name in ("CC", "CXX", "AR", "RANLIB")}


TARGET = Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"])
DATA = """
# a generated file
build_time_vars = {
    'CC': 'aarch64-linux-gnu-gcc', 'CFLAGS': '-g -fstack-protector-strong -O2', 'LDFLAGS': '-Wl,-z,relro',
    'EXT_SUFFIX': '.cpython-311-aarch64-linux-gnu.so', 'INCLUDEPY': '/usr/include/python3.11',
    'LIBDIR': '/usr/lib', 'LIBS': '-L/usr/lib -lm -I/usr/include/x', 'OTHER': '/home/usr/lib /var/usr',
    'prefix': '/usr', 'SIZEOF_LONG': 8, 'LDSHARED': 'gcc -shared',
}
"""


def library(root: Path, **files: str) -> Path:
    place = root / "usr/lib/python3.11"
    place.mkdir(parents=True)
    for name, content in files.items():
        (place / f"{name}.py").write_text(content)
    return root


@pytest.mark.parametrize(
    ("python", "directory", "module", "suffix"),
    [
        (Python("cp", 3, 14, "t"), "python3.14t", "_sysconfigdata_t_linux_aarch64-linux-gnu",
         "cpython-314t-aarch64-linux-gnu"),
        (Python("pp", 3, 11), "pypy3.11", "_sysconfigdata__aarch64-linux-gnu", "pypy311-pp73-aarch64-linux-gnu"),
    ],
)  # fmt: skip
def test_pythons_without_the_gil_and_pypys_have_a_library_and_a_suffix_of_their_own(
    tmp_path: Path, python: Python, directory: str, module: str, suffix: str
) -> None:
    place = tmp_path / "usr/lib" / directory
    place.mkdir(parents=True)
    data = {"EXT_SUFFIX": f".{suffix}.so", "SOABI": "-".join(suffix.split("-")[:2]),
            "INCLUDEPY": f"/usr/include/{directory}", "Py_GIL_DISABLED": int(python.is_free_threaded)}  # fmt: skip
    (place / f"{module}.py").write_text(f"build_time_vars = {data!r}\n")

    record = target_record(Target(python, "manylinux", TARGET.arch), tmp_path, "/sys", Tools(), (2, 17))

    assert record.ext_suffix == f".{suffix}.so"
    assert record.soabi == suffix  # what CMake puts between a module's name and .so
    assert record.include == f"/sys/usr/include/{directory}"
    assert record.variables["Py_GIL_DISABLED"] == int(python.is_free_threaded)


def read(root: Path) -> TargetRecord:
    return target_record(TARGET, root, "/crosswheel/sysroot", Tools(), (2, 17))


def test_compilers_are_the_toolchains_and_the_flags_of_debians_own_build_are_left_out(tmp_path: Path) -> None:
    variables = read(library(tmp_path, _sysconfigdata__aarch64_linux_gnu=DATA)).variables
    assert (variables["CC"], variables["CXX"], variables["LDSHARED"]) == ("/t/cc", "/t/cxx", "/t/cc -shared")
    assert variables["LDFLAGS"] == ""
    assert "stack-protector" not in str(variables["CFLAGS"])
    assert "-DNDEBUG" in str(variables["CFLAGS"])
    assert variables["SIZEOF_LONG"] == 8
    assert "prefix" not in variables


def test_paths_of_the_root_are_as_the_build_sees_them(tmp_path: Path) -> None:
    variables = read(library(tmp_path, _sysconfigdata__aarch64_linux_gnu=DATA)).variables
    assert variables["INCLUDEPY"] == "/crosswheel/sysroot/usr/include/python3.11"
    assert variables["LIBDIR"] == "/crosswheel/sysroot/usr/lib"
    assert variables["LIBS"] == "-L/crosswheel/sysroot/usr/lib -lm -I/crosswheel/sysroot/usr/include/x"
    assert variables["OTHER"] == "/home/usr/lib /var/usr"


def test_the_data_is_read_not_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    root = library(tmp_path, _sysconfigdata__x=f"open({str(marker)!r}, 'w')\n{DATA}")
    assert sysconfig_data(root, TARGET)["SIZEOF_LONG"] == 8
    assert not marker.exists()


def test_the_data_of_a_debug_build_is_taken_only_where_there_is_no_other(tmp_path: Path) -> None:
    debug = DATA.replace("8", "99")
    root = library(tmp_path / "both", _sysconfigdata_d_x=debug, _sysconfigdata__x=DATA)
    assert sysconfig_data(root, TARGET)["SIZEOF_LONG"] == 8


@pytest.mark.parametrize("files", [{}, {"_sysconfigdata__x": "other = {}"}])
def test_a_root_without_the_data_is_told(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(NoBuildDataError, match="_sysconfigdata"):
        sysconfig_data(library(tmp_path, **files), TARGET)
