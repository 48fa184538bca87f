"""What one job may use: whatever goes over it is ended, and the others go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from math import ceil

from crosswheel.errors import LimitError
from crosswheel.process import OverdueError, within
from crosswheel.report.text import duration, size
from crosswheel.usage import OverMemoryError

_ROOM = 1.5  # times what was seen, since a job that was ended would have gone on


@dataclass(frozen=True)
class Limits:
    """Limits of one job; 0 for none.

    :param memory: bytes for all its programs together, looked at each second.
    :param seconds: wall time of its programs.
    """

    memory: int = 0
    seconds: float = 0.0


UNLIMITED = Limits()


@contextmanager
def held(limits: Limits, step: Callable[[], str]) -> Iterator[None]:
    """Run a job within its limits.

    :param step: the step that runs now.
    :raises LimitError: it went over one, and was ended.
    """
    try:
        with within(limits.seconds) if limits.seconds else nullcontext():
            yield
    except OverMemoryError as error:
        raise LimitError(
            f"the {step()} step was ended: it used {size(error.used)} of memory and may use {size(limits.memory)}",
            cause="all its programs together, looked at each second",
            remedy=f"allow more (--memory {ceil(error.used * _ROOM / 1e9)}G), or let it start fewer compilers "
            'at once (environment = "MAKEFLAGS=-j1")',
        ) from None
    except OverdueError:
        raise LimitError(
            f"the {step()} step was ended: the job may take {duration(limits.seconds)}",
            remedy=f"allow more (--time-limit {ceil(limits.seconds * 2 / 60)}m), or read in its log what it did",
        ) from None
