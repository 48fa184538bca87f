"""What each job of a plan needs before it may begin."""

from crosswheel.engines.foresight import may_serve_several_pythons
from crosswheel.model import Plan
from crosswheel.pipeline.scheduling import Need


def needs(plan: Plan) -> tuple[Need, ...]:
    """A need for each job, in the plan's order.

    Where one wheel may serve several Pythons, the jobs of an architecture and libc go one after the other: the
    later ones may only have to test it.
    """
    chained = may_serve_several_pythons(plan.project.path)
    before: dict[tuple[str, str], set[int]] = {}
    result = []
    for number, job in enumerate(plan.jobs):
        same = before.setdefault((job.target.libc, job.target.arch.name), set())
        result.append(Need(after=frozenset(same) if chained else frozenset()))
        same.add(number)
    return tuple(result)
