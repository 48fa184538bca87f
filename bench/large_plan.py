"""How long a plan of 500 jobs takes, and the report of a run of it: the same code as for five, no job run.

Run by ``make bench``. There are fewer identifiers than that: later Pythons are made up, and each is answered for as
one that Debian has.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TypeVar
from unittest import mock

from crosswheel import config, pipeline
from crosswheel import plan as planning
from crosswheel.cli import reports
from crosswheel.events import EngineChosen, JobFinished, JobStarted, RunFinished, RunStarted, StepFinished
from crosswheel.model import Estimate, Job, Outcome, Part, Plan, Project, Python, StepTime, Target, Wheel
from crosswheel.plan.identifiers import TARGETS
from crosswheel.provision.debian import DebianSource
from crosswheel.report import plan_table
from crosswheel.report.run.ledger import Ledger
from crosswheel.store import Store

JOBS = 500
PROJECT = Path(__file__).resolve().parent.parent / "examples" / "c-hello"
_STEPS = ("fetch", "prepare", "requirements", "build", "repair", "verify", "test")
_Result = TypeVar("_Result")
_KNOWN = Python("cp", 3, 13)


class Made(DebianSource):
    """Debian, as if it had every Python there will ever be."""

    def _of(self, target: Target) -> Target:
        return replace(target, python=_KNOWN)

    def offers(self, target: Target) -> bool:
        return super().offers(self._of(target))

    def parts(self, target: Target) -> tuple[Part, ...]:
        return super().parts(self._of(target))

    def libc_version(self, target: Target) -> tuple[int, int] | None:
        return super().libc_version(self._of(target))


def many_targets(source: DebianSource) -> tuple[Target, ...]:
    """As many as there shall be jobs, all of one libc."""
    archs = dict.fromkeys(target.arch for target in TARGETS)
    pythons = (Python("cp", 3, minor) for minor in range(11, 1000))
    every = (Target(python, "manylinux", arch) for python, arch in product(pythons, archs))
    return tuple(target for target, _ in zip(filter(source.offers, every), range(JOBS), strict=False))


def resolved(store: Store, project: Project) -> tuple[Plan, Estimate]:
    """The plan with its estimate, as JSON and as a table."""
    source = Made(store, lambda _: None)
    targets = many_targets(source)
    with mock.patch.multiple("crosswheel.plan.selectors", TARGETS=targets):
        loaded = config.load(
            project.path, config_file=None, environ={"CIBW_ARCHS": "all"}, flags=config.Flags()
        )
        plan = planning.make(project, loaded, sources=[source], no_test=False)
    plan = pipeline.complete(pipeline.recall(plan, store), store, [source])
    estimate = pipeline.estimate(plan, store, 2)
    plan_table.to_json(plan, estimate)
    return plan, estimate


def outcome(job: Job) -> Outcome:
    steps = tuple(StepTime(name, 0.5, cpu=0.4, peak=100_000_000) for name in _STEPS)
    wheel = Wheel(Path(f"c_hello-1.0-{job.identifier}.whl"), 24_000, "manylinux_2_17", "0" * 64)
    return Outcome(job.identifier, "cross", wheel, None, steps=steps, tested=True)


def reported(store: Store, project: Project, plan: Plan, estimate: Estimate) -> reports.Written | None:
    """What a run of the plan tells becomes ``report.json`` and ``report.html``."""
    ledger = Ledger(lambda _: None)
    ledger(RunStarted(tuple(job.identifier for job in plan.jobs), estimate))
    for number, job in enumerate(plan.jobs):
        ledger(JobStarted(job.identifier, number + 1, len(plan.jobs)))
        ledger(EngineChosen(job.identifier, "cross"))
        for name in _STEPS:
            ledger(StepFinished(job.identifier, name, 0.5, ok=True))
        ledger(JobFinished(outcome(job)))
    ledger(RunFinished((), 1.0))
    return reports.write(ledger, store, project, 2, store.root / "report")


def timed(work: Callable[[], _Result]) -> tuple[_Result, float, float]:
    """What it returns, its wall time and its CPU time in seconds."""
    wall, cpu = time.monotonic(), time.process_time()
    return work(), time.monotonic() - wall, time.process_time() - cpu


def compare() -> str:
    """A sentence with the seconds of a plan and of its report."""
    with tempfile.TemporaryDirectory() as place, pipeline.open_project(PROJECT, Path(place)) as project:
        store = Store(Path(place) / "cache")
        (plan, estimate), *of_plan = timed(lambda: resolved(store, project))
        _, *of_report = timed(lambda: reported(store, project, plan, estimate))
    wall, cpu = (one + other for one, other in zip(of_plan, of_report, strict=True))
    return (
        f"{len(plan.jobs)} jobs: planned in {of_plan[0]:.2f} s, reported in {of_report[0]:.2f} s; "
        f"{wall:.2f} s in all, of which {cpu:.2f} s were CPU time"
    )


if __name__ == "__main__":
    sys.stdout.write(compare() + "\n")
