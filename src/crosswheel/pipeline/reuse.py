"""A wheel of an earlier job that serves this target too: abi3, or pure Python with a platform."""

import re
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import parse_wheel_filename

from crosswheel.model import Outcome, Target

_CPYTHON = re.compile(r"cp3(\d+)\Z")
_ANY_PYTHON = re.compile(r"py3(\d*)\Z")


def finished_wheel(target: Target, done: Iterable[Outcome]) -> Path | None:
    """The first finished wheel that the target's Python may install, as cibuildwheel reuses it."""
    for outcome in done:
        if outcome.wheel is not None and _serves(outcome.wheel.path, target):
            return outcome.wheel.path
    return None


def _serves(wheel: Path, target: Target) -> bool:
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
