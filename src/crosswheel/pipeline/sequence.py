"""Plan -> outcomes: several jobs at once; a failure ends its own job only."""

import tempfile
import threading
import time
import traceback
from pathlib import Path

from crosswheel.engines import hooks
from crosswheel.errors import ConfigurationError, CrosswheelError
from crosswheel.events import Event, JobFinished, JobStarted, RunFinished, RunStarted
from crosswheel.model import Outcome, Plan
from crosswheel.pipeline.estimate import estimate
from crosswheel.pipeline.history import History
from crosswheel.pipeline.job import Work, run_job
from crosswheel.pipeline.kept import Kept
from crosswheel.pipeline.limits import grouped
from crosswheel.pipeline.needs import needs
from crosswheel.pipeline.parts import Parts
from crosswheel.pipeline.publication import clear_abandoned
from crosswheel.pipeline.run import Run
from crosswheel.pipeline.scheduling import run_all
from crosswheel.pipeline.shelf import Shelf
from crosswheel.provision.debian import DebianSource
from crosswheel.seams import Progress
from crosswheel.testing import sources as test_sources


def run_plan(plan: Plan, run: Run) -> tuple[Outcome, ...]:
    """Run every job of the plan, several at once.

    :returns: what became of the jobs that began, in the plan's order.
    :raises ConfigurationError: test sources that the project does not have.
    :raises OSError: the store or the output directory cannot be written.
    """
    started = time.monotonic()
    output_dir = run.output_dir.absolute()  # a wheel in it may be mounted into a sandbox
    progress = _one_at_a_time(run.progress)
    expected = estimate(plan, run.store, run.budget.jobs)
    limits = grouped(run.limits)
    progress(RunStarted(tuple(job.identifier for job in plan.jobs), expected, limits.limited()))
    debian = DebianSource(run.store, progress, run.mirror)
    parts = Parts(run.store, run.sources, debian, progress, run.sandboxing, keep=run.kept)
    _check_writable(output_dir)
    _check_test_sources(plan)
    isolated = not parts.sandboxes.on_machine
    kept = Kept(run.store, plan.project, run.sources, wanted=run.kept, isolated=isolated)
    history = History(run.store, plan.project)
    work = Work(plan.project, parts, Shelf(output_dir), kept, progress, limits)

    def carry_out(number: int, cores: int) -> Outcome:
        job = plan.jobs[number]
        origin = (job.source, job.source_reason)
        progress(JobStarted(job.identifier, number + 1, len(plan.jobs), cores, *origin))
        try:
            outcome = run_job(job, work, test=run.test, cores=cores)
        except CrosswheelError as error:  # a part that could not be had
            outcome = Outcome(job.identifier, None, None, error)
        except OSError:
            raise  # the disk or a directory of the run: the next job would meet it too
        except Exception as error:
            outcome = Outcome(job.identifier, None, None, _defect(error))
        history.note(outcome)
        progress(JobFinished(outcome))
        return outcome

    with run.store.scratch() as scratch, hooks.prepared(scratch):
        results = run_all(
            needs(plan, history.past(plan.jobs)),
            carry_out,
            run.budget,
            goes_on=lambda outcome: run.keep_going or outcome.ok,
        )
    outcomes = tuple(outcome for outcome in results if outcome is not None)
    progress(RunFinished(outcomes, time.monotonic() - started))
    return outcomes


def _one_at_a_time(progress: Progress) -> Progress:
    """The same reader, which hears jobs of several threads one after the other."""
    lock = threading.Lock()

    def heard(event: Event) -> None:
        with lock:
            progress(event)

    return heard


def _check_writable(output_dir: Path) -> None:
    """Find out before the first build, not when its wheel is to be kept.

    :raises OSError: it cannot be made or written.
    """
    output_dir.mkdir(parents=True, exist_ok=True)
    clear_abandoned(output_dir)
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
