"""Several jobs at once: order, budgets, and how a run ends."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crosswheel import process
from crosswheel.architectures import ARCHITECTURES
from crosswheel.groups import Stopped
from crosswheel.model import Job, Plan, Project, Python, Target
from crosswheel.options import Options
from crosswheel.pipeline.needs import needs
from crosswheel.pipeline.scheduling import Budget, Need, run_all

ROOMY = Budget(jobs=4, cores=4, memory=1000)


class Trace:
    """Runs jobs that take a moment, and remembers who ran beside whom."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: set[int] = set()
        self.beside: dict[int, set[int]] = {}
        self.cores: dict[int, int] = {}
        self.order: list[int] = []
        self.most = 0

    def __call__(self, number: int, cores: int) -> str:
        with self._lock:
            self.order.append(number)
            self.cores[number] = cores
            self._now.add(number)
            self.most = max(self.most, len(self._now))
            for one in self._now:
                self.beside.setdefault(one, set()).update(self._now)
        time.sleep(0.05)
        with self._lock:
            self._now.discard(number)
        return f"job {number}"


def test_results_come_in_the_order_of_the_jobs() -> None:
    def work(number: int, _: int) -> int:
        time.sleep(0.05 * (3 - number))
        return number

    assert run_all([Need()] * 3, work, ROOMY) == [0, 1, 2]


def test_no_jobs_are_no_results() -> None:
    assert run_all([], Trace(), ROOMY) == []


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_no_more_jobs_run_at_once_than_allowed(jobs: int) -> None:
    trace = Trace()
    run_all([Need()] * 6, trace, Budget(jobs, 4, 1000))
    assert trace.most <= jobs
    assert trace.order[0] == 0


def test_jobs_begin_while_their_memory_fits_together() -> None:
    trace = Trace()
    run_all([Need(600), Need(600), Need(300)], trace, ROOMY)
    assert 1 not in trace.beside[0]
    assert 2 in trace.beside[0]  # the smaller one behind did not wait for the larger


def test_a_job_that_needs_more_than_there_is_runs_alone() -> None:
    trace = Trace()
    assert None not in run_all([Need(100), Need(5000), Need(100)], trace, ROOMY)
    assert trace.beside[1] == {1}


def test_a_job_waits_for_those_whose_results_it_looks_at() -> None:
    trace = Trace()
    run_all([Need(), Need(after=frozenset({0})), Need()], trace, ROOMY)
    assert 1 not in trace.beside[0]
    assert trace.order.index(1) > trace.order.index(0)


def test_the_cores_are_shared_and_the_last_job_has_them_all() -> None:
    trace = Trace()
    run_all([Need(), Need(), Need(after=frozenset({0, 1}))], trace, Budget(2, 4, 1000))
    assert trace.cores == {0: 2, 1: 2, 2: 4}
    run_all([Need()] * 3, trace, Budget(3, 2, 1000))
    assert set(trace.cores.values()) == {1}


def test_after_a_failure_no_further_job_begins_where_that_is_asked() -> None:
    results = run_all([Need()] * 4, lambda number, _: number != 1, Budget(1, 1, 1), goes_on=bool)
    assert results == [True, False, None, None]


def test_an_error_ends_the_run_after_the_jobs_that_run() -> None:
    ended = threading.Event()

    def work(number: int, _: int) -> None:
        if number == 0:
            raise OSError("the disk is full")
        time.sleep(0.2)
        ended.set()

    with pytest.raises(OSError, match="the disk is full"):
        run_all([Need()] * 9, work, Budget(2, 2, 1000))
    assert ended.is_set()


def interrupted(work: Callable[[int, int], object]) -> float:
    """Interrupt a run in its main thread, as Ctrl-C does; how long it then takes to end."""
    started = time.monotonic()

    def interrupts(_: object) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all([Need()] * 3, work, Budget(2, 2, 1000), goes_on=interrupts)
    return time.monotonic() - started


def test_an_interrupt_ends_the_programs_of_all_jobs_and_lets_none_begin() -> None:
    seen: list[str] = []

    def work(number: int, _: int) -> None:
        if number == 0:
            time.sleep(0.1)
            return
        try:
            process.run(["sleep", "60"])
        except Stopped:
            seen.append("ended")
            with pytest.raises(Stopped):
                process.run(["touch", "/nonexistent/never"])
            raise

    assert interrupted(work) < 30
    assert seen == ["ended"]
    assert process.run(["true"]).returncode == 0  # programs outside of the run are not concerned


@pytest.mark.parametrize(
    ("text", "chained"),
    [
        ("ext = Extension('m', ['m.c'], py_limited_api=True)", True),
        ('[tool.scikit-build]\nwheel.py-api = "cp39"', True),
        ('[tool.maturin]\nbindings = "cffi"', True),
        ('pyo3 = { features = ["abi3-py39"] }', True),
        ("ext = Extension('m', ['m.c'])", False),
    ],
)
def test_jobs_of_one_architecture_go_in_order_where_one_wheel_may_serve_them(
    tmp_path: Path, text: str, chained: bool
) -> None:
    (tmp_path / "setup.py").write_text(text)
    targets = [
        Target(Python("cp", 3, minor), "manylinux", ARCHITECTURES[arch])
        for arch in ("aarch64", "s390x")
        for minor in (9, 11, 13)
    ]
    jobs = tuple(Job(target, Options(), ("cross",), "debian", (2, 17)) for target in targets)
    after = [need.after for need in needs(Plan(Project(tmp_path, tmp_path, "p"), jobs), {})]
    wanted = [(), (0,), (0, 1), (), (3,), (3, 4)] if chained else [()] * 6
    assert after == [frozenset(numbers) for numbers in wanted]
