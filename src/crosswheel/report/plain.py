"""Lines with times, for CI logs and pipes."""

import contextlib
import io
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TextIO

from crosswheel.events import (
    Downloading,
    Event,
    JobFinished,
    JobStarted,
    Noted,
    Printed,
    RunFinished,
    RunStarted,
    StepFinished,
    SteppedDown,
    StepStarted,
)
from crosswheel.model import Outcome
from crosswheel.report import failure
from crosswheel.report.board import Board, Running
from crosswheel.report.folding import Dialect
from crosswheel.report.outlook import Outlook
from crosswheel.report.text import clean, count, duration, size
from crosswheel.report.turns import Turns

HEARTBEAT = 60.0  # seconds without a line; some CI services end a job that is silent for ten minutes
_DOWNLOAD_EVERY = 10.0  # seconds between two lines about one download


@dataclass(frozen=True)
class _Mark:
    """A line that a service reads: it has no clock before it."""

    text: str


@dataclass(frozen=True)
class _Group:
    """The group that is open, by its step. These services do not nest groups: there is at most one."""

    identifier: str
    step: str
    name: str


_Line = str | _Mark


class PlainReporter:
    """Writes a line for what happened, and one for every minute in which nothing did.

    :param verbose: show the output of the commands too.
    :param clock: seconds on a clock that never goes back.
    :param dialect: how the service is spoken to that shows the lines. There each step is a group that folds, with
        the whole output of its commands: a log file is gone with the machine that ran the job.
    :param unix: the Unix time.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        verbose: bool = False,
        clock: Callable[[], float] = time.monotonic,
        dialect: Dialect | None = None,
        unix: Callable[[], float] = time.time,
    ) -> None:
        self._stream = stream
        self._verbose = verbose
        self._clock = clock
        self._dialect = dialect
        self._unix = unix
        self._group: _Group | None = None
        self._groups = 0
        self._started = self._last_line = clock()
        self._board = Board()
        self._outlook = Outlook()
        self._turns = Turns()
        self._shown: dict[str, float] = {}  # when a download last had a line
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._timer = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._timer.join()
        with self._lock:
            for line in self._closed():  # an error left it open
                self._write(line, self._clock())
            for event, when in self._turns.rest():
                self._show(event, when)
            for line in self._closed():
                self._write(line, self._clock())

    def __call__(self, event: Event) -> None:
        """Show an event."""
        with self._lock:
            now = self._clock()
            heard = self._turns.admit(event, now) if self._dialect else ((event, now),)
            for each, when in heard:
                self._show(each, when)

    def _show(self, event: Event, when: float) -> None:
        # A step's own name and detail are on the board until its end is folded in.
        self._outlook.see(event, when)
        lines = self._lines(event, when)
        self._board.see(event, when)
        if isinstance(event, StepStarted):
            lines = self._opened(event)
        for line in lines:
            self._write(line, when)

    def tick(self) -> None:
        """Say that a step still runs where a minute went by without a line; a thread calls it."""
        with self._lock:
            now = self._clock()
            if now - self._last_line >= HEARTBEAT:
                for running in self._board.running.values():
                    self._write(_still(running, now), now)

    def _beat(self) -> None:
        while not self._over.wait(1.0):
            # The stream is gone: the main thread finds out by its own next line.
            with contextlib.suppress(OSError, ValueError):
                self.tick()

    def _write(self, line: _Line, now: float) -> None:
        self._last_line = max(self._last_line, now)
        try:
            self._stream.write(f"{self._text(line, now)}\n")
            self._stream.flush()
        except BrokenPipeError:
            # Whoever read along (`2>&1 | head`) has left: the wheels are wanted all the same.
            self._stream = io.StringIO()

    def _text(self, line: _Line, now: float) -> str:
        if isinstance(line, _Mark):
            return line.text
        text = f"[{now - self._started:6.1f}s] {line}"
        return self._dialect.safe(text) if self._dialect else text

    def _opened(self, event: StepStarted) -> list[_Line]:
        running = self._board.running[event.identifier]
        if self._dialect is None or self._group is not None:
            return [f"{_title(running)} ..."]
        self._groups += 1
        when = int(self._unix())
        # GitLab wants names that differ in the whole log, in which crosswheel may run more than once.
        self._group = _Group(event.identifier, event.step, f"crosswheel_{when}_{self._groups}")
        title = " ".join(_title(running).splitlines())
        return [_Mark(self._dialect.start(title, self._group.name, when))]

    def _closed(self) -> list[_Line]:
        group, self._group = self._group, None
        if self._dialect is None or group is None:
            return []
        return [_Mark(self._dialect.end(group.name, int(self._unix())))]

    def _lines(self, event: Event, now: float) -> list[_Line]:
        match event:
            case RunStarted():
                return [f"{count(len(event.identifiers), 'wheel')} to build"]
            case JobStarted():
                return [f"{event.identifier}  {event.number} of {event.total}"]
            case SteppedDown():
                step = event.step
                return [f"{event.identifier}  {step.engine} steps down to {step.below}: {clean(step.reason)}"]
            case StepFinished():
                return self._ended(event)
            case Printed():
                shown = self._verbose or event.wanted or self._dialect is not None
                return [self._printed(event)] if shown else []
            case Downloading():
                return self._download(event, now)
            case Noted():
                return [self._noted(event)]
            case JobFinished():
                return [
                    *self._closed(),
                    finished(event.outcome),
                    *self._failed(event.outcome),
                    *self._rest(now),
                ]
            case RunFinished():
                return self._closed()
            case _:
                return []

    def _printed(self, event: Printed) -> _Line:
        """A line of output, with its job where several run and no group says whose it is."""
        several = self._dialect is None and len(self._board.running) > 1
        return f"{event.identifier if several else ''}  | {clean(event.line)}".rstrip()

    def _ended(self, event: StepFinished) -> list[_Line]:
        running = self._board.running.get(event.identifier)
        name = running.name if running else event.step
        how = "done in" if event.ok else "failed after"
        group = self._group
        ends = group is not None and (group.identifier, group.step) == (event.identifier, event.step)
        line = _about(event.identifier, f"{name} {how} {duration(event.seconds)}")
        return [*(self._closed() if ends else ()), line]

    def _noted(self, event: Noted) -> _Line:
        text = clean(event.text)
        if event.warning and self._dialect is not None and self._dialect.warning is not None:
            return _Mark(self._dialect.warning(_about(event.identifier, text)))
        return _about(event.identifier, f"{'warning' if event.warning else 'note'}: {text}")

    def _failed(self, outcome: Outcome) -> list[_Line]:
        if outcome.failure is None or self._dialect is None or self._dialect.error is None:
            return []
        text = "\n".join(failure.outline(outcome.failure))
        return [_Mark(self._dialect.error(f"{outcome.identifier} FAILED", text))]

    def _rest(self, now: float) -> list[_Line]:
        """How long the run may still take, where that is known."""
        return [self._outlook.line(now)] if self._outlook.left(now) is not None else []

    def _download(self, event: Downloading, now: float) -> list[_Line]:
        if now - self._shown.setdefault(event.what, now) < _DOWNLOAD_EVERY:
            return []
        self._shown[event.what] = now
        return [f"fetching {clean(event.what)}: {progress(event)}"]


def finished(outcome: Outcome) -> str:
    """The end of a job: its wheel, or its failure with the last lines of output."""
    if outcome.failure is not None:
        return failure.render(outcome.failure, label=f"{outcome.identifier}  FAILED")
    if outcome.wheel is None:
        return f"{outcome.identifier}  ok"
    return f"{outcome.identifier}  ok: {outcome.wheel.path.name} ({size(outcome.wheel.size)})"


def progress(event: Downloading) -> str:
    """How far a download is: ``12.3 MB of 40.0 MB``."""
    return f"{size(event.done)} of {size(event.total)}" if event.total else size(event.done)


def _about(identifier: str, text: str) -> str:
    return f"{identifier}  {text}" if identifier else text


def _title(running: Running) -> str:
    detail = f": {clean(running.detail)}" if running.detail else ""
    return _about(running.identifier, f"{running.name}{detail}")


def _still(running: Running, now: float) -> str:
    text = f"{running.name} still runs after {duration(now - running.started)}"
    if now - running.heard >= HEARTBEAT or not running.line:
        return _about(running.identifier, f"{text}, silent for {duration(now - running.heard)}")
    return _about(running.identifier, f"{text}; it last wrote: {clean(running.line)}")
