"""Memory, and the control group that may hold less than the machine."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.controlgroups import Delegation, delegation
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
    """Which version there is, and whether this user may make groups of jobs: by making one with a program in it."""
    version, limit = _group(machine)
    found = delegation(machine.proc, machine.cgroups)
    delegated = isinstance(found, Delegation)
    details = {"version": version or None, "delegated": delegated, "limit": limit}
    if isinstance(found, Delegation):
        fact = f"version {found.version}; a group of its own holds each job's --memory"
        return Probed(Finding("cgroups", "good", fact, details=details))
    fact = f"version {version}" if version else "there are none"
    return Probed(
        Finding("cgroups", "note" if version == 0 else "good", f"{fact}; --memory is held by looking each second",
                found if version else "", details=details)
    )  # fmt: skip


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
