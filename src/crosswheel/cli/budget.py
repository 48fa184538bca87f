"""What the jobs of a run may use together, on this machine."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crosswheel.pipeline import Budget, Limits

_KEPT_FREE = 0.9  # of the memory: the machine does other things too
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # cgroup v2, v1


def budget(jobs: str, *, wheels: int) -> "Budget":
    """As many jobs at once as there are cores, and no more than there are wheels; or the number given.

    :param jobs: a number or ``auto``.
    """
    from crosswheel.config import forms
    from crosswheel.pipeline import Budget

    cores = len(os.sched_getaffinity(0))
    return Budget(max(1, min(forms.jobs(jobs) or cores, wheels)), cores, memory())


def limits(memory: str, time_limit: str) -> "Limits":
    """What each job may use; empty for no limit.

    :raises MalformedError: a value is no size or no time: the configuration has read them before.
    """
    from crosswheel.config import forms
    from crosswheel.pipeline import Limits

    return Limits(forms.memory(memory) if memory else 0, forms.seconds(time_limit) if time_limit else 0.0)


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
