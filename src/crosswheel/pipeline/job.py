"""One job: down the ladder until a rung serves, then the wheel is published."""

import contextlib
import os
import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO

from crosswheel.engines import diagnosis
from crosswheel.engines.record import NoBuildDataError
from crosswheel.errors import CrosswheelError, LimitError, ProvisionError, StepError, VerificationError
from crosswheel.events import EngineChosen, Noted, SteppedDown
from crosswheel.model import ZIG_ENGINES, EngineName, Job, Outcome, Project, StepDown
from crosswheel.pipeline import failed
from crosswheel.pipeline.attempt import Attempt, Built, LostError, built
from crosswheel.pipeline.catalogue import GCC_ENGINE
from crosswheel.pipeline.explanation import explained
from crosswheel.pipeline.kept import Kept, KeptWheel
from crosswheel.pipeline.limits import UNLIMITED, Limits, held
from crosswheel.pipeline.parts import NoNativePythonError, Parts
from crosswheel.pipeline.project import ships
from crosswheel.pipeline.publication import published
from crosswheel.pipeline.recorder import Recorder
from crosswheel.pipeline.served import remember
from crosswheel.pipeline.shelf import Shelf
from crosswheel.pipeline.trial import tested
from crosswheel.seams import Progress
from crosswheel.testing import gil

_LOG_DAYS = 30


@dataclass(frozen=True)
class Work:
    """What all jobs of a run work with.

    :param shelf: takes the wheels; one on it that serves another target too is only tested for that.
    :param kept: the wheels and tests of earlier runs.
    :param limits: what each job may use.
    """

    project: Project
    parts: Parts
    shelf: Shelf
    kept: Kept
    progress: Progress
    limits: Limits = UNLIMITED


def run_job(job: Job, work: Work, *, test: bool, cores: int) -> Outcome:
    """Build, verify and test one job's wheel.

    :param cores: how many compilers may run at once.
    :raises OSError: the store or the output directory cannot be written.
    """
    project, store = work.project, work.parts.store
    path = _log_path(store.shared("logs"), project, job)
    wanted = job.options.build_verbosity > 0 or job.options.build_frontend.verbose
    with path.open("w", encoding="utf-8", errors="backslashreplace") as log:  # a variable may hold any bytes
        shown = frozenset({"build"} if wanted else ())
        recorder = Recorder(job.identifier, work.progress, log, shown, work.limits.memory)
        climb = _Climb(job, work, recorder, log, cores)
        outcome = climb.within(work.limits, test=test and not job.options.test_skip)
    if isinstance(outcome.failure, StepError):
        outcome.failure.log = path
    if isinstance(outcome.failure, StepError | VerificationError):
        diagnosis.explain(outcome.failure, outcome.engine, partial(ships, project))
    remember(store, project, job, outcome)
    if outcome.ok:
        failed.forget(store, project, job)
    notes = tuple(recorder.notes)
    return replace(outcome, skipped=job.skipped, steps=tuple(recorder.steps), notes=notes, log=path)


