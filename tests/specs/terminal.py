"""A program at a terminal, for tests: what a person would type and see."""

import os
import pty
import re
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self


class Terminal:
    """A program that has a terminal of its own as controlling terminal, as a shell would start it.

    :param size: lines and columns.
    """

    def __init__(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, size: tuple[int, int] = (24, 80)
    ) -> None:
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(cwd)
                os.execve(argv[0], list(argv), dict(env))
            finally:
                os._exit(126)
        self.seen = ""
        self.resize(*size)

    def resize(self, lines: int, columns: int) -> None:
        import termios

        termios.tcsetwinsize(self._master, (lines, columns))

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def expect(self, pattern: str, seconds: float = 30.0) -> str:
        """Wait until the program has written this; what it wrote up to its end."""
        limit = time.monotonic() + seconds
        while not (match := re.search(pattern, self.seen)):
            left = limit - time.monotonic()
            assert left > 0, f"no {pattern!r} in {self.seen!r}"
            if select.select([self._master], [], [], left)[0]:
                data = self._read()
                assert data, f"it has ended: no {pattern!r} in {self.seen!r}"
                self.seen += data
        seen, self.seen = self.seen[: match.end()], self.seen[match.end() :]
        return seen

    def _read(self) -> str:
        try:
            return os.read(self._master, 65536).decode(errors="replace").replace("\r\n", "\n")
        except OSError:  # how Linux says that nobody has the other end any more
            return ""

    def settings(self) -> list[object]:
        """How the terminal treats what is typed (termios(3))."""
        import termios

        return termios.tcgetattr(self._master)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def end(self, seconds: float = 30.0) -> int:
        """Wait for the end; its exit code, negative for a signal."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if select.select([self._master], [], [], 0.05)[0]:
                self.seen += self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                while select.select([self._master], [], [], 0)[0] and (data := self._read()):
                    self.seen += data
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"it has not ended: {self.seen!r}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._master)
