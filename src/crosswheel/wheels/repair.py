"""The repair of a built wheel: its default command, the ``auditwheel`` it finds, what it must leave."""

import shlex
from pathlib import Path

from crosswheel.errors import RepairCountError

SHIM = "crosswheel.wheels.auditwheel_shim"


def default_command() -> str:
    """cibuildwheel's default on Linux, with its placeholders."""
    return "auditwheel repair -w {dest_dir} {wheel}"


def write_shim(directory: Path, python: str) -> Path:
    """Write a program ``auditwheel`` that works as on a machine of the target (``auditwheel_shim``).

    :param directory: to be put first on PATH; made where it is missing.
    :param python: the interpreter that has crosswheel, by its absolute path.
    """
    directory.mkdir(parents=True, exist_ok=True)
    shim = directory / "auditwheel"
    # -P: a repair command runs in the user's project, whose modules must not come before ours.
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(python)} -P -m {SHIM} "$@"\n')
    shim.chmod(0o755)
    return shim


def one_wheel(dest_dir: Path) -> Path:
    """The wheel that a repair command left.

    :raises RepairCountError: there is none, or more than one.
    """
    wheels = sorted(dest_dir.glob("*.whl"))
    if len(wheels) == 1:
        return wheels[0]
    if wheels:
        raise RepairCountError(
            f"the repair left {len(wheels)} wheels where one is wanted",
            cause=f"{{dest_dir}} has {', '.join(wheel.name for wheel in wheels)}",
            remedy="let repair-wheel-command write only the repaired wheel to {dest_dir}",
        )
    others = sorted(path.name for path in dest_dir.iterdir()) if dest_dir.is_dir() else []
    raise RepairCountError(
        "the repair left no wheel",
        cause=f"{{dest_dir}} has only {', '.join(others)}" if others else "{dest_dir} is empty",
        remedy="let repair-wheel-command write the repaired wheel to {dest_dir}, or set it empty",
    )
