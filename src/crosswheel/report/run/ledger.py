"""What happened in a run, folded from the events so far: a report can tell of a run that was cut short too."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import crosswheel
from crosswheel.errors import ConfigurationError, CrosswheelError, StepError, VerificationError
from crosswheel.events import (
    EmulatorFound,
    EngineChosen,
    Event,
    JobFinished,
    JobStarted,
    RunFinished,
    RunStarted,
    StepFinished,
)
from crosswheel.model import Outcome, StepDown, StepTime, Wheel
from crosswheel.report.run.values import (
    Down,
    Failure,
    JobReport,
    Limits,
    Machine,
    Report,
    Run,
    Step,
    WheelFile,
)
from crosswheel.report.text import clean

_TAIL = 40  # lines of output of a step that failed
_DIGITS = 3  # of seconds: what is finer is noise, and makes a report longer


@dataclass
class _Row:
    """A job that has begun; times on the ledger's clock."""

    began: float
    slot: int
    cores: int
    ended: float | None = None
    engine: str | None = None
    source: str = ""
    source_reason: str = ""
    outcome: Outcome | None = None
    steps: list[StepTime] = field(default_factory=list)  # those that have ended


class Ledger:
    """Passes events on and keeps what a report needs of them.

    :param progress: hears every event too.
    :param clock: seconds on a clock that never goes back, the one of :class:`StepTime`.
    :param unix: the Unix time, read once.
    """

    def __init__(
        self,
        progress: Callable[[Event], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        unix: Callable[[], float] = time.time,
    ) -> None:
        self._progress = progress
        self._clock = clock
        self._began, self._unix = clock(), unix()
        self._identifiers: tuple[str, ...] = ()
        self._rows: dict[str, _Row] = {}
        self._qemu: str | None = None
        self._limits: Limits | None = None
        self._over = False

    def __call__(self, event: Event) -> None:
        self._fold(event)
        self._progress(event)

    @property
    def wheels(self) -> int:
        """How many jobs have a wheel so far."""
        return sum(row.outcome is not None and row.outcome.wheel is not None for row in self._rows.values())

    @property
    def begun(self) -> bool:
        """Whether there is anything to report."""
        return bool(self._rows)

    def report(self, project: str, machine: Machine, at_once: int) -> Report:
        """The report of the run as far as it has gone.

        :param project: its name.
        :param machine: without the version of QEMU, of which the ledger has heard.
        :param at_once: how many jobs might run at once.
        """
        now = self._clock()
        run = Run(
            began=round(max(0.0, self._unix), _DIGITS),
            seconds=round(now - self._began, _DIGITS),
            at_once=at_once,
            machine=replace(machine, qemu=self._qemu),
            interrupted=not self._over,
            limits=self._limits,
        )
        jobs = tuple(self._job(name, now) for name in self._identifiers)
        return Report(crosswheel.__version__, project, (run,), jobs)

    def _fold(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._identifiers = event.identifiers
                if (limited := event.limited) is not None:
                    self._limits = Limits(limited.memory, limited.seconds, limited.guard)
            case JobStarted():
                row = self._begin(event.identifier, event.cores)
                row.source, row.source_reason = event.source, clean(event.source_reason)
            case EngineChosen() if event.identifier in self._rows:
                self._rows[event.identifier].engine = event.engine
            case StepFinished() if event.identifier in self._rows:
                began = self._clock() - event.seconds
                self._rows[event.identifier].steps.append(StepTime(event.step, event.seconds, began=began))
            case JobFinished():
                row = self._rows.get(event.outcome.identifier) or self._begin(event.outcome.identifier, 1)
                row.outcome, row.ended = event.outcome, self._clock()
            case EmulatorFound():
                self._qemu = event.version
            case RunFinished():
                self._over = True

    def _begin(self, identifier: str, cores: int) -> _Row:
        """A job has the first place that no other has now."""
        taken = {row.slot for row in self._rows.values() if row.ended is None}
        slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
        self._rows[identifier] = row = _Row(self._clock(), slot, cores)
        return row

    def _job(self, identifier: str, now: float) -> JobReport:
        row = self._rows.get(identifier)
        if row is None:
            return JobReport(identifier, "not begun")
        ended = now if row.ended is None else row.ended
        job = JobReport(
            identifier,
            "interrupted",
            began=round(row.began - self._began, _DIGITS),
            seconds=round(ended - row.began, _DIGITS),
            slot=row.slot,
            cores=row.cores,
            engine=row.engine,
            source=row.source,
            source_reason=row.source_reason,
            steps=tuple(self._step(step) for step in row.steps),
        )
        return job if row.outcome is None else self._done(job, row.outcome)

    def _done(self, job: JobReport, outcome: Outcome) -> JobReport:
        return replace(
            job,
            result="passed" if outcome.ok else "failed",
            engine=outcome.engine,
            wheel=_wheel(outcome.wheel) if outcome.wheel else None,
            tested=outcome.tested,
            reused=outcome.reused,
            kept=outcome.kept,
            step_downs=_downs(outcome.step_downs),
            skipped=_downs(outcome.skipped),
            notes=tuple(clean(note) for note in (*outcome.notes, outcome.floor_note) if note),
            failure=_failure(outcome.failure) if outcome.failure else None,
            log=str(outcome.log) if outcome.log else None,
            steps=tuple(self._step(step) for step in outcome.steps),
        )

    def _step(self, step: StepTime) -> Step:
        return Step(
            step.step,
            began=round(max(0.0, step.began - self._began), _DIGITS),
            seconds=round(step.seconds, _DIGITS),
            cpu=round(step.cpu, _DIGITS),
            emulated=round(step.emulated, _DIGITS),
            peak=step.peak,
            read=step.read,
            written=step.written,
        )


def _wheel(wheel: Wheel) -> WheelFile:
    return WheelFile(wheel.path.name, wheel.size, wheel.sha256, wheel.policy)


def _downs(steps: tuple[StepDown, ...]) -> tuple[Down, ...]:
    return tuple(Down(step.engine, step.below, clean(step.reason)) for step in steps)


def _failure(error: CrosswheelError) -> Failure:
    """What a person is told of it, without what a terminal would do with its control characters."""
    output = error.tail[-_TAIL:] if isinstance(error, StepError) else ()
    cause = "\n".join(error.problems) if isinstance(error, VerificationError) else error.cause
    fact = str(error) if isinstance(error, ConfigurationError) else error.fact
    return Failure(_lines(fact), _lines(cause), _lines(error.remedy), tuple(map(clean, output)))


def _lines(text: str) -> str:
    return "\n".join(map(clean, text.splitlines()))
