"""What a failed build left, kept for a look around: its project, its environment and its layers.

The attempt's own directory is renamed, so that a failure costs no copying. One for each project and identifier; it
goes when the wheel is built, after a week, and where there is no room for it.
"""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from filelock import FileLock, Timeout

from crosswheel.errors import CrosswheelError, StepError
from crosswheel.model import EngineName, Job, Project
from crosswheel.store import Store, digest, remove_tree

DAYS = 7
LIMIT = 2 << 30  # bytes of all that is kept
ROOM = 1 << 30  # bytes that must be free beside it
_KIND = "failed"
_NOTE = "left.json"


@dataclass(frozen=True)
class Left:
    """A directory that an attempt worked in.

    :param step: the step that failed; empty where no command of a step did.
    :param time: when, in seconds since the epoch.
    :param size: bytes on the disk.
    """

    path: Path
    engine: EngineName
    step: str
    time: float
    size: int


def keep(
    store: Store, project: Project, job: Job, engine: EngineName, error: CrosswheelError, scratch: Path
) -> bool:
    """Keep an attempt's directory in place of what was kept before, if there is room for it.

    :param scratch: is gone afterwards.
    """
    if not any(scratch.glob("*/project")):
        return False  # it failed before anything of the project's was there
    size = _size(scratch)
    kept = store.shared(_KIND)
    _forget_old(kept, LIMIT - size)
    if size > LIMIT or shutil.disk_usage(kept).free < ROOM:
        return False
    path = kept / _key(project, job)
    left = Left(path, engine, error.step if isinstance(error, StepError) else "", time.time(), size)
    with _alone(path) as alone:
        if alone:
            remove_tree(path)
            (scratch / _NOTE).write_text(json.dumps({**asdict(left), "path": ""}), encoding="utf-8")
            scratch.rename(path)
        return alone


def forget(store: Store, project: Project, job: Job) -> None:
    """Remove what was kept of a job, and what is too old."""
    path = store.path(_KIND, _key(project, job))
    if not path.parent.exists():
        return
    _forget_old(path.parent, LIMIT)
    if path.exists():
        with _alone(path) as alone:
            if alone:
                remove_tree(path)


def find(store: Store, project: Project, job: Job) -> Left | None:
    """What is kept of a job; None where nothing is."""
    return _read(store.path(_KIND, _key(project, job)))


@contextmanager
def held(left: Left) -> Iterator[None]:
    """Keep other runs from replacing or removing it.

    :raises CrosswheelError: another one holds it.
    """
    with _alone(left.path) as alone:
        if not alone:
            raise CrosswheelError(
                "another crosswheel is at work in what the failed build left",
                remedy="leave that one first, or give --fresh for a site of your own",
            )
        yield


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    lock = FileLock(path.with_suffix(".lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        if not path.exists():  # before the lock is let go: another run would lock a file that is gone
            path.with_suffix(".lock").unlink(missing_ok=True)
        lock.release()


def _key(project: Project, job: Job) -> str:
    return digest(
        {"project": str(Path(project.label).resolve()), "job": job.identifier, "source": job.source}
    )


def _read(path: Path) -> Left | None:
    try:
        note = json.loads((path / _NOTE).read_text(encoding="utf-8"))
        return Left(
            path, cast("EngineName", note["engine"]), note["step"], float(note["time"]), int(note["size"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _forget_old(kept: Path, room: int) -> None:
    """Remove what is older than a week, and the oldest until the rest is no larger than ``room``."""
    found = sorted(filter(None, map(_read, kept.iterdir())), key=lambda left: left.time, reverse=True)
    total = 0
    for left in found:
        total += left.size
        if total > room or time.time() - left.time > DAYS * 86400:
            with _alone(left.path) as alone:
                if alone:
                    remove_tree(left.path)


def _size(directory: Path) -> int:
    """Bytes on the disk."""
    total = 0
    for place, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(Path(place, name)).st_blocks * 512
    return total
