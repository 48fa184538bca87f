"""What a running program is given: its time is kept, and it is looked at, by whoever asked for that around it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial

_FIRST_LOOK = 0.1  # seconds after the start of a program; each next one after twice as long, up to a second
_STOP = 0.2  # seconds between looks at the event


class OverdueError(Exception):
    """A program did not end in the time that it had. No ``OSError``: whoever expects that expects another thing."""


@dataclass(frozen=True)
class _Limit:
    """When programs must have ended: at a time of ``time.monotonic()``, and as soon as an event is set."""

    deadline: float
    stop: threading.Event


_LIMIT: ContextVar[_Limit | None] = ContextVar("limit", default=None)  # of this thread
_ENTRANCE: ContextVar[tuple[str, ...]] = ContextVar("entrance", default=())  # of this thread
_LOOK: ContextVar[Callable[[int], None] | None] = ContextVar("look", default=None)


@contextmanager
def within(seconds: float, stop: threading.Event | None = None) -> Iterator[None]:
    """Give all programs that this thread runs in the block this time together; one that takes longer is killed.

    :param seconds: from the beginning of the block; a block around this one may leave less.
    :param stop: another thread sets it to end them at once.
    """
    outer, deadline = _LIMIT.get(), time.monotonic() + seconds
    if outer is not None:
        deadline, stop = min(deadline, outer.deadline), stop or outer.stop
    token = _LIMIT.set(_Limit(deadline, stop or threading.Event()))
    try:
        yield
    finally:
        _LIMIT.reset(token)


@contextmanager
def watched(look: Callable[[int], None]) -> Iterator[None]:
    """Look at every program that this thread runs in the block, soon after it has begun and then each second.

    :param look: is given its number; what it raises ends the program.
    """
    token = _LOOK.set(look)
    try:
        yield
    finally:
        _LOOK.reset(token)


@contextmanager
def entering(words: tuple[str, ...]) -> Iterator[None]:
    """Begin every program that this thread runs in the block with these words: they end by running it."""
    token = _ENTRANCE.set(words)
    try:
        yield
    finally:
        _ENTRANCE.reset(token)


def entrance() -> tuple[str, ...]:
    """The words of the block around."""
    return _ENTRANCE.get()


class Attention:
    """What one program is given.

    :param on_second: called about once a second.
    """

    def __init__(self, pid: int, on_second: Callable[[], None] | None) -> None:
        look = _LOOK.get()
        self._limit = _LIMIT.get()
        self._looks: list[Callable[[], None]] = [on_second] if on_second else []
        if look is not None:
            self._looks.append(partial(look, pid))
        self._pause = _FIRST_LOOK
        self._due = time.monotonic() + self._pause

    def pay(self) -> None:
        """Look at the program if it is time.

        :raises OverdueError: its time is over.
        """
        now = time.monotonic()
        if self._limit is not None and (now >= self._limit.deadline or self._limit.stop.is_set()):
            raise OverdueError("its time is over")
        if self._looks and now >= self._due:
            for look in self._looks:
                look()
            self._pause = min(2 * self._pause, 1.0)
            self._due = time.monotonic() + self._pause

    def seconds(self) -> float | None:
        """How long it needs none; None for as long as it takes."""
        times = [self._due - time.monotonic()] if self._looks else []
        if self._limit is not None:
            times += [self._limit.deadline - time.monotonic(), _STOP]
        return max(0.0, min(times)) if times else None
