"""What one job may use: whatever goes over it is ended, and the others go on."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from math import ceil

from crosswheel.controlgroups import ControlGroup, Delegation, delegation
from crosswheel.errors import LimitError
from crosswheel.model import Guard, Limited
from crosswheel.process import OverdueError, within
from crosswheel.report.text import duration, size
from crosswheel.usage import OverMemoryError

_ROOM = 1.5  # times what was seen, since a job that was ended would have gone on


@dataclass(frozen=True)
class Limits:
    """Limits of one job; 0 for none.

    :param memory: bytes for all its programs together.
    :param seconds: wall time of its programs.
    :param groups: where the kernel holds the limit of memory; None where it is looked at each second.
    """

    memory: int = 0
    seconds: float = 0.0
    groups: Delegation | None = None

    def limited(self) -> Limited | None:
        """What a report says of them; None without any."""
        guard: Guard = "watchdog"
        if self.groups is not None:
            guard = "cgroup v2" if self.groups.version == 2 else "cgroup v1"
        return Limited(self.memory, self.seconds, guard) if self.memory or self.seconds else None


UNLIMITED = Limits()


def grouped(limits: Limits) -> Limits:
    """The same limits with the memory held by the kernel, where this user may make control groups."""
    found = delegation() if limits.memory else ""
    if isinstance(found, str):
        return limits
    found.clear_abandoned()
    return replace(limits, groups=found)


@contextmanager
def held(limits: Limits, step: Callable[[], str]) -> Iterator[ControlGroup | None]:
    """Run a job within its limits.

    :param step: the step that runs now.
    :returns: the control group of its programs, if it has one.
    :raises LimitError: it went over one, and was ended.
    """
    group = None
    try:
        with ExitStack() as stack:
            if limits.seconds:
                stack.enter_context(within(limits.seconds))
            if limits.groups is not None:
                with suppress(OSError):  # taken away meanwhile: then it is looked at each second
                    group = stack.enter_context(limits.groups.group(limits.memory))
            yield group
    except OverMemoryError as error:
        used = f"all of the {size(limits.memory)} of memory that it may use"
        how = f"the kernel held them in a control group (cgroup v{group.version})" if group else ""
        if group is None:
            used = f"{size(error.used)} of memory and may use {size(limits.memory)}"
            how = "looked at each second (watchdog)"
        raise LimitError(
            f"the {step()} step was ended: it used {used}",
            cause=f"all its programs together; {how}",
            remedy=f"allow more (--memory {ceil(error.used * _ROOM / 1e9)}G), or let it start fewer compilers "
            'at once (environment = "MAKEFLAGS=-j1")',
        ) from None
    except OverdueError:
        raise LimitError(
            f"the {step()} step was ended: the job may take {duration(limits.seconds)}",
            remedy=f"allow more (--time-limit {ceil(limits.seconds * 2 / 60)}m), or read in its log what it did",
        ) from None
