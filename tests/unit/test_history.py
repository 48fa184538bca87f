"""What jobs took before: noted, read again, and used to guess what is to come."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.model import Job, Outcome, Plan, Project, Python, StepTime, Target
from crosswheel.options import Options
from crosswheel.pipeline.estimate import estimate
from crosswheel.pipeline.history import History, Past
from crosswheel.pipeline.needs import needs
from crosswheel.store import Store


def job(minor: int, arch: str = "aarch64") -> Job:
    target = Target(Python("cp", 3, minor), "manylinux", ARCHITECTURES[arch])
    return Job(target, Options(), ("cross",), "debian", (2, 17))


def outcome(minor: int, build: float, arch: str = "aarch64") -> Outcome:
    steps = (
        StepTime("fetch", 500.0),
        StepTime("build", build, peak=int(build) * 10**6),
        StepTime("test", 1.0),
    )
    return Outcome(job(minor, arch).identifier, "cross", None, None, steps)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, tmp_path, str(tmp_path))


def test_a_job_is_remembered_without_what_is_fetched_once(store: Store, project: Project) -> None:
    History(store, project).note(outcome(11, 9.0))
    past = History(store, project).past([job(11)])
    assert past == {job(11).identifier: Past(10.0, 9_000_000)}


def test_of_a_new_python_the_others_of_its_architecture_tell(store: Store, project: Project) -> None:
    history = History(store, project)
    for minor, build in ((9, 3.0), (11, 5.0), (13, 100.0)):
        history.note(outcome(minor, build))
    history.note(outcome(11, 7.0, "s390x"))
    past = history.past([job(14), job(14, "s390x"), job(14, "i686")])
    assert past == {
        job(14).identifier: Past(6.0, 100_000_000),
        job(14, "s390x").identifier: Past(8.0, 7_000_000),
    }


@pytest.mark.parametrize("change", [{"kept": True}, {"reused": True}])
def test_a_wheel_that_was_not_built_tells_nothing(
    store: Store, project: Project, change: dict[str, bool]
) -> None:
    History(store, project).note(replace(outcome(11, 9.0), **change))  # type: ignore[arg-type]
    assert History(store, project).past([job(11)]) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 1, "jobs": {"cp311-manylinux_aarch64": {"seconds": "x"}}}',
    ],
)
def test_a_damaged_note_is_as_good_as_none(store: Store, project: Project, text: str) -> None:
    history = History(store, project)
    history.note(outcome(11, 9.0))
    (file,) = (store.root / "history").iterdir()
    file.write_text(text)
    assert history.past([job(11)]) == {}


def test_a_note_of_another_version_is_not_read_and_is_replaced(store: Store, project: Project) -> None:
    history = History(store, project)
    history.note(outcome(11, 9.0))
    (file,) = (store.root / "history").iterdir()
    file.write_text(json.dumps({**json.loads(file.read_text()), "version": 99}))
    assert history.past([job(11)]) == {}
    history.note(outcome(13, 3.0))
    assert set(history.past([job(13)])) == {job(13).identifier}


def test_a_run_takes_what_its_jobs_take_beside_each_other(store: Store, project: Project) -> None:
    history = History(store, project)
    for minor, build in ((9, 9.0), (11, 9.0), (13, 4.0)):
        history.note(outcome(minor, build))
    plan = Plan(project, (job(9), job(11), job(13)))
    assert estimate(plan, store, 1).whole == 25.0
    assert estimate(plan, store, 2).whole == 15.0
    assert estimate(plan, store, 2).jobs[job(13).identifier] == 5.0


def test_a_run_with_an_unknown_job_has_no_whole(store: Store, project: Project) -> None:
    History(store, project).note(outcome(11, 9.0))
    found = estimate(Plan(project, (job(11), job(11, "s390x"))), store, 2)
    assert (found.whole, set(found.jobs)) == (None, {job(11).identifier})


def test_jobs_of_which_one_wheel_may_serve_all_are_not_taken_to_run_beside_each_other(
    store: Store, project: Project
) -> None:
    (project.path / "setup.py").write_text("py_limited_api=True")
    for minor in (9, 11):
        History(store, project).note(outcome(minor, 9.0))
    assert estimate(Plan(project, (job(9), job(11))), store, 2).whole == 20.0


def test_a_job_needs_the_memory_that_it_took(store: Store, project: Project) -> None:
    History(store, project).note(outcome(11, 9.0))
    plan = Plan(project, (job(11), job(13, "s390x")))
    known, unknown = needs(plan, History(store, project).past(plan.jobs))
    assert known.memory == 9_000_000
    assert unknown.memory == 1_000_000_000
