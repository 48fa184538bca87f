"""The one importer of ``subprocess``: a program runs, its lines come out, and its whole tree ends with it."""

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

TAIL_LINES = 40
_SETPRIV = shutil.which("setpriv")


@dataclass(frozen=True)
class Completed:
    """How a program ended.

    :param returncode: its status; negative for a signal.
    :param seconds: wall time.
    :param cpu: CPU seconds of the program and of all its children.
    :param peak: peak resident memory of its largest process, bytes.
    :param tail: the last lines of its output.
    :param output: the whole output where it was asked for, else empty.
    """

    returncode: int
    seconds: float
    cpu: float
    peak: int
    tail: tuple[str, ...]
    output: str = ""


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
    log: IO[str] | None = None,
    capture: bool = False,
    pass_fds: Sequence[int] = (),
    stdout_only: bool = False,
) -> Completed:
    """Run a program to its end; standard input is empty, standard error joins standard output.

    The program leads a session of its own. Whatever ends this call early (Ctrl-C, an error in ``on_line``)
    kills that session; ``PR_SET_PDEATHSIG`` ends the program if this process is killed.

    :param on_line: called with every line of output, without its end.
    :param log: a file that gets every line too.
    :param capture: keep the whole output.
    :param stdout_only: send standard error to the log and to ``on_line``, but not to ``output``.
    :raises OSError: the program cannot be started.
    """
    guard = [_SETPRIV, "--pdeathsig", "KILL", "--"] if _SETPRIV else []
    started = time.monotonic()
    process = subprocess.Popen(
        [*guard, *map(str, argv)],
        cwd=cwd,
        env=None if env is None else dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if stdout_only else subprocess.STDOUT,
        start_new_session=True,
        pass_fds=pass_fds,
    )
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    kept: list[str] = []

    def line(text: str, *, keep: bool) -> None:
        tail.append(text)
        if keep:
            kept.append(text)
        if log is not None:
            log.write(text + "\n")
            log.flush()
        if on_line is not None:
            on_line(text)

    try:
        _pump(process, lambda text, out: line(text, keep=capture and out))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    except BaseException:
        _kill(process)
        raise
    finally:
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    _end_session(process.pid)
    return Completed(
        returncode=process.returncode,
        seconds=time.monotonic() - started,
        cpu=usage.ru_utime + usage.ru_stime,
        peak=usage.ru_maxrss * 1024,
        tail=tuple(tail),
        output="\n".join(kept),
    )


def _pump(process: "subprocess.Popen[bytes]", line: Callable[[str, bool], None]) -> None:
    """Hand out lines as they come until every writer of the output is gone or the program has ended."""
    selector = selectors.DefaultSelector()
    partial: dict[int, bytes] = {}
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            selector.register(stream, selectors.EVENT_READ, stream is process.stdout)
            partial[stream.fileno()] = b""
    while selector.get_map():
        ready = selector.select(timeout=1.0)
        if not ready and _ended(process.pid):
            break  # a daemon that outlived the program still holds its output: not waited for
        for key, _ in ready:
            chunk = os.read(key.fd, 65536)
            *lines, partial[key.fd] = (partial[key.fd] + chunk).split(b"\n")
            for raw in lines:
                line(_text(raw), key.data)
            if not chunk:
                if partial[key.fd]:
                    line(_text(partial[key.fd]), key.data)
                selector.unregister(key.fileobj)


def _text(raw: bytes) -> str:
    # A progress bar rewrites its line by carriage returns: only what it ended on is a line.
    return raw.rstrip(b"\r").rsplit(b"\r", 1)[-1].decode(errors="replace")


def _ended(pid: int) -> bool:
    """Whether the program has ended, leaving it to be reaped."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def _kill(process: "subprocess.Popen[bytes]") -> None:
    _end_session(process.pid)
    process.wait()


def _end_session(pid: int) -> None:
    """Kill what is left of the program's process group."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
