"""The stages in order; read this first.

As many jobs of a plan as there is room for go at once (``scheduling.py``, ``sequence.py``) through provision,
build, repair, verification and test (``job.py``); what they need is fetched at first use and shared
(``parts.py``); a wheel that passed is in the output directory at once (``shelf.py``).
"""

from collections.abc import Sequence

from crosswheel.model import Outcome, Plan
from crosswheel.pipeline.catalogue import complete, sources
from crosswheel.pipeline.estimate import estimate
from crosswheel.pipeline.limits import Limits
from crosswheel.pipeline.origins import Origins
from crosswheel.pipeline.project import open_project
from crosswheel.pipeline.run import Run
from crosswheel.pipeline.scheduling import Budget
from crosswheel.pipeline.served import recall
from crosswheel.pipeline.sharding import part
from crosswheel.seams import Source
from crosswheel.store import Store

__all__ = [
    "Budget",
    "Limits",
    "Origins",
    "Run",
    "complete",
    "done",
    "estimate",
    "open_project",
    "part",
    "recall",
    "run",
    "sources",
]


def done(plan: Plan, store: Store, sources: Sequence[Source]) -> frozenset[str]:
    """The identifiers of the jobs that earlier runs have done; see :meth:`crosswheel.pipeline.kept.Kept.done`.

    :param sources: those that the plan was made with.
    """
    from crosswheel.pipeline.kept import Kept  # noqa: PLC0415 -- as below

    return Kept(store, plan.project, sources, wanted=True).done(plan.jobs)


def run(plan: Plan, how: Run) -> tuple[Outcome, ...]:
    """Run every job of a plan; see :func:`crosswheel.pipeline.sequence.run_plan`."""
    from crosswheel.pipeline.sequence import run_plan  # noqa: PLC0415 -- a plan alone does not pay for the engines

    return run_plan(plan, how)
