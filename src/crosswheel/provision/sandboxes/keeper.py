"""A program of its own: runs a command and ends, however it ends itself, every process that the command left.

``python keeper.py COMMAND [ARGUMENT]...``, for where there is no pid namespace to end with. A process behind this
one adopts what the command's processes leave (``PR_SET_CHILD_SUBREAPER``, prctl(2)), and is told by the kernel when
this one is killed (``PR_SET_PDEATHSIG``). A daemon does not get away from it by leaving its session.

Signals that ask to end are the command's to answer. The status is the command's as a shell gives it: 128 + n for
signal n.
"""

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_CHILD_SUBREAPER = 36
_ASKING = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


def main() -> int:
    first = os.getpid()
    keeper = os.fork()
    if keeper == 0:
        os._exit(_keep(sys.argv[1:], first))
    for number in _ASKING:
        signal.signal(number, lambda asked, _: os.kill(keeper, asked))
    return os.waitstatus_to_exitcode(os.waitpid(keeper, 0)[1])


def _keep(command: list[str], first: int) -> int:
    """Run the command until it ends, or until the first process does.

    :param first: the number of that process.
    """
    os.setsid()  # what ends the first one's session leaves this to end the rest
    signal.signal(signal.SIGUSR1, _interrupted)
    libc = ctypes.CDLL(None)
    try:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGUSR1))
        if os.getppid() != first:  # it ended before the kernel was asked
            return 1
        started = os.fork()
        if started == 0:
            _become(command)
        for number in _ASKING:
            signal.signal(number, lambda asked, _: os.killpg(started, asked))
        while True:
            ended, status = os.waitpid(-1, 0)
            if ended == started:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
    except InterruptedError:
        return 1
    finally:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        _end_children()


def _interrupted(_number: int, _frame: FrameType | None) -> NoReturn:
    raise InterruptedError


def _become(command: list[str]) -> NoReturn:
    os.setsid()
    for number in (*_ASKING, signal.SIGUSR1, signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores the last two
        signal.signal(number, signal.SIG_DFL)
    # As it was given: Python itself may have set LC_CTYPE (PEP 538).
    given = Path("/proc/self/environ").read_bytes().split(b"\0")
    env = dict(entry.split(b"=", 1) for entry in given if b"=" in entry)
    os.execve(command[0], command, env)  # noqa: S606 -- as meant


def _end_children() -> None:
    """Kill until there is none: the children of what is killed become this process's."""
    while True:
        for child in _children():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    """The processes whose parent is this one (proc(5): the fourth field, after a name in parentheses)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            fields = stat.read_bytes().rpartition(b")")[2].split()
            if int(fields[1]) == os.getpid():
                found.append(int(stat.parent.name))
    return found


if __name__ == "__main__":
    sys.exit(main())
