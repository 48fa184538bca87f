"""A run of several jobs: what ends one job, and what ends the run."""

from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import CrosswheelError
from crosswheel.events import Event, JobFinished
from crosswheel.model import Job, Outcome, Plan, Project, Python, Target
from crosswheel.options import Options
from crosswheel.pipeline import sequence
from crosswheel.pipeline.run import Run
from crosswheel.pipeline.scheduling import Budget
from crosswheel.store import Store


def plan(*minors: int) -> Plan:
    targets = [Target(Python("cp", 3, minor), "manylinux", ARCHITECTURES["aarch64"]) for minor in minors]
    jobs = tuple(Job(target, Options(), ("cross",), "debian", (2, 17)) for target in targets)
    return Plan(Project(Path("/p"), Path("/p"), "p"), jobs)


def run(
    tmp_path: Path, events: list[Event], output_dir: Path | None = None, *, keep_going: bool = True
) -> tuple[Outcome, ...]:
    store, output = Store(tmp_path / "cache"), output_dir or tmp_path / "out"
    return sequence.run_plan(
        plan(11, 13), Run(store, (), output, events.append, Budget(1, 1, 1), keep_going=keep_going)
    )


def test_a_surprise_in_one_job_leaves_the_others_to_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_job(job: Job, *_: object, **__: object) -> Outcome:
        if job.target.python.minor == 11:
            raise LookupError("nobody thought of this")
        return Outcome(job.identifier, "cross", None, None)

    monkeypatch.setattr(sequence, "run_job", run_job)
    events: list[Event] = []
    first, second = run(tmp_path, events)
    assert second.ok
    assert first.failure is not None
    assert first.failure.fact == "this is a defect of crosswheel, not of your project"
    assert first.failure.cause.startswith("LookupError: nobody thought of this (test_sequence.py, line ")
    assert sum(isinstance(event, JobFinished) for event in events) == 2


def test_after_a_failure_no_job_begins_where_the_run_does_not_keep_going(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_job(job: Job, *_: object, **__: object) -> Outcome:
        return Outcome(job.identifier, "cross", None, CrosswheelError("no"))

    monkeypatch.setattr(sequence, "run_job", run_job)
    (only,) = run(tmp_path, [], keep_going=False)
    assert only.identifier == "cp311-manylinux_aarch64"


def test_an_output_directory_that_cannot_be_used_is_found_before_the_first_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequence, "run_job", lambda *_, **__: pytest.fail("a job was started"))
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="File exists"):
        run(tmp_path, [], output_dir=tmp_path / "file")
