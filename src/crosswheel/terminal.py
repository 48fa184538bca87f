"""This process's terminal, lent to a program as a terminal of the program's own.

The program gets a pseudo-terminal. Its session may take that as controlling terminal, so that job control and
Ctrl-C work in it as anywhere; and what it pushes back into its input (``TIOCSTI``, ioctl_tty(2)) never reaches the
shell that crosswheel was started from.
"""

import contextlib
import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import IO

_CHUNK = 65536
_FORWARDED = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


class Terminal:
    """A pseudo-terminal between this process's terminal and a program.

    :param program: the descriptor of the program's end; closed here once the program has it.
    """

    def __init__(self, outside: int, shown: int) -> None:
        self._outside, self._shown = outside, shown
        self._inside, self.program = os.openpty()
        os.set_blocking(self._inside, False)
        self._resize()

    def relay(self, pid: int) -> None:
        """Carry bytes both ways until a program ends, then what is left of its output.

        :param pid: a child of this process.
        """
        ends = os.pidfd_open(pid)
        try:
            self._relay(ends)
        finally:
            os.close(ends)
        while self._show():
            pass

    def _relay(self, until: int) -> None:
        self._release()
        typed, sources = b"", {self._inside, self._outside, until}
        while True:
            # Typed bytes wait for a program that does not read: what it writes goes on meanwhile.
            waiting = [self._inside] if typed else []
            readable, writable, _ = select.select(
                sources - {self._outside} if typed else sources, waiting, []
            )
            if writable:
                typed = typed[_write(self._inside, typed) :]
            if self._outside in readable and not (typed := _read(self._outside)):
                sources.remove(self._outside)
            if self._inside in readable and not self._show():  # the program has closed it
                sources.remove(self._inside)
            if until in readable:
                return

    def _show(self) -> bool:
        """Show what the program has written; false where there is nothing."""
        output = left = _read(self._inside)
        while left:
            left = left[_write(self._shown, left) :]
        return bool(output)

    def _release(self) -> None:
        """Close the program's end here: only then is the end of its output seen."""
        if self.program >= 0:
            os.close(self.program)
            self.program = -1

    def close(self) -> None:
        self._release()
        os.close(self._inside)

    def resized(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (a signal's handler)
        """The terminal's size has changed: so does the program's, which the kernel tells it."""
        self._resize()

    def _resize(self) -> None:
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetwinsize(self._inside, termios.tcgetwinsize(self._outside))


def _read(descriptor: int) -> bytes:
    """What is there; nothing at the end, which a terminal tells by an error (EIO)."""
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:
        return b""


def _write(descriptor: int, data: bytes) -> int:
    """How much was written; all of it where nobody is there to get it."""
    try:
        return os.write(descriptor, data)
    except BlockingIOError:
        return 0
    except OSError:
        return len(data)


@contextmanager
def lent() -> Iterator[Terminal | None]:
    """A terminal for a program, and this process's own in raw mode meanwhile; afterwards it is as it was.

    :return: None where standard input or output is no terminal: a program then gets them as they are.
    """
    outside, shown = _descriptor(sys.stdin), _descriptor(sys.stdout)
    if not (os.isatty(outside) and os.isatty(shown)):
        yield None
        return
    terminal = Terminal(outside, shown)
    before = termios.tcgetattr(outside)
    window = signal.signal(signal.SIGWINCH, terminal.resized)
    try:
        tty.setraw(outside)
        yield terminal
    finally:
        with contextlib.suppress(termios.error):  # it may be gone (SIGHUP)
            termios.tcsetattr(outside, termios.TCSADRAIN, before)
        signal.signal(signal.SIGWINCH, window)
        terminal.close()


@contextmanager
def forwarding(group: Callable[[], int | None]) -> Iterator[Callable[[int], None]]:
    """Hand signals that ask for an end (INT, QUIT, TERM) on to a program instead of ending by them.

    One that is ignored from the start, as a shell's background jobs do with INT, stays so, for the program too.

    :param group: the process group that gets them, asked when one comes; None for the one that the program leads.
    :return: is told the program's number once it has one; what came before is handed on then.
    """
    early: list[int] = []
    pids: list[int] = []

    def forward(number: int, frame: FrameType | None = None) -> None:  # noqa: ARG001 (the signature of a handler)
        if not pids:
            early.append(number)
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group() or pids[0], number)

    def started(pid: int) -> None:
        pids.append(pid)
        for number in early:
            forward(number)

    heeded = [number for number in _FORWARDED if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, forward) for number in heeded}
    try:
        yield started
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _descriptor(stream: IO[str] | None) -> int:
    """The descriptor of a standard stream; -1, which is no terminal, where it is closed or another object."""
    try:
        return stream.fileno() if stream is not None else -1
    except (OSError, ValueError):
        return -1
