"""What each job of a plan needs before it may begin."""

from collections.abc import Mapping

from crosswheel.engines.foresight import may_serve_several_pythons
from crosswheel.model import Plan
from crosswheel.pipeline.history import Past
from crosswheel.pipeline.scheduling import Need

_UNKNOWN = 1_000_000_000  # bytes, for a job of which nothing is known: most builds of one wheel take less


def needs(plan: Plan, past: Mapping[str, Past]) -> tuple[Need, ...]:
    """A need for each job, in the plan's order.

    :param past: what jobs took in earlier runs, by identifier.

    Where one wheel may serve several Pythons, the jobs of an architecture and libc go one after the other: the
    later ones may only have to test it.
    """
    chained = may_serve_several_pythons(plan.project.path)
    before: dict[tuple[str, str], set[int]] = {}
    result = []
    for number, job in enumerate(plan.jobs):
        same = before.setdefault((job.target.libc, job.target.arch.name), set())
        memory = past[job.identifier].memory if job.identifier in past else _UNKNOWN
        result.append(Need(memory, after=frozenset(same) if chained else frozenset()))
        same.add(number)
    return tuple(result)
