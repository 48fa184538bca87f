"""Memory, and the control group that may hold less than the machine."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.doctor.machine import Machine, Probed
from crosswheel.findings import Finding

_LITTLE = 2_000_000_000  # bytes; large C++ files need more under a compiler
_UNLIMITED = 1 << 60  # version 1 writes a number near 2**63 for no limit


def memory(machine: Machine, archs: Sequence[Architecture]) -> Probed:  # noqa: ARG001
    """What is there and what is free."""
    text = (machine.proc / "meminfo").read_text()
    sizes = {key: int(number) * 1024 for key, number in re.findall(r"^(\w+): +(\d+) kB", text, re.MULTILINE)}
    total, free = sizes["MemTotal"], sizes["MemAvailable"]
    _, limit = _group(machine)
    room = min(free, limit or free)
    details = {"total": total, "available": free, "limit": limit, "cores": len(os.sched_getaffinity(0))}
    fact = f"{free / 1e9:.1f} of {total / 1e9:.1f} GB are free, {details['cores']} cores"
    if limit is not None:
        fact += f", but the control group allows {limit / 1e9:.1f} GB"
    if room < _LITTLE:
        return Probed(
            Finding("memory", "note", fact, f"large C++ files may need more than {room / 1e9:.1f} GB",
                    "build with less at once: MAKEFLAGS=-j1 in CIBW_ENVIRONMENT", details)
        )  # fmt: skip
    return Probed(Finding("memory", "good", fact, details=details))


def cgroups(machine: Machine, archs: Sequence[Architecture]) -> Probed:  # noqa: ARG001
    """Which version there is, and whether this user may make a group: by making one and removing it."""
    version, limit = _group(machine)
    if version == 0:
        return Probed(Finding("cgroups", "note", "there are none", details={"version": None}))
    delegated = _may_make(_own(machine, version))
    details = {"version": version, "delegated": delegated, "limit": limit}
    words = "this user may make groups" if delegated else "this user may not make groups"
    return Probed(Finding("cgroups", "good", f"version {version}; {words}", details=details))


def _group(machine: Machine) -> tuple[int, int | None]:
    """The version that rules memory (0: none), and the lowest limit of the group and those above it."""
    if (machine.cgroups / "cgroup.controllers").is_file():
        version, name = 2, "memory.max"
    elif (machine.cgroups / "memory").is_dir():
        version, name = 1, "memory.limit_in_bytes"
    else:
        return 0, None
    limits = [limit for place in _upwards(machine, version) if (limit := _number(place / name)) is not None]
    return version, min(limits, default=None)


def _own(machine: Machine, version: int) -> Path:
    """The directory of this process's group. In a container its path is that of the machine, and not there."""
    base = machine.cgroups if version == 2 else machine.cgroups / "memory"
    text = (machine.proc / "self/cgroup").read_text()
    pattern = r"^0::/(.*)$" if version == 2 else r"^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:/(.*)$"
    found = re.search(pattern, text, re.MULTILINE)
    own = base / found[1] if found else base
    return own if own.is_dir() else base


def _upwards(machine: Machine, version: int) -> Iterator[Path]:
    own = _own(machine, version)
    yield from (place for place in (own, *own.parents) if place.is_relative_to(machine.cgroups))


def _number(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() and int(text) < _UNLIMITED else None


def _may_make(group: Path) -> bool:
    trial = group / f"crosswheel-doctor-{os.getpid()}"
    try:
        trial.mkdir()
    except OSError:
        return False
    trial.rmdir()
    return True
