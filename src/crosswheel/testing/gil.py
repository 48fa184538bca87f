"""Whether a test on a CPython without the GIL turned it on."""

import re
from collections.abc import Iterable

# The warning of CPython's import (Python/import.c) for a module without Py_MOD_GIL_NOT_USED (PEP 703).
_TURNED_ON = re.compile(r"\(GIL\) has been enabled to load module '([\w.]+)'")


def notes(output: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each module that did, each once.

    :param output: the lines that the test wrote.
    """
    modules = dict.fromkeys(found[1] for line in output if (found := _TURNED_ON.search(line)))
    return tuple(
        f"importing {module} turns the GIL on: it does not declare Py_MOD_GIL_NOT_USED" for module in modules
    )
