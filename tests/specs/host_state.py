"""What a command may not leave on the machine that it ran on: mounts, emulators, processes."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import alive, descendants

_BINFMT = Path("/proc/sys/fs/binfmt_misc")
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


@contextmanager
def left_as_it_was() -> Iterator[None]:
    """Hold that the block leaves mounts and registrations as they were, and no process."""
    # Orphans become children of this process, where they are found.
    assert ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    own, mounts, entries = descendants(os.getpid()), _mounts(), _registrations()
    try:
        yield
    finally:
        # podman keeps a process for its user from one command to the next: the first of them starts it.
        left = [
            line
            for line in alive(descendants(os.getpid()) - own, within=5)
            if Path(line.strip()).name != "podman"
        ]
    assert left == []
    assert _mounts() == mounts
    assert _registrations() == entries


def _mounts() -> list[str]:
    return sorted(Path("/proc/self/mounts").read_text().splitlines())


def _registrations() -> dict[str, str]:
    names = sorted(path for path in _BINFMT.glob("*") if path.name != "register")
    return {path.name: path.read_text(errors="replace") for path in names}
