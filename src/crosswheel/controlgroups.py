"""A control group for each job, so that the kernel holds its limit of memory: where this user may make one.

Sources: ``Documentation/admin-guide/cgroup-v2.rst`` (delegation, "no internal processes", ``memory.oom.group``) and
``cgroup-v1/memory.rst`` of the kernel; systemd's ``CGROUP_DELEGATION.md``.
"""

import contextlib
import itertools
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crosswheel import process
from crosswheel.attention import entering
from crosswheel.resources import numbers, own_group

_PROC, _CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")
_NAME = "crosswheel-"
_PATIENCE = 2.0  # seconds for killed programs to leave a group
_ENTER = ("/bin/sh", "-c", 'echo 0 >"$0" && exec "$@"')
_COUNT = itertools.count(1)


@dataclass(frozen=True)
class _Files:
    """The files of a version: what is written in this order to limit a group, and what tells of it.

    :param limits: values by file, ``{}`` stands for the bytes; those that a kernel may lack end with ``?``.
    :param peak: bytes; :param events: a line ``oom_kill N``.
    """

    limits: Mapping[str, str]
    peak: str
    events: str


_FILES = {
    # Without swap, so that a job ends that needs more than it may, and does not make the machine slow instead.
    2: _Files(
        {"memory.max": "{}", "memory.swap.max?": "0", "memory.oom.group?": "1"},
        "memory.peak",
        "memory.events",
    ),
    1: _Files(
        {"memory.limit_in_bytes": "{}", "memory.memsw.limit_in_bytes?": "{}"},
        "memory.max_usage_in_bytes",
        "memory.oom_control",
    ),
}


@dataclass(frozen=True)
class ControlGroup:
    """A group that holds a job's programs."""

    version: int
    path: Path
    limit: int

    @property
    def over(self) -> bool:
        """Whether the kernel has ended a program of it for want of memory."""
        return numbers(self.path / _FILES[self.version].events).get("oom_kill", 0) > 0

    @property
    def peak(self) -> int:
        """The most bytes that it used at once; the limit where the kernel does not tell (Linux before 5.19)."""
        try:
            return int((self.path / _FILES[self.version].peak).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return self.limit


@dataclass(frozen=True)
class Delegation:
    """A place where this user may make groups.

    :param parent: the directory in which they are made.
    """

    version: int
    parent: Path

    @contextmanager
    def group(self, limit: int) -> Iterator[ControlGroup]:
        """A group that the programs of this block begin in; what is left of them ends with it.

        :param limit: bytes.
        :raises OSError: it cannot be made.
        """
        path = self.parent / f"{_NAME}{os.getpid()}-{_started(os.getpid())}-{next(_COUNT)}"
        path.mkdir()
        try:
            for name, value in _FILES[self.version].limits.items():
                file = path / name.removesuffix("?")
                if file.exists() or not name.endswith("?"):
                    file.write_text(value.format(limit), encoding="ascii")
            with entering((*_ENTER, str(path / "cgroup.procs"))):
                yield ControlGroup(self.version, path, limit)
        finally:
            _end(path)

    def clear_abandoned(self) -> None:
        """Remove the groups of runs that were killed."""
        for path in self.parent.glob(f"{_NAME}*"):
            pid, _, rest = path.name.removeprefix(_NAME).partition("-")
            if pid.isdecimal() and _started(int(pid)) != rest.partition("-")[0]:
                _end(path)


def delegation(proc: Path = _PROC, cgroups: Path = _CGROUPS) -> Delegation | str:
    """Where this user may make groups that limit memory: by making one, and a program in it; or why nowhere."""
    found = own_group(proc, cgroups)
    if found is None:
        return "there is no control group for memory"
    version, own, top = found
    # Of version 2 a group has programs or groups with limits, never both: what stands beside ours is the place.
    places = [own] if version == 1 else [place for place in (own.parent, own) if place.is_relative_to(top)]
    faults = []
    for place in places:
        try:
            _try(Delegation(version, place))
        except OSError as error:
            faults.append(f"no group can be made in {place}: {error.strerror}")
        else:
            return Delegation(version, place)
    return faults[0]


def _try(one: Delegation) -> None:
    """:raises OSError: no group can be made there, or nothing can be put into it."""
    switch = one.parent / "cgroup.subtree_control"
    if one.version == 2 and "memory" not in switch.read_text(encoding="ascii").split():
        switch.write_text("+memory", encoding="ascii")
    with one.group(64_000_000) as group:
        done = process.run(["/bin/sh", "-c", "exit 0"])
        if done.returncode != 0:
            raise PermissionError(0, " ".join(done.tail) or "no program gets in", str(group.path))


def _started(pid: int) -> str:
    """When a process began, in ticks after the machine did (proc(5), the 22nd field); empty where there is none."""
    try:
        return (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()[19]
        )
    except OSError:
        return ""


def _end(path: Path) -> None:
    """Kill what is in a group and remove it. One that stays is the next run's to remove."""
    until = time.monotonic() + _PATIENCE
    while path.is_dir():
        for place in (path, *(inner for inner in path.rglob("*") if inner.is_dir())):
            _kill(place)
        with contextlib.suppress(OSError):
            for place in sorted((inner for inner in path.rglob("*") if inner.is_dir()), reverse=True):
                place.rmdir()
            path.rmdir()
        if time.monotonic() > until:
            return
        time.sleep(0.01 if path.is_dir() else 0)


def _kill(group: Path) -> None:
    with contextlib.suppress(OSError):
        for word in (group / "cgroup.procs").read_text(encoding="ascii").split():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(word), signal.SIGKILL)
