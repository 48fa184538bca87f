"""Lines with times, for CI logs and pipes."""

import contextlib
import io
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from crosswheel.events import (
    Downloading,
    Event,
    JobFinished,
    JobStarted,
    Noted,
    Printed,
    RunStarted,
    StepFinished,
    SteppedDown,
    StepStarted,
)
from crosswheel.model import Outcome
from crosswheel.report import failure
from crosswheel.report.board import Board, Running
from crosswheel.report.text import clean, count, duration, size

HEARTBEAT = 60.0  # seconds without a line; some CI services end a job that is silent for ten minutes
_DOWNLOAD_EVERY = 10.0  # seconds between two lines about one download


class PlainReporter:
    """Writes a line for what happened, and one for every minute in which nothing did.

    :param verbose: show the output of the commands too.
    :param clock: seconds on a clock that never goes back.
    """

    def __init__(
        self, stream: TextIO, *, verbose: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._verbose = verbose
        self._clock = clock
        self._started = self._last_line = clock()
        self._board = Board()
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

    def __call__(self, event: Event) -> None:
        """Show an event."""
        with self._lock:
            now = self._clock()
            # A step's own name and detail are on the board until its end is folded in.
            lines = self._lines(event, now)
            self._board.see(event, now)
            if isinstance(event, StepStarted):
                lines = [_begun(self._board.running[event.identifier])]
            for line in lines:
                self._write(line, now)

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

    def _write(self, line: str, now: float) -> None:
        self._last_line = now
        try:
            self._stream.write(f"[{now - self._started:6.1f}s] {line}\n")
            self._stream.flush()
        except BrokenPipeError:
            # Whoever read along (`2>&1 | head`) has left: the wheels are wanted all the same.
            self._stream = io.StringIO()

    def _lines(self, event: Event, now: float) -> list[str]:
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
                return [f"  | {clean(event.line)}".rstrip()] if self._verbose or event.wanted else []
            case Downloading():
                return self._download(event, now)
            case Noted():
                kind = "warning" if event.warning else "note"
                return [_about(event.identifier, f"{kind}: {clean(event.text)}")]
            case JobFinished():
                return [finished(event.outcome)]
            case _:
                return []

    def _ended(self, event: StepFinished) -> list[str]:
        running = self._board.running.get(event.identifier)
        name = running.name if running else event.step
        how = "done in" if event.ok else "failed after"
        return [_about(event.identifier, f"{name} {how} {duration(event.seconds)}")]

    def _download(self, event: Downloading, now: float) -> list[str]:
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


def _begun(running: Running) -> str:
    detail = f": {clean(running.detail)}" if running.detail else ""
    return _about(running.identifier, f"{running.name}{detail} ...")


def _still(running: Running, now: float) -> str:
    text = f"{running.name} still runs after {duration(now - running.started)}"
    if now - running.heard >= HEARTBEAT or not running.line:
        return _about(running.identifier, f"{text}, silent for {duration(now - running.heard)}")
    return _about(running.identifier, f"{text}; it last wrote: {clean(running.line)}")
