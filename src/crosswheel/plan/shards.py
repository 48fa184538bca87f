"""A plan in parts of about the same work, for several machines: each computes the same parts."""

from collections.abc import Sequence

from crosswheel.errors import ConfigurationError, Fault
from crosswheel.model import Job

# Work by the first engine of a job, in that of a native build (README, "Measured"). What machines learnt of a
# project may not count: it differs from one to the next.
_WORK = {"native": 1.0, "cross": 1.2, "hybrid": 2.0, "hybrid-gcc": 3.0, "emulated": 10.0}


def parsed(text: str) -> tuple[int, int]:
    """``2/5`` as ``(2, 5)``.

    :raises ConfigurationError: it is no such pair.
    """
    number, slash, total = text.partition("/")
    if slash and number.isdecimal() and total.isdecimal() and 1 <= int(number) <= int(total):
        return int(number), int(total)
    raise ConfigurationError(
        (Fault("--shard", f"is {text!r}, which is no part of a plan", "write 1/3, 2/3, 3/3"),)
    )


def shard(jobs: Sequence[Job], number: int, total: int, *, together: bool) -> tuple[Job, ...]:
    """The jobs of one part, in the plan's order.

    :param together: whether jobs of one architecture and libc stay together, as one wheel may serve them all.
    """
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        groups.setdefault(job.identifier.partition("-")[2] if together else job.identifier, []).append(job)
    loads = [0.0] * total
    own: set[str] = set()
    # The largest first, each to the part with the least work: never more than a third above the best (Graham 1969).
    for key, group in sorted(groups.items(), key=lambda item: (-_work(item[1]), item[0])):
        lightest = loads.index(min(loads))
        loads[lightest] += _work(group)
        if lightest == number - 1:
            own.add(key)
    return tuple(job for key in groups for job in groups[key] if key in own)


def _work(jobs: Sequence[Job]) -> float:
    return sum(_WORK[(job.skipped[0].engine if job.skipped else job.ladder[0])] for job in jobs)
