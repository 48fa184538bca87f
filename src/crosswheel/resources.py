"""What the machine has left for a run: memory and its limits, file systems, limits of a user.

Sources: ``Documentation/filesystems/proc.rst`` and ``Documentation/admin-guide/cgroup-v1/memory.rst``,
``cgroup-v2.rst`` of the kernel; ``proc(5)``.
"""

import errno
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT)
_UNLIMITED = 1 << 60  # cgroup v1 says "no limit" by the largest number of pages
# One of them is there wherever a group rules memory: also in the topmost, which has no limit.
_TELLING = ("memory.max", "memory.oom_control", "memory.stat")
_PROC, _CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Memory:
    """Memory in bytes.

    :param limit: the smallest limit of the control groups that this process is in; None without one.
    :param used: what the group with that limit uses; 0 without one.
    :param killed: processes that the kernel has ended for want of memory, in those groups or, where they do not
        count them, on this machine, since it started.
    """

    total: int
    available: int
    limit: int | None = None
    used: int = 0
    killed: int = 0


@dataclass(frozen=True)
class Disk:
    """The file system that a directory is on.

    :param mount: where it is mounted.
    :param kind: ``ext4``, ``tmpfs``, ``overlay``; empty where that is not known.
    :param free: bytes that an ordinary user can still write.
    :param files: how many files can still be made; None where the file system has no such limit.
    """

    mount: Path
    kind: str
    free: int
    files: int | None = None


def is_full(error: OSError) -> bool:
    """Whether a disk or a user's share of it is full; ``shutil.Error`` tells of several files at once."""
    if isinstance(error, shutil.Error):
        words = [os.strerror(number) for number in _FULL]
        return any(word in str(fault) for fault in error.args for word in words)
    return error.errno in _FULL


def memory(proc: Path = _PROC, cgroups: Path = _CGROUPS) -> Memory:
    """What there is of memory now; numbers that the kernel does not tell are 0."""
    info = numbers(proc / "meminfo")
    total = info.get("MemTotal", 0) * 1024
    available = info.get("MemAvailable", 0) * 1024
    found = own_group(proc, cgroups)
    places = _upwards(*found[1:]) if found else []
    groups = [group for place in places if (group := _group(place)) is not None]
    limited = [(limit, used) for limit, used, _ in groups if limit is not None]
    limit, used = min(limited, default=(None, 0))
    counts = [killed for *_, killed in groups if killed is not None]
    killed = max(counts) if counts else numbers(proc / "vmstat").get("oom_kill", 0)
    return Memory(total, available, limit, used, killed)


def own_group(proc: Path = _PROC, cgroups: Path = _CGROUPS) -> tuple[int, Path, Path] | None:
    """The version of control groups that rules memory, the directory of this process's, and that of the topmost.

    :returns: None where no group rules memory.
    """
    for line in _text(proc / "self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "" or "memory" in controllers.split(","):
            top = cgroups / "memory" if controllers else cgroups
            # In a container the path may be the machine's own, of which only the top is seen.
            own = next((place for place in (top / path.lstrip("/"), top) if place.is_dir()), top)
            if any((place / name).is_file() for place in _upwards(own, top) for name in _TELLING):
                return (1 if controllers else 2), own, top
    return None


def _upwards(own: Path, top: Path) -> list[Path]:
    return [place for place in (own, *own.parents) if place.is_relative_to(top)]


def _group(place: Path) -> tuple[int | None, int, int | None] | None:
    """Limit, use and count of ended processes of one group; None where it tells nothing."""
    for limit, used, events in (
        ("memory.max", "memory.current", "memory.events"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "memory.oom_control"),
    ):
        if (place / events).is_file():
            value = _text(place / limit).strip()
            number = int(value) if value.isdigit() and int(value) < _UNLIMITED else None
            return number, int(_text(place / used) or 0), numbers(place / events).get("oom_kill")
    return None


def disk(directory: Path, proc: Path = _PROC) -> Disk:
    """The file system of a directory, or of the nearest one above it that is there."""
    place = next(one for one in (directory.absolute(), *directory.absolute().parents) if one.exists())
    figures = os.statvfs(place)
    mount, kind = _mounted(place.resolve(), proc)
    return Disk(
        mount, kind, figures.f_bavail * figures.f_frsize, figures.f_favail if figures.f_files else None
    )


def _mounted(place: Path, proc: Path) -> tuple[Path, str]:
    """Mount point and kind; the last line that fits is what is seen there (proc(5), ``mounts``)."""
    found = (Path("/"), "")
    for line in _text(proc / "self/mounts").splitlines():
        _, mount, kind, *_ = line.split(" ")
        path = Path(mount.replace("\\040", " "))
        if place.is_relative_to(path) and len(path.parts) >= len(found[0].parts):
            found = (path, kind)
    return found


def numbers(path: Path) -> dict[str, int]:
    """Lines such as ``MemTotal:   123 kB`` and ``oom_kill 0``."""
    pairs = (line.replace(":", " ").split()[:2] for line in _text(path).splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
