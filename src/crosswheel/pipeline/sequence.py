"""Plan -> outcomes: one job after the other; a failure ends its own job only."""

import time
from collections.abc import Sequence
from pathlib import Path

from crosswheel.errors import CrosswheelError
from crosswheel.events import JobFinished, JobStarted, RunFinished, RunStarted
from crosswheel.model import Outcome, Plan
from crosswheel.pipeline.job import run_job
from crosswheel.pipeline.parts import Parts
from crosswheel.provision.debian import DebianSource
from crosswheel.seams import Progress, Source
from crosswheel.store import Store


def run_plan(
    plan: Plan,
    *,
    store: Store,
    sources: Sequence[Source],
    output_dir: Path,
    progress: Progress,
    no_test: bool,
    mirror: str | None = None,
) -> tuple[Outcome, ...]:
    """Run every job of the plan.

    :param output_dir: gets each wheel the moment it passed; made where it is missing.
    :param mirror: of Debian, in place of the machine's own.
    :param no_test: verify wheels, but do not test them.
    :raises OSError: the store or the output directory cannot be written.
    """
    started = time.monotonic()
    output_dir = output_dir.absolute()  # a wheel in it may be mounted into a sandbox
    progress(RunStarted(tuple(job.identifier for job in plan.jobs)))
    parts = Parts(store, sources, DebianSource(store, progress, mirror), progress)
    outcomes: list[Outcome] = []
    for number, job in enumerate(plan.jobs, 1):
        progress(JobStarted(job.identifier, number, len(plan.jobs)))
        try:
            done = tuple(outcomes)
            outcome = run_job(plan.project, job, parts, output_dir, progress, test=not no_test, done=done)
        except CrosswheelError as error:  # a part that could not be had
            outcome = Outcome(job.identifier, None, None, error)
        outcomes.append(outcome)
        progress(JobFinished(outcome))
    progress(RunFinished(tuple(outcomes), time.monotonic() - started))
    return tuple(outcomes)
