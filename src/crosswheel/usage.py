"""What a running program and all its children use: memory now, and how much of their CPU time is QEMU's.

Looked at about once a second: what comes and goes between two looks is not seen. The kernel's own sums (``wait4``)
have all CPU time, but neither the memory of a whole tree nor whose time it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil

_EMULATOR = "qemu-"


class OverMemoryError(Exception):
    """A program and its children used more memory than they may.

    :param used: bytes.
    """

    def __init__(self, used: int) -> None:
        super().__init__(used)
        self.used = used


@dataclass
class Watch:
    """Looks at programs while they run; one at a time.

    :param limit: bytes for a program and its children together; 0 for no limit.
    :param used: the bytes at the last look; ``peak`` the most seen at once.
    :param emulated: seconds of CPU time seen in QEMU, and :param own: seen elsewhere.
    """

    limit: int = 0
    used: int = 0
    peak: int = 0
    emulated: float = 0.0
    own: float = 0.0
    _seen: dict[tuple[int, float], float] = field(default_factory=dict)

    def __call__(self, pid: int) -> None:
        """Look at a program.

        :raises OverMemoryError: it uses more than the limit.
        """
        resident = 0
        processes = list(_tree(pid))
        for one in processes:
            try:
                with one.oneshot():
                    resident += one.memory_info().rss
                    self._add(one)
            except psutil.Error:  # it has ended meanwhile
                continue
        # Pages that several processes share count for each of them: only where that matters are they told apart.
        over = self.limit and resident > self.limit
        self.used = _without_shared_twice(processes) if over else resident
        self.peak = max(self.peak, self.used)
        if self.limit and self.used > self.limit:
            raise OverMemoryError(self.used)

    @property
    def share(self) -> float:
        """The part of the seen CPU time that was QEMU's."""
        return self.emulated / (self.emulated + self.own) if self.emulated else 0.0

    def _add(self, one: psutil.Process) -> None:
        times = one.cpu_times()
        now, key = times.user + times.system, (one.pid, one.create_time())
        spent = now - self._seen.get(key, 0.0)
        self._seen[key] = now
        if one.exe().rpartition("/")[2].startswith(_EMULATOR):
            self.emulated += spent
        else:
            self.own += spent


def _tree(pid: int) -> Iterator[psutil.Process]:
    try:
        top = psutil.Process(pid)
        yield from (top, *top.children(recursive=True))
    except psutil.Error:
        return


def _without_shared_twice(processes: list[psutil.Process]) -> int:
    used = 0
    for one in processes:
        try:
            used += one.memory_full_info().pss
        except psutil.Error:
            continue
    return used
