"""``crosswheel certify`` builds a wheel by two engines and says whether they gave the same."""

import pytest
from harness import Crosswheel, content, write

pytestmark = pytest.mark.slow

ONLY = ("--only", "cp311-manylinux_aarch64")
# A build that believes what the machine that runs it says: what it installs depends on the engine.
_TELLS_THE_ENGINE = {
    "setup.py": """\
from setuptools import Extension, setup
import os

with open("told.py", "w") as file:
    file.write("EMULATED = %r\\n" % ("/crosswheel" not in os.environ.get("CC", "")))
setup(name="told", version="1.0", py_modules=["told"], ext_modules=[Extension("_told", ["told.c"])])
""",
    "told.c": """\
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_told"};
PyMODINIT_FUNC PyInit__told(void) { return PyModule_Create(&module); }
""",
}


def test_a_wheel_that_is_the_same(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("certify", *ONLY, "--output-dir", "both", "c-hello")

    assert result.status == 0
    assert result.out.endswith("both were tested)\n")
    assert "\ncertified: cross gives the same wheel as emulated (compared: tags, metadata, " in result.out
    kept = {path.partition("/")[0] for path in content(crosswheel.cwd / "both")}
    assert kept == {"cross", "emulated"}


def test_a_wheel_that_is_not(crosswheel: Crosswheel) -> None:
    write(crosswheel.cwd / "told", _TELLS_THE_ENGINE)

    result = crosswheel("certify", *ONLY, "told")

    assert result.status == 1
    assert "told.py: cross has 'EMULATED = False'; emulated has 'EMULATED = True'" in result.out
    assert "not certified: 1 difference between cross and emulated" in result.out


def test_a_build_that_fails_keeps_its_code(crosswheel: Crosswheel) -> None:
    crosswheel.project("pure")

    result = crosswheel("certify", *ONLY, "pure")

    assert result.status == 5
    assert result.out.endswith("not certified: the build by cross failed\n")
