"""A broken pyproject.toml is refused by the place of every fault in it; a missing one is no fault."""

import pytest
from harness import Crosswheel, Result, write


@pytest.mark.parametrize("command", ["build", "plan"])
def test_broken_toml(crosswheel: Crosswheel, command: str) -> None:
    write(crosswheel.cwd, {"pyproject.toml": "[project\n"})
    assert crosswheel(command, "--archs", "aarch64") == Result(
        2,
        out="",
        err="crosswheel: error: <cwd>/pyproject.toml: is not valid TOML: "
        "Expected ']' at the end of a table declaration (at line 1, column 9)\n",
    )


def test_every_fault_is_named_at_once(crosswheel: Crosswheel) -> None:
    table = """\
[tool.cibuildwheel]
before-bild = "make"
build = 3
[[tool.cibuildwheel.overrides]]
select = "cp3*"
test-comand = "pytest"
"""
    write(crosswheel.cwd, {"pyproject.toml": table})
    assert crosswheel("build", "--archs", "aarch64") == Result(
        2,
        out="",
        err="""\
crosswheel: error: pyproject.toml:2: tool.cibuildwheel.before-bild: is not an option of cibuildwheel \
(did you mean before-build?)
crosswheel: error: pyproject.toml:3: tool.cibuildwheel.build: is an integer where \
a string or a list of strings is wanted
crosswheel: error: pyproject.toml:6: tool.cibuildwheel.overrides[0].test-comand: is not an option of cibuildwheel \
(did you mean test-command?)
""",
    )


def test_a_project_without_pyproject_toml_is_a_setuptools_project(crosswheel: Crosswheel) -> None:
    write(crosswheel.cwd, {"setup.py": "from setuptools import setup; setup(name='old')\n"})
    result = crosswheel("build", "--print-build-identifiers", "--archs", "aarch64")
    assert result.status == 0
    assert "cp311-manylinux_aarch64" in result.out.splitlines()
