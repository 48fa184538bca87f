"""Programs that run beside this one until it ends. ``subprocess`` is for ``process`` and this room alone."""

import os
import re
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from crosswheel import process
from crosswheel.lines import text


class Companion:
    """A program that runs beside this one for as long as its standard input is open.

    However this process ends, the kernel closes that input.
    """

    def __init__(self, started: "subprocess.Popen[bytes]") -> None:
        self._process = started
        self._said = b""

    def line(self, wanted: re.Pattern[str], within: float) -> str | None:
        """The first line that it says of a form; None where it ends before, or takes longer than this.

        :param within: seconds.
        """
        deadline = time.monotonic() + within
        while True:
            for line in self._said.split(b"\n")[:-1]:
                if wanted.fullmatch(text(line)):
                    return text(line)
            left = deadline - time.monotonic()
            if left <= 0 or not self._read(left):
                return None

    def _read(self, within: float) -> bool:
        """Whether something came in time; False at the end of its output too."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], within)[0]:
            return False
        chunk = os.read(self._process.stdout.fileno(), 65536)
        self._said += chunk
        return bool(chunk)

    def end(self, within: float) -> bool:
        """Close its standard input and wait; whether it ended by itself.

        :param within: seconds that it is given before it is killed.
        """
        assert self._process.stdin is not None
        self._process.stdin.close()
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0 and self._read(left):
            pass
        try:
            self._process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        finally:
            process.kill(self._process)
        return True

    @property
    def said(self) -> tuple[str, ...]:
        """What it has said up to now."""
        return tuple(map(text, self._said.splitlines()))


def beside(
    argv: Sequence[str | Path], *, env: Mapping[str, str] | None = None, guarded: bool = True
) -> Companion:
    """Start a program that ends when its standard input does; the caller ends it by ``end``.

    :param guarded: whether it is killed with this process. A client of a daemon is not to be: only one that comes
        to its own end tells the daemon.
    :raises OSError: it cannot be started.
    """
    words = [str(word) for word in argv]
    started = subprocess.Popen(
        process.under_guard(words, os.environ if env is None else env) if guarded else words,
        env=None if env is None else dict(env),
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    return Companion(started)
