"""Plan -> outcomes: one job after the other; a failure ends its own job only."""

import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from crosswheel.errors import ConfigurationError, CrosswheelError
from crosswheel.events import JobFinished, JobStarted, RunFinished, RunStarted
from crosswheel.model import AUTO_SANDBOX, Outcome, Plan, Sandboxing
from crosswheel.pipeline.job import run_job
from crosswheel.pipeline.parts import Parts
from crosswheel.provision.debian import DebianSource
from crosswheel.seams import Progress, Source
from crosswheel.store import Store
from crosswheel.testing import sources as test_sources


def run_plan(
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
    """Run every job of the plan.

    :param output_dir: gets each wheel the moment it passed; made where it is missing.
    :param mirror: of Debian, in place of the machine's own.
    :param no_test: verify wheels, but do not test them.
    :param sandboxing: where commands run.
    :raises ConfigurationError: test sources that the project does not have.
    :raises OSError: the store or the output directory cannot be written.
    """
    started = time.monotonic()
    output_dir = output_dir.absolute()  # a wheel in it may be mounted into a sandbox
    progress(RunStarted(tuple(job.identifier for job in plan.jobs)))
    parts = Parts(store, sources, DebianSource(store, progress, mirror), progress, sandboxing)
    _check_writable(output_dir)
    _check_test_sources(plan)
    outcomes: list[Outcome] = []
    for number, job in enumerate(plan.jobs, 1):
        progress(JobStarted(job.identifier, number, len(plan.jobs)))
        try:
            done = tuple(outcomes)
            outcome = run_job(plan.project, job, parts, output_dir, progress, test=not no_test, done=done)
        except CrosswheelError as error:  # a part that could not be had
            outcome = Outcome(job.identifier, None, None, error)
        except OSError:
            raise  # the disk or a directory of the run: the next job would meet it too
        except Exception as error:
            outcome = Outcome(job.identifier, None, None, _defect(error))
        outcomes.append(outcome)
        progress(JobFinished(outcome))
    progress(RunFinished(tuple(outcomes), time.monotonic() - started))
    return tuple(outcomes)


def _check_writable(output_dir: Path) -> None:
    """Find out before the first build, not when its wheel is to be kept.

    :raises OSError: it cannot be made or written.
    """
    output_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=output_dir):
        pass


def _check_test_sources(plan: Plan) -> None:
    """Find out before the first build.

    :raises ConfigurationError: with every file that is missing.
    """
    names = dict.fromkeys(name for job in plan.jobs for name in job.options.test_sources)
    faults = test_sources.faults(plan.project.root, names)
    if faults:
        raise ConfigurationError(faults)


def _defect(error: Exception) -> CrosswheelError:
    """One job's surprise, so that the others go on."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    failure = CrosswheelError(
        "this is a defect of crosswheel, not of your project",
        cause=f"{type(error).__name__}: {error} ({Path(frame.filename).name}, line {frame.lineno})",
        remedy="report it with the log of the job",
    )
    failure.__cause__ = error
    return failure
