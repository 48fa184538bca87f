"""The stages in order; read this first.

A plan's jobs go one by one (``sequence.py``) through provision, build, repair, verification and test (``job.py``);
what they need is fetched at first use and shared (``parts.py``); a wheel that passed is in the output directory at
once.
"""

from collections.abc import Sequence
from pathlib import Path

from crosswheel.model import AUTO_SANDBOX, Outcome, Plan, Sandboxing
from crosswheel.pipeline.catalogue import complete, sources
from crosswheel.pipeline.project import open_project
from crosswheel.pipeline.served import recall
from crosswheel.seams import Progress, Source
from crosswheel.store import Store

__all__ = ["complete", "open_project", "recall", "run", "sources"]


def run(
    plan: Plan,
    *,
    store: Store,
    sources: Sequence[Source],
    output_dir: Path,
    progress: Progress,
    no_test: bool,
    mirror: str | None = None,
    sandboxing: Sandboxing = AUTO_SANDBOX,
) -> tuple[Outcome, ...]:
    """Run every job of a plan; see :func:`crosswheel.pipeline.sequence.run_plan`."""
    from crosswheel.pipeline.sequence import run_plan  # noqa: PLC0415 -- a plan alone does not pay for the engines

    return run_plan(
        plan,
        store=store,
        sources=sources,
        output_dir=output_dir,
        progress=progress,
        no_test=no_test,
        mirror=mirror,
        sandboxing=sandboxing,
    )
