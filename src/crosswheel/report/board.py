"""What is running now, folded from the events so far."""

from dataclasses import dataclass

from crosswheel.events import (
    Downloading,
    EngineChosen,
    Event,
    JobFinished,
    Printed,
    RunFinished,
    StepFinished,
    StepStarted,
    Used,
)

# The steps that run by a job's engine; the others do not differ from one engine to the next.
_BY_ENGINE = frozenset({"before-build", "build"})


@dataclass
class Running:
    """A step that has begun and not ended; times on the clock that :meth:`Board.see` is given.

    :param name: the step for people, with the engine where it matters: ``build (cross)``.
    :param line: the last line that its command wrote; empty before the first.
    :param heard: when that was, or when the step began.
    :param memory: what its programs were last seen to use together, bytes.
    """

    identifier: str
    step: str
    name: str
    detail: str
    started: float
    heard: float
    line: str = ""
    memory: int = 0


class Board:
    """The running steps (one for each job, and one for what serves all jobs) and downloads."""

    def __init__(self) -> None:
        self.running: dict[str, Running] = {}
        self.downloads: dict[str, Downloading] = {}
        self._engines: dict[str, str] = {}

    def see(self, event: Event, now: float) -> None:
        """Fold in an event.

        :param now: seconds on a clock that never goes back.
        """
        match event:
            case EngineChosen():
                self._engines[event.identifier] = event.engine
            case StepStarted():
                name = self._name(event)
                self.running[event.identifier] = Running(
                    event.identifier, event.step, name, event.detail, now, now
                )
            case StepFinished():
                self.running.pop(event.identifier, None)
                self.downloads.clear()
            case Printed():
                self._heard(event, now)
            case Used() if event.identifier in self.running:
                self.running[event.identifier].memory = event.memory
            case Downloading():
                self._download(event)
            case JobFinished():
                # What served the job may have failed with it, and a failed fetch has no end of its own.
                for identifier in (event.outcome.identifier, ""):
                    self.running.pop(identifier, None)
                self.downloads.clear()
            case RunFinished():
                self.running.clear()
                self.downloads.clear()

    def _name(self, event: StepStarted) -> str:
        engine = self._engines.get(event.identifier)
        return f"{event.step} ({engine})" if engine and event.step in _BY_ENGINE else event.step

    def _heard(self, event: Printed, now: float) -> None:
        running = self.running.get(event.identifier)
        if running is not None:
            running.line, running.heard = event.line, now

    def _download(self, event: Downloading) -> None:
        if event.total and event.done >= event.total:
            self.downloads.pop(event.what, None)
        else:
            self.downloads[event.what] = event
