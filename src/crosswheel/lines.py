"""Lines of what comes out of a pipe."""

import fcntl
import os
import struct
import termios
from collections.abc import Callable
from typing import IO


class Reader:
    """Makes lines of what comes out of a pipe.

    :param out: handed on with each line.
    """

    def __init__(self, stream: IO[bytes], line: Callable[[str, bool], None], *, out: bool) -> None:
        self._descriptor = stream.fileno()
        self._line = line
        self._out = out
        self._pieces: list[bytes] = []  # of a line that has not ended

    def read(self, size: int = 65536) -> int:
        """Read once, waiting if need be; how many bytes there were, 0 at the end."""
        chunk = os.read(self._descriptor, size)
        first, *further = chunk.split(b"\n")
        self._pieces.append(first)
        for start in further:
            self._hand_out()
            self._pieces = [start]
        return len(chunk)

    def finish(self) -> None:
        """Read what is there at this moment, and hand out a line that was not ended."""
        waiting = struct.unpack("i", fcntl.ioctl(self._descriptor, termios.FIONREAD, bytes(4)))[0]
        while waiting > 0:
            waiting -= self.read(waiting)
        if any(self._pieces):
            self._hand_out()

    def _hand_out(self) -> None:
        self._line(text(b"".join(self._pieces)), self._out)


def text(raw: bytes) -> str:
    """A line as a person sees it."""
    # A progress bar rewrites its line by carriage returns: only what it ended on is a line.
    return raw.rstrip(b"\r").rsplit(b"\r", 1)[-1].decode(errors="replace")
