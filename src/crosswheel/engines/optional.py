"""Extension modules that a build may do without, and did: it ends well, and the wheel silently lacks them.

setuptools' ``Extension(..., optional=True)``, and what projects print that catch the failure themselves.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crosswheel.engines.causes import Cure
from crosswheel.engines.diagnosis import Diagnosis, diagnose

_BEFORE = 60  # lines in which a failed compiler tells its cause
_MARKS = tuple(
    re.compile(pattern)
    for pattern in (
        r'building extension "(?P<name>[\w.]+)" failed',
        r"(?i)\b(?:c|cython|native) (?:accelerators?|extensions?|speedups?)(?: modules?)? (?:could not be|cannot be"
        r"|failed to|was not|were not) (?:compiled?|buil[dt])",
        r"(?i)error compiling module, falling back to pure python",
    )
)


@dataclass(frozen=True)
class LeftOut:
    """An extension module that the wheel lacks.

    :param name: as the build named it; empty where it did not.
    :param told: why, and which rungs may do better; None where nothing is known.
    """

    name: str
    told: Diagnosis | None

    @property
    def wants_own_compilers(self) -> bool:
        """Whether the root's own compilers may make it, and no others."""
        return self.told is not None and self.told.cure is Cure.COMPILERS

    def __str__(self) -> str:
        what = f"the optional extension {self.name}" if self.name else "an optional extension"
        return f"{what}: {self.told.reason if self.told else 'its compiler failed'}"


def left_out(output: Sequence[str]) -> tuple[LeftOut, ...]:
    """The extension modules that a build left out, each once.

    :param output: the lines of a build that ended well.
    """
    found = {}
    for number, line in enumerate(output):
        match = next((match for mark in _MARKS if (match := mark.search(line))), None)
        if match:
            name = match.groupdict().get("name") or ""
            found[name] = LeftOut(name, diagnose(output[max(0, number - _BEFORE) : number]))
    return tuple(found.values())
