"""Programs of several threads that end together: a run that is interrupted leaves none."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess


class Stopped(KeyboardInterrupt):
    """The programs of a run were ended together; this thread's was one of them, or would have been next."""


class Group:
    """Programs that end together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[int] = set()
        self._over = False

    def started(self, start: "Callable[[], subprocess.Popen[bytes]]") -> "subprocess.Popen[bytes]":
        """Start a program of the group, which must lead a session.

        :raises Stopped: the group has ended.
        """
        with self._lock:
            self.check()
            program = start()
            self._running.add(program.pid)
            return program

    def ended(self, pid: int) -> None:
        """A program is about to be reaped: its number may be another's from then on."""
        with self._lock:
            self._running.discard(pid)

    def end(self) -> None:
        """End every program, and let none begin."""
        with self._lock:
            self._over = True
            for pid in self._running:
                end_session(pid)

    def check(self) -> None:
        """:raises Stopped: the group has ended."""
        if self._over:
            raise Stopped


_CURRENT: ContextVar[Group] = ContextVar("group", default=Group())  # noqa: B039 -- of programs outside of any block


def current() -> Group:
    """The group of the block around, in this thread's context."""
    return _CURRENT.get()


@contextmanager
def together() -> Iterator[Callable[[], None]]:
    """Programs that are run in this block end together by what it yields, in whatever thread has its context."""
    group = Group()
    token = _CURRENT.set(group)
    try:
        yield group.end
    finally:
        _CURRENT.reset(token)


def end_session(pid: int) -> None:
    """Kill what is left of a program's process group."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
