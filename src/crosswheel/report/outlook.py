"""How far a run is, and how long it may still take: folded from the events so far."""

from crosswheel.events import Event, JobFinished, JobStarted, RunStarted
from crosswheel.model import UNKNOWN
from crosswheel.report.text import clock, count


class Outlook:
    """The jobs of a run that are done, those that run, and those that wait."""

    def __init__(self) -> None:
        self._done = self._total = 0
        self._estimate = UNKNOWN
        self._began: dict[str, float] = {}  # of the jobs that run
        self._waiting: list[str] = []

    def see(self, event: Event, now: float) -> None:
        """Fold in an event.

        :param now: seconds on a clock that never goes back.
        """
        match event:
            case RunStarted():
                self._waiting, self._estimate = list(event.identifiers), event.estimate
                self._done, self._total = 0, len(event.identifiers)
            case JobStarted():
                self._began[event.identifier] = now
                if event.identifier in self._waiting:
                    self._waiting.remove(event.identifier)
            case JobFinished():
                self._done += 1
                self._began.pop(event.outcome.identifier, None)

    @property
    def several(self) -> bool:
        """Whether the run has more than one job."""
        return self._total > 1

    def of(self, identifier: str, now: float) -> str:
        """How long a job runs, and may run: ``0:12 of about 0:17``; nothing where that is not known."""
        if identifier not in self._began or identifier not in self._estimate.jobs:
            return ""
        return f"{clock(now - self._began[identifier])} of about {clock(self._estimate.jobs[identifier])}"

    def left(self, now: float) -> float | None:
        """About how many seconds the run still takes; None where one of its jobs is not known."""
        known = self._estimate.jobs
        open_jobs = (*self._waiting, *self._began)
        if not open_jobs or any(name not in known for name in open_jobs):
            return None
        rest = [max(0.0, known[name] - (now - began)) for name, began in self._began.items()]
        waiting = [known[name] for name in self._waiting]
        # No run is shorter than its longest job.
        return max(sum(rest + waiting) / max(1, self._estimate.at_once), *rest, *waiting)

    def line(self, now: float) -> str:
        """``3 of 8 wheels done, about 1:05 to go``; nothing where there is one job, or none."""
        if not self.several:
            return ""
        left = self.left(now)
        rest = f", about {clock(round(left))} to go" if left is not None and left >= 1 else ""
        return f"{self._done} of {count(self._total, 'wheel')} done{rest}"
