"""Several jobs at once, within a budget of cores and memory."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from typing import TypeVar

from crosswheel.groups import together

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Budget:
    """What the jobs of a run may use together.

    :param jobs: how many run at once, at most.
    :param cores: for all together.
    :param memory: bytes for all together.
    """

    jobs: int
    cores: int
    memory: int


@dataclass(frozen=True)
class Need:
    """What one job needs before it may begin.

    :param memory: bytes.
    :param after: the numbers of jobs whose results it looks at.
    """

    memory: int = 0
    after: frozenset[int] = frozenset()


def run_all(
    needs: Sequence[Need],
    work: Callable[[int, int], _Result],
    budget: Budget,
    *,
    goes_on: Callable[[_Result], bool] = lambda _: True,
) -> list[_Result | None]:
    """Run every job, the earlier ones first where there is room.

    A job that needs more memory than there is runs alone. What interrupts this call ends the programs of all jobs.

    :param work: runs the job of a number with so many cores, in a thread of its own.
    :param goes_on: whether further jobs begin after such a result; those that run are always waited for.
    :returns: the results by number; None for a job that did not begin.
    :raises BaseException: the first that ``work`` raised, after the jobs that ran have ended.
    """
    schedule = _Schedule(needs, budget)
    results: list[_Result | None] = [None] * len(needs)
    with together() as end, ThreadPoolExecutor(budget.jobs, "job") as pool:
        running: dict[Future[_Result], int] = {}
        error: BaseException | None = None
        try:
            while schedule.waiting or running:
                for number, cores in schedule.begin():
                    running[pool.submit(copy_context().run, work, number, cores)] = number
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    number = running.pop(future)
                    schedule.end(number)
                    error = error or future.exception()
                    results[number] = None if future.exception() else future.result()
                    if future.exception() or not goes_on(future.result()):
                        schedule.waiting.clear()
        except BaseException:
            end()
            raise
    if error is not None:
        raise error
    return results


class _Schedule:
    """Which jobs wait, and what those that run use."""

    def __init__(self, needs: Sequence[Need], budget: Budget) -> None:
        self._needs = needs
        self._budget = budget
        self.waiting = list(range(len(needs)))
        self._running: set[int] = set()

    def begin(self) -> list[tuple[int, int]]:
        """The jobs that begin now, each with its cores."""
        begun = []
        for number in [number for number in self.waiting if self._may(number)]:
            if len(self._running) < self._budget.jobs and self._fits(number):
                self.waiting.remove(number)
                self._running.add(number)
                begun.append(number)
        # The last jobs of a run have the cores of those that are done.
        share = max(1, self._budget.cores // max(1, len(self._running)))
        return [(number, share) for number in begun]

    def end(self, number: int) -> None:
        """A job has ended."""
        self._running.discard(number)

    def _may(self, number: int) -> bool:
        return not self._needs[number].after & (self._running | set(self.waiting))

    def _fits(self, number: int) -> bool:
        used = sum(self._needs[other].memory for other in self._running)
        return not self._running or used + self._needs[number].memory <= self._budget.memory
