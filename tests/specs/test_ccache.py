"""What was compiled before is not compiled again: after a change of one line one file is, with every compiler."""

import hashlib
import re
import uuid
from pathlib import Path

import pytest
from harness import Crosswheel, Result, write

pytestmark = [pytest.mark.slow, pytest.mark.network]
ONE = "files compiled: 1 of 3; the others were compiled before"
KEEPING = {"CROSSWHEEL_NO_CACHE": ""}
_PROJECT = """\
[build-system]
requires = ["setuptools==80.9.0"]
build-backend = "setuptools.build_meta"
[project]
name = "several-files"
version = "1.0"
[tool.setuptools]
py-modules = []
ext-modules = [{ name = "several_files", sources = ["module.c", "one.c", "two.c"] }]
"""
_MODULE = """\
#include <Python.h>
extern int one(void), two(void);
static PyObject *sum(PyObject *self, PyObject *none) { return PyLong_FromLong(one() + two()); }
static PyMethodDef methods[] = {{"sum", sum, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "several_files", "", -1, methods};
PyMODINIT_FUNC PyInit_several_files(void) { return PyModule_Create(&module); }
"""


def function(name: str, value: int, mark: str) -> str:
    return f'const char *{name}_mark = "{mark}";\nint {name}(void) {{ return {value}; }}\n'


@pytest.fixture
def project(crosswheel: Crosswheel) -> Path:
    """Three C files that nobody compiled before."""
    mark = uuid.uuid4().hex
    files = {
        "pyproject.toml": _PROJECT,
        "module.c": f'{_MODULE}const char *module_mark = "{mark}";\n',
        "one.c": function("one", 1, mark),
        "two.c": function("two", 2, mark),
    }
    return write(crosswheel.cwd / "several-files", files)


def build(crosswheel: Crosswheel, only: str, *args: str, **variables: str) -> Result:
    result = crosswheel("build", "several-files", "--only", only, *args, env={**KEEPING, **variables})
    assert result.status == 0, result.err
    return result


def compiled(result: Result) -> list[str]:
    return re.findall(r"note: (files compiled: .*)", result.err)


def digest(crosswheel: Crosswheel) -> str:
    (wheel,) = (crosswheel.cwd / "wheelhouse").glob("*.whl")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def changed(project: Path) -> None:
    two = project / "two.c"
    two.write_text(two.read_text().replace("return 2", "return 3"))


@pytest.mark.parametrize("engine", ["hybrid-gcc", "emulated"])
def test_a_change_of_one_line_compiles_one_file(crosswheel: Crosswheel, project: Path, engine: str) -> None:
    arguments = ("cp311-manylinux_aarch64", "--engine", engine, "--no-test")
    assert compiled(build(crosswheel, *arguments)) == []
    changed(project)
    assert compiled(build(crosswheel, *arguments)) == [ONE]


def test_the_wheel_is_the_same_as_without_what_is_kept(crosswheel: Crosswheel, project: Path) -> None:
    arguments = ("cp311-manylinux_aarch64", "--no-test")
    assert compiled(build(crosswheel, *arguments)) == []
    changed(project)
    assert compiled(build(crosswheel, *arguments)) == [ONE]
    kept = digest(crosswheel)
    assert compiled(build(crosswheel, *arguments, "--no-cache")) == []
    assert digest(crosswheel) == kept


def test_a_file_without_python_in_it_is_compiled_once_for_all_pythons(
    crosswheel: Crosswheel, project: Path
) -> None:
    test = {"CIBW_TEST_COMMAND": "python -c 'import several_files; assert several_files.sum() == 3'"}
    assert compiled(build(crosswheel, "cp311-manylinux_aarch64", **test)) == []
    result = build(crosswheel, "cp313-manylinux_aarch64", **test)
    assert "cp313-manylinux_aarch64  cross  tested" in result.out
    assert compiled(result) == [ONE]
