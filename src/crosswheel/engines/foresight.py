"""A guess at a wheel's C++ modules from the project's sources, before a minute is spent on the wrong C++ library.

Only the order of things rests on it: a toolchain makes what it lacks at the first link, and the modules of the
built wheel are counted again.
"""

import re
from pathlib import Path

_MODULE = re.compile(rb"\b(?:PyInit_\w+|PYBIND11_MODULE|NB_MODULE|BOOST_PYTHON_MODULE)\b")
_CYTHON_CPP = re.compile(rb"^#\s*(?:distutils|cython):.*language\s*=\s*c\+\+", re.MULTILINE)
_MARKS = {".cpp": _MODULE, ".cc": _MODULE, ".cxx": _MODULE, ".pyx": _CYTHON_CPP}


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
