"""One job: down the ladder until a rung serves, then the wheel is published."""

import contextlib
import os
import shlex
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO

from crosswheel.engines import diagnosis
from crosswheel.errors import (
    CrosswheelError,
    DuplicateWheelError,
    ProvisionError,
    StepError,
    VerificationError,
)
from crosswheel.events import EngineChosen, Noted, SteppedDown
from crosswheel.model import ZIG_ENGINES, EngineName, Job, Outcome, Project, StepDown
from crosswheel.pipeline import failed
from crosswheel.pipeline.attempt import Attempt, Built, LostError, built, tested
from crosswheel.pipeline.catalogue import GCC_ENGINE
from crosswheel.pipeline.explanation import explained
from crosswheel.pipeline.parts import NoNativePythonError, Parts
from crosswheel.pipeline.project import ships
from crosswheel.pipeline.publication import published
from crosswheel.pipeline.recorder import Recorder
from crosswheel.pipeline.reuse import finished_wheel
from crosswheel.pipeline.served import remember
from crosswheel.seams import Progress

_LOG_DAYS = 30


def run_job(
    project: Project,
    job: Job,
    parts: Parts,
    output_dir: Path,
    progress: Progress,
    *,
    test: bool,
    done: Iterable[Outcome] = (),
) -> Outcome:
    """Build, verify and test one job's wheel.

    :param done: the outcomes before it: a wheel among them that serves this target too is only tested.
    :raises OSError: the store or the output directory cannot be written.
    """
    path = _log_path(parts.store.shared("logs"), project, job)
    wanted = job.options.build_verbosity > 0 or job.options.build_frontend.verbose
    with path.open("w", encoding="utf-8", errors="backslashreplace") as log:  # a variable may hold any bytes
        recorder = Recorder(job.identifier, progress, log, frozenset({"build"} if wanted else ()))
        climb = _Climb(project, job, parts, output_dir, progress, recorder, log, tuple(done))
        outcome = climb.down(test=test and not job.options.test_skip)
    if isinstance(outcome.failure, StepError):
        outcome.failure.log = path
    if isinstance(outcome.failure, StepError | VerificationError):
        diagnosis.explain(outcome.failure, outcome.engine, partial(ships, project))
    remember(parts.store, project, job, outcome)
    if outcome.ok:
        failed.forget(parts.store, project, job)
    notes = tuple(recorder.notes)
    return replace(outcome, skipped=job.skipped, steps=tuple(recorder.steps), notes=notes, log=path)


class _Climb:
    """The way down one job's ladder."""

    def __init__(
        self,
        project: Project,
        job: Job,
        parts: Parts,
        output_dir: Path,
        progress: Progress,
        recorder: Recorder,
        log: IO[str],
        done: tuple[Outcome, ...],
    ) -> None:
        self._project, self._job, self._parts, self._output_dir = project, job, parts, output_dir
        self._progress, self._recorder, self._log, self._done = progress, recorder, log, done
        self._step_downs: list[StepDown] = []

    def down(self, *, test: bool) -> Outcome:
        """Try the rungs in order; a failure that a lower rung cannot cure ends the way."""
        identifier, rungs = self._job.identifier, list(self._job.ladder)
        for step in self._job.skipped:
            text = f"{step.engine} is left out, since it failed before: {step.reason}"
            again = f"--engine {step.engine} tries it again"
            self._progress(Noted(f"{text} ({again})", identifier=identifier))
        while True:
            engine = rungs.pop(0)
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
                failed.forget(self._parts.store, self._project, self._job)
                self._step_downs.append(StepDown(engine, rungs[0], descent.reason))
                self._progress(SteppedDown(identifier, self._step_downs[-1]))

    def _descent(self, error: CrosswheelError, engine: EngineName) -> diagnosis.Descent | None:
        if engine == GCC_ENGINE and isinstance(error, ProvisionError):  # the rung below needs nothing more
            return diagnosis.Descent(f"its compilers cannot be had: {error.fact}")
        if isinstance(error, NoNativePythonError):  # those below need none
            return diagnosis.Descent(error.fact)
        if isinstance(error, StepError | VerificationError):
            return diagnosis.curable(error, engine, partial(ships, self._project))
        if isinstance(error, LostError):
            told = diagnosis.descent(error.diagnosis, engine)
            return replace(told, reason=error.fact) if told else None
        return None

    def _rung(self, engine: EngineName, below: Sequence[EngineName], *, test: bool) -> Outcome:
        job, store = self._job, self._parts.store
        with (
            store.scratch() as scratch,
            store.scratch() as beside,  # of containers, not of what is kept of a failure
            # First: it finds out whether sandboxes can be made here at all.
            self._parts.sandboxes.opened(
                job.target.arch, job.options.container_engine, beside, self._log
            ) as make_sandbox,
        ):
            attempt = Attempt(
                self._project,
                self._job,
                engine,
                tuple(below),
                self._parts,
                self._recorder,
                self._progress,
                make_sandbox,
                scratch,
            )
            served = finished_wheel(self._job.target, self._done)
            try:
                with explained(attempt, self._output_dir):
                    made = Built(served, None) if served else self._new(built(attempt))
                    if test:
                        with self._recorder.step("test"):
                            tested(attempt, made)
            except CrosswheelError as error:
                if served is None:
                    self._keep(error, engine, scratch)
                raise
            directory = None if served else self._output_dir
            finished = published(made.wheel, self._job, directory)
            return replace(finished, engine=engine, tested=test, reused=served is not None)

    def _keep(self, error: CrosswheelError, engine: EngineName, scratch: Path) -> None:
        """Let a person look around in what the attempt left."""
        with contextlib.suppress(OSError):  # the failure itself is what counts
            if failed.keep(self._parts.store, self._project, self._job, engine, error, scratch):
                error.look = shlex.join(["crosswheel", "shell", self._job.identifier, self._project.label])

    def _new(self, made: Built) -> Built:
        """The wheel, if no job before made one of that name, which it would overwrite."""
        wheel = made.wheel
        for outcome in self._done:
            if outcome.wheel is not None and outcome.wheel.path.name == wheel.name:
                raise DuplicateWheelError(
                    f"{wheel.name} came out a second time",
                    cause=f"{outcome.identifier} made it before, and its tags do not serve {self._job.identifier}",
                    remedy="let the build name what the wheel depends on in its tags, or skip one of the two",
                )
        return made


def _log_path(logs: Path, project: Project, job: Job) -> Path:
    """A log of this run's own; logs of more than a month ago go."""
    for old in logs.glob("*.log"):
        if time.time() - old.stat().st_mtime > _LOG_DAYS * 86400:
            old.unlink(missing_ok=True)
    moment = time.strftime("%Y%m%dT%H%M%S")
    return logs / f"{project.path.name}-{job.identifier}-{moment}-{os.getpid()}.log"
