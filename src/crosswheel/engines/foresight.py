"""Guesses at what a build will need, from the project's files.

C++ modules are counted before a minute is spent on the wrong C++ library. Only the order of things rests on that: a
toolchain makes what it lacks at the first link, and the modules of the built wheel are counted again.
"""

import os
import re
import tomllib
from pathlib import Path

_MODULE = re.compile(rb"\b(?:PyInit_\w+|PYBIND11_MODULE|NB_MODULE|BOOST_PYTHON_MODULE)\b")
_CYTHON_CPP = re.compile(rb"^#\s*(?:distutils|cython):.*language\s*=\s*c\+\+", re.MULTILINE)
_MARKS = {".cpp": _MODULE, ".cc": _MODULE, ".cxx": _MODULE, ".pyx": _CYTHON_CPP}

_SOURCE = re.compile(r"\.(?:c|cc|cpp|cxx|c\+\+|C|pyx|pyf|i|S)\Z")
_MAKES_C = re.compile(r"\s*(?:cython|cffi|mypy|pythran|f2py)\b", re.IGNORECASE)
_OF_RUST = re.compile(r"\s*(?:maturin|setuptools[-_.]rust)\b", re.IGNORECASE)
# How a project says that its wheel is for more Pythons than the one that builds it: abi3, or py3-none.
_OF_SEVERAL = re.compile(
    r"abi3|limited[-_. ]?api|stable[-_. ]?abi|py3-none|py-api|root_is_pure|bindings\s*=\s*[\"'](?:bin|cffi|uniffi)",
    re.IGNORECASE,
)
_DESCRIPTIONS = (
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "meson.build",
    "CMakeLists.txt",
    "Cargo.toml",
    "*/Cargo.toml",
)
_CRATES = ("Cargo.toml", "*/Cargo.toml", "*/*/Cargo.toml")


def needs_rust(project: Path) -> bool:
    """Whether the build requires a build backend of Rust's, or a crate is near the top of the project."""
    return _requires(project, _OF_RUST) or any(
        path.is_file() for pattern in _CRATES for path in project.glob(pattern)
    )


def may_serve_several_pythons(project: Path) -> bool:
    """Whether a wheel of the project may be for more Pythons than the one that builds it."""
    return any(
        _OF_SEVERAL.search(path.read_text(encoding="utf-8", errors="replace"))
        for pattern in _DESCRIPTIONS
        for path in project.glob(pattern)
        if path.is_file()
    )


def _requires(project: Path, wanted: re.Pattern[str]) -> bool:
    try:
        table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
        return any(wanted.match(str(requirement)) for requirement in table["build-system"]["requires"])
    except (OSError, ValueError, LookupError, TypeError):
        return False  # whoever builds will say what is wrong with it


def compiles(project: Path) -> bool:
    """Whether there is something for a compiler of C or C++ in the project, or the build makes such a source."""
    return _requires(project, _MAKES_C) or any(
        _SOURCE.search(name) for _, _, names in os.walk(project) for name in names
    )


def cpp_modules(project: Path) -> int:
    """How many sources look like C++ extension modules; 2 stands for any number above 1."""
    found = 0
    for path in project.rglob("*"):
        mark = _MARKS.get(path.suffix)
        if mark is not None and path.is_file() and mark.search(path.read_bytes()):
            found += 1
            if found > 1:
                break
    return found
