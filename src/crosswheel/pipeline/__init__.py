"""The stages in order; read this first.

As many jobs of a plan as there is room for go at once (``scheduling.py``, ``sequence.py``) through provision,
build, repair, verification and test (``job.py``); what they need is fetched at first use and shared
(``parts.py``); a wheel that passed is in the output directory at once (``shelf.py``).
"""

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

__all__ = [
    "Budget",
    "Limits",
    "Origins",
    "Run",
    "complete",
    "estimate",
    "open_project",
    "part",
    "recall",
    "run",
    "sources",
]


def run(plan: Plan, how: Run) -> tuple[Outcome, ...]:
    """Run every job of a plan; see :func:`crosswheel.pipeline.sequence.run_plan`."""
    from crosswheel.pipeline.sequence import run_plan  # noqa: PLC0415 -- a plan alone does not pay for the engines

    return run_plan(plan, how)
