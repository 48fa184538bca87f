"""Jobs that run beside each other speak in turns, a step at a time: groups that fold cannot overlap."""

from collections.abc import Iterator

from crosswheel.events import Event, JobFinished, RunFinished, StepFinished, StepStarted

Heard = tuple[Event, float]


class Turns:
    """Holds back what other jobs say while a step of one is told."""

    def __init__(self) -> None:
        self._speaker = ""
        self._step = ""
        self._held: dict[str, list[Heard]] = {}

    def admit(self, event: Event, when: float) -> Iterator[Heard]:
        """What is to be told now, in order, each with its own time."""
        who = _speaker_of(event)
        if isinstance(event, RunFinished):
            yield from self.rest()
        elif who and self._speaker and who != self._speaker:
            self._held.setdefault(who, []).append((event, when))
            return
        yield self._told(event, when)
        yield from self._next()

    def _told(self, event: Event, when: float) -> Heard:
        if isinstance(event, StepStarted) and event.identifier and not self._speaker:
            self._speaker, self._step = event.identifier, event.step
        ends = isinstance(event, StepFinished) and event.step == self._step
        if (ends or isinstance(event, JobFinished)) and _speaker_of(event) == self._speaker:
            self._speaker = ""
        return event, when

    def _next(self) -> Iterator[Heard]:
        """Let those who waited speak, the first first, until one of them is amid a step."""
        while self._held and not self._speaker:
            who = next(iter(self._held))
            waiting = self._held.pop(who)
            while waiting and self._speaker in ("", who):
                yield self._told(*waiting.pop(0))
                if not self._speaker and waiting and self._held:
                    break  # others wait longer
            if waiting:
                self._held[who] = waiting

    def rest(self) -> Iterator[Heard]:
        """What is still held back, where a run ended amid a step."""
        for waiting in self._held.values():
            yield from waiting
        self._held.clear()


def _speaker_of(event: Event) -> str:
    """The job that an event is of; empty for what is of all."""
    return event.outcome.identifier if isinstance(event, JobFinished) else getattr(event, "identifier", "")
