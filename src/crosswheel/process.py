"""The one importer of ``subprocess``: a program runs, its lines come out, and its whole tree ends with it."""

import errno
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from crosswheel import groups, terminal
from crosswheel.attention import Attention, OverdueError, entrance, watched, within
from crosswheel.lines import Reader

__all__ = [
    "TAIL_LINES",
    "Completed",
    "OverdueError",
    "attach",
    "briefly",
    "kill",
    "of_a_shell",
    "run",
    "under_guard",
    "watched",
    "within",
]

TAIL_LINES = 200
_SETPRIV = shutil.which("setpriv")


@dataclass(frozen=True)
class Completed:
    """How a program ended.

    :param returncode: its status; negative for a signal.
    :param seconds: wall time.
    :param cpu: CPU seconds of the program and of all its children.
    :param peak: peak resident memory of its largest process, bytes.
    :param read: bytes read from disks by all of them; ``written`` to them.
    :param tail: the last lines of its output.
    :param output: the whole output where it was asked for, else empty.
    """

    returncode: int
    seconds: float
    cpu: float
    peak: int
    tail: tuple[str, ...]
    output: str = ""
    read: int = 0
    written: int = 0


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
    on_second: Callable[[], None] | None = None,
    guarded: bool = True,
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
) -> Completed:
    """Run a program to its end; standard input is empty, standard error joins standard output.

    The program leads a session of its own. Whatever ends this call early (Ctrl-C, an error in ``on_line``)
    kills that session; ``PR_SET_PDEATHSIG`` ends the program if this process is killed.

    :param on_line: called with every line of output, without its end.
    :param log: a file that gets every line too.
    :param capture: keep the whole output.
    :param stdout_only: send standard error to the log and to ``on_line``, but not to ``output``.
    :param on_second: called about once a second while it runs.
    :param guarded: whether it is ended if this process is killed. setpriv, which sees to that, hands what the
        kernel cannot run to a shell: without it, that is an ``OSError``.
    :param stdin: a file that it reads.
    :param stdout: a file that gets its standard output as it is; the lines are then those of standard error.
    :raises OSError: the program cannot be started.
    :raises OverdueError: it took longer than the block of :func:`within` has.
    :raises groups.Stopped: another thread ended all programs; see :mod:`crosswheel.groups`.
    """
    started = time.monotonic()
    words = [str(word) for word in argv]
    group = groups.current()
    process = group.started(
        lambda: subprocess.Popen(
            under_guard(words, os.environ if env is None else env, entrance()) if guarded else words,
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=stdin or subprocess.DEVNULL,
            stdout=stdout or subprocess.PIPE,
            stderr=subprocess.PIPE if stdout_only or stdout else subprocess.STDOUT,
            start_new_session=True,
            pass_fds=pass_fds,
        )
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
        _pump(process, lambda text, out: line(text, keep=capture and out), on_second)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        groups.end_session(process.pid)  # before it is reaped: its number cannot be another's yet
        group.ended(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    except BaseException:
        group.ended(process.pid)
        kill(process)
        raise
    finally:
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    group.check()
    return Completed(
        returncode=process.returncode,
        seconds=time.monotonic() - started,
        cpu=usage.ru_utime + usage.ru_stime,
        peak=usage.ru_maxrss * 1024,
        tail=tuple(tail),
        output="\n".join(kept),
        read=usage.ru_inblock * 512,  # getrusage(2): in blocks of 512 bytes
        written=usage.ru_oublock * 512,
    )


def briefly(
    argv: Sequence[str | Path],
    *,
    within: float,
    env: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
    guarded: bool = True,
    stdout_only: bool = False,
) -> Completed:
    """Run a program that has little to do, with its whole output; see :func:`run`.

    :param within: seconds that it is given; it is ended about a second after them.
    :raises TimeoutError: it has not ended by then.
    :raises OSError: it cannot be started.
    """
    deadline = time.monotonic() + within

    def check() -> None:
        if time.monotonic() > deadline:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT), str(argv[0]))

    return run(
        argv,
        env=env,
        capture=True,
        pass_fds=pass_fds,
        on_second=check,
        guarded=guarded,
        stdout_only=stdout_only,
    )


def of_a_shell(done: Completed) -> Completed:
    """What a shell completed: it says 128 + n where signal n ended the command."""
    killed = 128 < done.returncode < 128 + signal.NSIG
    return replace(done, returncode=128 - done.returncode) if killed else done


def attach(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
    group: Callable[[], int | None] = lambda: None,
) -> int:
    """Run a program that has this process's standard input, output and error, to its end.

    At a terminal the program has one of its own (:mod:`crosswheel.terminal`): keys go to it, Ctrl-C too. A signal
    that asks this process to end (INT, QUIT, TERM) is the program's to answer. The program and its session end with
    this process, as those of :func:`run` do.

    :param group: the process group that gets such signals, asked when one comes; None for the program's own.
    :return: its status; negative for a signal.
    :raises OSError: the program cannot be started.
    """
    words = under_guard([str(word) for word in argv], os.environ if env is None else env)
    with terminal.lent() as own, terminal.forwarding(group) as started:
        descriptor = own.program if own else None
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=descriptor,
            stdout=descriptor,
            stderr=descriptor if os.isatty(2) else None,
            start_new_session=True,
            pass_fds=pass_fds,
        )
        try:
            started(process.pid)
            if own is not None:
                own.relay(process.pid)
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            groups.end_session(process.pid)
            return process.wait()
        except BaseException:
            kill(process)
            raise


def under_guard(argv: list[str], env: Mapping[str, str], entrance: Sequence[str] = ()) -> list[str]:
    """The program under ``setpriv``, which ends it with this process.

    :param entrance: words that end by running the program.
    :raises FileNotFoundError: there is no such program: setpriv would say it by a status only.
    """
    if _SETPRIV is None:
        return [*entrance, *argv]
    if shutil.which(argv[0], path=env.get("PATH", os.defpath)) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), argv[0])
    return [_SETPRIV, "--pdeathsig", "KILL", "--", *entrance, *argv]


def _pump(
    process: "subprocess.Popen[bytes]",
    line: Callable[[str, bool], None],
    on_second: Callable[[], None] | None,
) -> None:
    """Hand out lines as they come until the program has ended.

    A daemon that outlives the program may hold its output, silent or not: it is not waited for.

    :raises OverdueError: its time was over before that.
    """
    streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
    attention = Attention(process.pid, on_second)
    ends = os.pidfd_open(process.pid)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(ends, selectors.EVENT_READ)
            readers = {
                stream.fileno(): Reader(stream, line, out=stream is process.stdout) for stream in streams
            }
            for descriptor in readers:
                selector.register(descriptor, selectors.EVENT_READ)
            ready: set[int] = set()
            while ends not in ready:
                ready = {key.fd for key, _ in selector.select(attention.seconds())}
                attention.pay()
                for descriptor in ready - {ends}:
                    if not readers[descriptor].read():
                        selector.unregister(descriptor)
        for reader in readers.values():
            reader.finish()
    finally:
        os.close(ends)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a program that leads a session, with what is in its group."""
    groups.end_session(process.pid)
    process.wait()
