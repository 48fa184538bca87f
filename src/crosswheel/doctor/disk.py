"""The cache and the output: written to, measured."""

import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.doctor.machine import Machine, Probed
from crosswheel.errors import ProvisionError
from crosswheel.findings import Finding
from crosswheel.process import OverdueError, within
from crosswheel.provision.sandboxes import namespace

_FULL = (errno.ENOSPC, errno.EDQUOT)
_BLOCK = 1_000_000  # bytes that are written to find out whether they can be
_LITTLE = 3_000_000_000  # bytes: a first root, zig and what is made of them take less
_COUNTING = 1.5  # seconds for the size of the cache


def cache(machine: Machine, archs: Sequence[Architecture]) -> Probed:  # noqa: ARG001
    """Writes to it, and lays a layer over a directory of it."""
    place, name = machine.store.root, "cache"
    details: dict[str, object] = {"path": str(place), "writable": False, "layers": None}
    try:
        with machine.store.scratch() as scratch:
            _write(scratch / "block")
            details["writable"] = True
            fault = _layers_fault(machine, scratch)
    except OSError as error:
        what = "free space there" if error.errno in _FULL else "make it writable for you"
        remedy = f"{what}, or name another directory with --cache-dir"
        cause = error.strerror or str(error)
        return Probed(Finding(name, "bad", f"{place} cannot be written", cause, remedy, details))
    if isinstance(fault, ProvisionError):
        details["layers"] = False
        fact = f"the file system of {place} cannot hold the layers of a sandbox"
        return Probed(
            Finding(
                name, "bad", fact, fault.cause, "name a directory on a local disk with --cache-dir", details
            )
        )
    size = _size(machine, place)
    details |= {"layers": fault, "bytes": size}
    held = f"; it holds {_gigabytes(size)}" if size is not None else ""
    fact = f"{place} can be written" + (" and take layers" if fault else "") + held
    return Probed(Finding(name, "good", fact, details=details))


def _write(path: Path) -> None:
    """:raises OSError: the disk is full, or cannot be written."""
    with path.open("wb") as file:
        file.write(bytes(_BLOCK))
        file.flush()
        os.fsync(file.fileno())


def _layers_fault(machine: Machine, scratch: Path) -> ProvisionError | bool | None:
    """The fault; True where there is none, None where it cannot be tried."""
    try:
        machine.probe_sandbox(emulate=False)
    except ProvisionError:
        return None
    try:
        namespace.probe_layers(scratch)
    except ProvisionError as error:
        return error
    return True


def _size(machine: Machine, place: Path) -> int | None:
    """Bytes; None where counting takes too long."""
    try:
        with within(_COUNTING):
            done = machine.run(["du", "--summarize", "--block-size=1", place], capture=True)
    except (OverdueError, OSError):
        return None
    first = done.output.split(maxsplit=1)[:1]
    return int(first[0]) if first and first[0].isdigit() else None


def disk(machine: Machine, archs: Sequence[Architecture]) -> Probed:  # noqa: ARG001
    """What is free where the cache and the wheels go."""
    places = {"cache": machine.store.root, "output": machine.output}
    free = {name: shutil.disk_usage(_existing(path)).free for name, path in places.items()}
    details = {name: {"path": str(places[name]), "free": free[name]} for name in places}
    output = _existing(machine.output)
    if not (output.is_dir() and os.access(output, os.W_OK | os.X_OK)):
        fact = f"{machine.output} cannot be written"
        remedy = "make it writable for you, or name another directory with --output-dir"
        return Probed(Finding("disk", "bad", fact, "", remedy, details))
    fact = f"{_gigabytes(free['cache'])} free for the cache, {_gigabytes(free['output'])} for wheels"
    if free["cache"] < _LITTLE:
        cause = f"a new cache grows to {_gigabytes(_LITTLE)} by the first builds"
        return Probed(
            Finding("disk", "note", fact, cause, "free space, or name another disk with --cache-dir", details)
        )
    return Probed(Finding("disk", "good", fact, details=details))


def _existing(path: Path) -> Path:
    """The directory, or the nearest one above it that is there."""
    return next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