class _Climb:
    """The way down one job's ladder."""

    def __init__(self, job: Job, work: Work, recorder: Recorder, log: IO[str], cores: int) -> None:
        self._job, self._work, self._recorder, self._log, self._cores = job, work, recorder, log, cores
        self._progress = work.progress
        self._engine: EngineName | None = None
        self._step_downs: list[StepDown] = []

    def within(self, limits: Limits, *, test: bool) -> Outcome:
        """Go down, and be ended where the job uses more than it may."""
        try:
            with held(limits, lambda: self._recorder.name) as group:
                self._recorder.group = group
                return self.down(test=test)
        except LimitError as error:
            return Outcome(
                self._job.identifier, self._engine, None, error, step_downs=tuple(self._step_downs)
            )

    def down(self, *, test: bool) -> Outcome:
        """Try the rungs in order; a failure that a lower rung cannot cure ends the way."""
        identifier, rungs = self._job.identifier, list(self._job.ladder)
        if known := self._work.kept.wheel(self._job):
            return self._again(known, test=test)
        for step in self._job.skipped:
            text = f"{step.engine} is left out, since it failed before: {step.reason}"
            again = f"--engine {step.engine} tries it again"
            self._progress(Noted(f"{text} ({again})", identifier=identifier))
        while True:
            self._engine = engine = rungs.pop(0)
            self._progress(EngineChosen(identifier, engine))
            self._recorder.notes.clear()  # those of a rung that failed are of no wheel
            try:
                outcome = self._rung(engine, rungs, test=test)
                return replace(outcome, step_downs=tuple(self._step_downs))
            except CrosswheelError as error:
                descent = self._descent(error, engine)
                if descent is not None and descent.own_compilers:
                    rungs = [rung for rung in rungs if rung not in ZIG_ENGINES]
                if descent is None or not rungs:
                    return Outcome(identifier, engine, None, error, step_downs=tuple(self._step_downs))
                failed.forget(self._work.parts.store, self._work.project, self._job)
                self._step_downs.append(StepDown(engine, rungs[0], descent.reason))
                self._progress(SteppedDown(identifier, self._step_downs[-1]))

    def _descent(self, error: CrosswheelError, engine: EngineName) -> diagnosis.Descent | None:
        if engine == GCC_ENGINE and isinstance(error, ProvisionError):  # the rung below needs nothing more
            return diagnosis.Descent(f"its compilers cannot be had: {error.fact}")
        if isinstance(error, NoNativePythonError | NoBuildDataError):  # those below need none
            return diagnosis.Descent(error.fact)
        if isinstance(error, StepError | VerificationError):
            return diagnosis.curable(error, engine, partial(ships, self._work.project))
        if isinstance(error, LostError):
            told = diagnosis.descent(error.diagnosis, engine)
            return replace(told, reason=error.fact) if told else None
        return None

    def _rung(self, engine: EngineName, below: Sequence[EngineName], *, test: bool) -> Outcome:
        shelf = self._work.shelf
        with self._attempt(engine, below) as attempt:
            served = shelf.serving(self._job)
            try:
                with explained(attempt, shelf.output_dir):
                    made = Built(served, None) if served else built(attempt)
                    if not served:
                        shelf.check(made.wheel, self._job)
                    if test and not self._work.kept.is_tested(self._job, made.wheel):
                        self._test(attempt, made)
            except CrosswheelError as error:
                if served is None and not self._work.parts.sandboxes.on_machine:
                    self._keep(error, engine, attempt.scratch)
                raise
            wheel = made.wheel
            outcome = (
                published(wheel, self._job, None, reused=True) if served else shelf.put(wheel, self._job)
            )
            outcome = replace(outcome, engine=engine, tested=test)
            if not outcome.reused:
                down, notes = tuple(self._step_downs), tuple(self._recorder.notes)
                self._work.kept.keep(self._job, wheel, replace(outcome, step_downs=down, notes=notes))
            return outcome

    def _again(self, known: KeptWheel, *, test: bool) -> Outcome:
        """An earlier run's wheel in place of a new one; tested where this test has not passed yet."""
        self._progress(EngineChosen(self._job.identifier, known.engine))
        try:
            if test and not self._work.kept.is_tested(self._job, known.path):
                with (
                    self._attempt(known.engine, ()) as attempt,
                    explained(attempt, self._work.shelf.output_dir),
                ):
                    self._test(attempt, Built(known.path, None))
            outcome = self._work.shelf.put(known.path, self._job)
        except CrosswheelError as error:
            return Outcome(self._job.identifier, known.engine, None, error, step_downs=known.step_downs)
        self._recorder.notes.extend(known.notes)
        return replace(outcome, engine=known.engine, tested=test, kept=True, step_downs=known.step_downs)

    def _test(self, attempt: Attempt, made: Built) -> None:
        with self._recorder.step("test"):
            tested(attempt, made)
        for text in gil.notes(self._recorder.output):
            self._recorder.note(text)
        self._work.kept.note_tested(self._job, made.wheel)

    def _keep(self, error: CrosswheelError, engine: EngineName, scratch: Path) -> None:
        """Let a person look around in what the attempt left."""
        store, project = self._work.parts.store, self._work.project
        with contextlib.suppress(OSError):  # the failure itself is what counts
            if failed.keep(store, project, self._job, engine, error, scratch):
                error.look = shlex.join(["crosswheel", "shell", self._job.identifier, project.label])

    @contextmanager
    def _attempt(self, engine: EngineName, below: Sequence[EngineName]) -> Iterator[Attempt]:
        work, job, store = self._work, self._job, self._work.parts.store
        with (
            store.scratch(later=True) as scratch,
            store.scratch(later=True) as beside,  # of containers, not of what is kept of a failure
            # First: it finds out whether sandboxes can be made here at all.
            work.parts.sandboxes.opened(
                job.target.arch, job.options.container_engine, beside, self._log
            ) as make_sandbox,
        ):
            yield Attempt(
                work.project,
                self._job,
                engine,
                tuple(below),
                work.parts,
                self._recorder,
                self._progress,
                make_sandbox,
                scratch,
                self._cores,
            )


def _log_path(logs: Path, project: Project, job: Job) -> Path:
    """A log of this run's own; logs of more than a month ago go."""
    for old in logs.glob("*.log"):
        if time.time() - old.stat().st_mtime > _LOG_DAYS * 86400:
            old.unlink(missing_ok=True)
    moment = time.strftime("%Y%m%dT%H%M%S")
    return logs / f"{project.path.name}-{job.identifier}-{moment}-{os.getpid()}.log"
