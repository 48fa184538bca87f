"""What the jobs of a run may use together, on this machine."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.cli.options import quantity
from crosswheel.errors import ConfigurationError, Fault

if TYPE_CHECKING:
    from crosswheel.pipeline import Budget, Limits

_KEPT_FREE = 0.9  # of the memory: the machine does other things too
_LEAST = 100_000_000  # a Python that imports setuptools, under QEMU
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # cgroup v2, v1


def budget(jobs: str | None, *, wheels: int) -> "Budget":
    """As many jobs at once as there are cores, and no more than there are wheels; or the number given.

    :param jobs: a number or ``auto``; None stands for ``auto``.
    :raises ConfigurationError: it is neither.
    """
    from crosswheel.pipeline import Budget

    cores = len(os.sched_getaffinity(0))
    wanted = cores if jobs in (None, "auto") else _number(str(jobs))
    return Budget(max(1, min(wanted, wheels)), cores, memory())


def limits(memory: str | None, time_limit: str | None) -> "Limits":
    """What each job may use.

    :raises ConfigurationError: a value is no size or no time, or less than any build needs.
    """
    from crosswheel.config import forms
    from crosswheel.pipeline import Limits

    most = quantity("--memory", forms.size, memory) if memory else 0
    if memory and most < _LEAST:
        problem = f"is {memory!r}, less than any build needs"
        raise ConfigurationError((Fault("--memory", problem, "write 100M or more"),))
    return Limits(most, quantity("--time-limit", forms.seconds, time_limit) if time_limit else 0.0)


def memory() -> int:
    """The bytes that builds may use: what is available, or the limit of this process's cgroup if that is less."""
    fields = dict(
        line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    )
    available = int(fields["MemAvailable"].split()[0]) * 1024
    return int(min([available, *_limits()]) * _KEPT_FREE)


def _limits() -> list[int]:
    texts = (Path(place).read_text(encoding="ascii").strip() for place in _LIMITS if Path(place).is_file())
    return [int(text) for text in texts if text.isdecimal()]  # `max` is none


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) == 0:
        problem = f"is {text!r}, which is no number of jobs"
        raise ConfigurationError((Fault("--jobs", problem, "write 1 or more, or auto"),))
    return int(text)
