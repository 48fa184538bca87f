"""A wheel of an earlier job that serves this target too: abi3, or pure Python with a platform."""

import re
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import parse_wheel_filename

from crosswheel.model import Target

_CPYTHON = re.compile(r"cp3(\d+)\Z")
_ANY_PYTHON = re.compile(r"py3(\d*)\Z")


def serving(target: Target, wheels: Iterable[Path]) -> Path | None:
    """The first of the wheels that the target's Python may install, as cibuildwheel reuses it."""
    return next((wheel for wheel in wheels if serves(wheel, target)), None)


def serves(wheel: Path, target: Target) -> bool:
    """Whether the target's Python may install the wheel although it was built for another one."""
    _, _, _, tags = parse_wheel_filename(wheel.name)
    for tag in tags:
        if not (tag.platform.startswith(target.libc) and tag.platform.endswith(f"_{target.arch.name}")):
            continue
        stable = target.python.implementation == "cp" and not target.python.suffix
        oldest = _ANY_PYTHON.match(tag.interpreter) if tag.abi == "none" else None
        if tag.abi == "abi3" and stable:
            oldest = _CPYTHON.match(tag.interpreter)
        if oldest and int(oldest[1] or 0) <= target.python.minor:
            return True
    return False
