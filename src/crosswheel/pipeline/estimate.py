"""How long a run may take, from what its jobs took before."""

import heapq
from collections.abc import Sequence

from crosswheel.model import Estimate, Plan
from crosswheel.pipeline.history import History
from crosswheel.pipeline.needs import needs
from crosswheel.pipeline.scheduling import Need
from crosswheel.store import Store


def estimate(plan: Plan, store: Store, at_once: int, kept: frozenset[str] = frozenset()) -> Estimate:
    """The estimate of a plan.

    :param at_once: how many jobs go at once.
    :param kept: the identifiers of those jobs that earlier runs have done; they take nothing.
    """
    past = History(store, plan.project).past(plan.jobs)
    known = {job.identifier: past[job.identifier].seconds for job in plan.jobs if job.identifier in past}
    known |= dict.fromkeys(kept, 0.0)
    whole = None
    if len(known) == len(plan.jobs):
        whole = _whole([known[job.identifier] for job in plan.jobs], needs(plan, past), at_once)
    return Estimate(known, whole, at_once, kept)


def _whole(seconds: Sequence[float], needs: Sequence[Need], at_once: int) -> float:
    """When the last job ends, if each takes the first place that is free once those before it have ended."""
    free = [0.0] * at_once
    ends: list[float] = []
    for took, need in zip(seconds, needs, strict=True):
        begins = max([heapq.heappop(free), *(ends[number] for number in need.after)])
        ends.append(begins + took)
        heapq.heappush(free, ends[-1])
    return max(ends, default=0.0)
