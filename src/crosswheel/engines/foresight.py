"""Guesses at what a build will need, from the project's files.

C++ modules are counted before a minute is spent on the wrong C++ library. Only the order of things rests on that: a
toolchain makes what it lacks at the first link, and the modules of the built wheel are counted again.
"""

import re
import tomllib
from pathlib import Path

_MODULE = re.compile(rb"\b(?:PyInit_\w+|PYBIND11_MODULE|NB_MODULE|BOOST_PYTHON_MODULE)\b")
_CYTHON_CPP = re.compile(rb"^#\s*(?:distutils|cython):.*language\s*=\s*c\+\+", re.MULTILINE)
_MARKS = {".cpp": _MODULE, ".cc": _MODULE, ".cxx": _MODULE, ".pyx": _CYTHON_CPP}


_OF_RUST = re.compile(r"\s*(?:maturin|setuptools[-_.]rust)\b", re.IGNORECASE)
_CRATES = ("Cargo.toml", "*/Cargo.toml", "*/*/Cargo.toml")


def needs_rust(project: Path) -> bool:
    """Whether the build requires a build backend of Rust's, or a crate is near the top of the project."""
    try:
        table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
        requires = table["build-system"]["requires"]
        if any(_OF_RUST.match(str(requirement)) for requirement in requires):
            return True
    except (OSError, ValueError, LookupError, TypeError):
        pass  # whoever builds will say what is wrong with it
    return any(path.is_file() for pattern in _CRATES for path in project.glob(pattern))


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
