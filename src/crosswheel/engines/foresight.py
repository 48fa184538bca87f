"""A guess at a wheel's C++ modules from the project's sources, before a minute is spent on the wrong C++ library.

Only the order of things rests on it: the built wheel is counted again.
"""

import re
from pathlib import Path

_MODULE = re.compile(rb"\b(?:PyInit_\w+|PYBIND11_MODULE|NB_MODULE|BOOST_PYTHON_MODULE)\b")
_CYTHON_CPP = re.compile(rb"^#\s*(?:distutils|cython):.*language\s*=\s*c\+\+", re.MULTILINE)
_MARKS = {".cpp": _MODULE, ".cc": _MODULE, ".cxx": _MODULE, ".pyx": _CYTHON_CPP}


def several_cpp_modules(project: Path) -> bool:
    """Whether at least two sources look like C++ extension modules."""
    found = 0
    for path in project.rglob("*"):
        mark = _MARKS.get(path.suffix)
        if mark is not None and path.is_file() and mark.search(path.read_bytes()):
            found += 1
            if found > 1:
                return True
    return False
