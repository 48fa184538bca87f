"""A wheel that passed goes to the output directory."""

import hashlib
import os
import shutil
from pathlib import Path

from crosswheel.model import Job, Outcome, Wheel
from crosswheel.wheels.facts import WheelFacts
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.tagging import oldest_policy, promised_glibc

_PARTIAL = ".crosswheel-"


def clear_abandoned(output_dir: Path) -> None:
    """Remove what killed runs left half-written."""
    for partial in output_dir.glob(f"{_PARTIAL}*.whl"):
        pid = partial.name.removeprefix(_PARTIAL).partition("-")[0]
        if pid.isdecimal() and not Path("/proc", pid).exists():
            partial.unlink(missing_ok=True)


def published(wheel: Path, job: Job, output_dir: Path | None, *, reused: bool = False) -> Outcome:
    """Put the wheel where the user wants it, and say what it is.

    :param output_dir: None for a wheel that is there already.
    :param reused: whether it is an earlier job's.
    :raises OSError: the directory cannot be written.
    """
    final = _copied(wheel, output_dir) if output_dir else wheel
    facts = inspect(final)
    with final.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Outcome(
        job.identifier,
        engine=None,
        wheel=Wheel(final, final.stat().st_size, oldest_policy(facts), sha256),
        failure=None,
        reused=reused,
        floor_note=_floor_note(facts, job),
    )


def _floor_note(facts: WheelFacts, job: Job) -> str:
    """A sentence where the wheel needs a newer glibc than was asked for."""
    glibc = promised_glibc(facts)
    if glibc is None or glibc <= job.floor:
        return ""
    wanted, got = (".".join(map(str, version)) for version in (job.floor, glibc))
    return f"needs glibc {got}, above the floor {wanted}"


def _copied(wheel: Path, output_dir: Path) -> Path:
    """Whole or not at all."""
    output_dir.mkdir(parents=True, exist_ok=True)
    final = output_dir / wheel.name
    partial = output_dir / f"{_PARTIAL}{os.getpid()}-{wheel.name}"  # another run may write its own
    try:
        shutil.copyfile(wheel, partial)
        with partial.open("rb") as file:
            os.fsync(file)  # a name after a power failure stands for a whole wheel
        partial.rename(final)
    finally:
        partial.unlink(missing_ok=True)
    return final
