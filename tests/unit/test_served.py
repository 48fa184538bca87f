"""What is remembered of the ladder: where the next run begins, and when it begins at the top again."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import CrosswheelError
from crosswheel.model import EngineName, Job, Outcome, Plan, Project, Python, StepDown, Target, Wheel
from crosswheel.options import Options
from crosswheel.pipeline import served
from crosswheel.pipeline.served import recall, remember
from crosswheel.store import Store

JOB = Job(
    Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"]),
    Options(before_build="make"),
    ("cross", "hybrid", "emulated"),
    "debian",
    (2, 17),
)
DOWN = StepDown("cross", "hybrid", "it imported _fast.so, which is of the target")
FURTHER = StepDown("hybrid", "emulated", "-fopenmp wants libgomp")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    path = tmp_path / "project"
    (path / "src").mkdir(parents=True)
    (path / "pyproject.toml").write_text("[project]\n")
    (path / "src" / "a.c").write_text("int a;\n")
    return Project(path, path, str(path))


def served_by(engine: EngineName, *downs: StepDown) -> Outcome:
    return Outcome(JOB.identifier, engine, Wheel(Path("a.whl"), 1, ""), None, step_downs=downs)


def failed(engine: EngineName, *downs: StepDown) -> Outcome:
    return Outcome(JOB.identifier, engine, None, CrosswheelError("no"), step_downs=downs)


def ladder(store: Store, project: Project, job: Job = JOB) -> tuple[EngineName, ...]:
    (found,) = recall(Plan(project, (job,)), store).jobs
    return found.ladder


def test_the_first_run_begins_at_the_top(store: Store, project: Project) -> None:
    assert ladder(store, project) == JOB.ladder
    assert not store.root.exists()


def test_the_next_run_begins_where_the_last_was_served_and_knows_why(store: Store, project: Project) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    (job,) = recall(Plan(project, (JOB,)), store).jobs
    assert (job.ladder, job.skipped) == (("hybrid", "emulated"), (DOWN,))


def test_a_rung_is_skipped_where_the_way_down_did(store: Store, project: Project) -> None:
    remember(store, project, JOB, served_by("emulated", StepDown("cross", "emulated", "-fopenmp")))
    assert ladder(store, project) == ("emulated",)


def test_a_further_way_down_is_added_to_the_one_remembered(store: Store, project: Project) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    (job,) = recall(Plan(project, (JOB,)), store).jobs
    remember(store, project, job, served_by("emulated", FURTHER))
    (job,) = recall(Plan(project, (JOB,)), store).jobs
    assert (job.ladder, job.skipped) == (("emulated",), (DOWN, FURTHER))
    remember(store, project, job, served_by("emulated"))
    assert ladder(store, project) == ("emulated",)


def test_only_a_wheel_that_passed_is_remembered(store: Store, project: Project) -> None:
    remember(store, project, JOB, failed("hybrid", DOWN))
    assert ladder(store, project) == JOB.ladder
    remember(store, project, JOB, replace(served_by("hybrid", DOWN), reused=True))
    assert ladder(store, project) == JOB.ladder


def test_a_run_that_fails_where_the_last_was_served_forgets_it(store: Store, project: Project) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    (job,) = recall(Plan(project, (JOB,)), store).jobs
    remember(store, project, job, failed("hybrid"))
    assert ladder(store, project) == JOB.ladder


def test_a_forced_engine_is_kept_and_forgets_the_note_that_it_proves_wrong(
    store: Store, project: Project
) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    forced = replace(JOB, ladder=("cross",))
    assert ladder(store, project, forced) == ("cross",)
    remember(store, project, replace(JOB, ladder=("emulated",)), served_by("emulated"))
    remember(store, project, forced, failed("cross"))
    assert ladder(store, project) == ("hybrid", "emulated")
    remember(store, project, forced, served_by("cross"))
    assert ladder(store, project) == JOB.ladder


@pytest.mark.parametrize(
    "changed",
    [
        replace(JOB, options=replace(JOB.options, before_build="make other")),
        replace(JOB, options=replace(JOB.options, environment=(("CFLAGS", "-O3"),))),
        replace(JOB, floor=(2, 28)),
        replace(JOB, source="host"),
        replace(JOB, target=replace(JOB.target, python=Python("cp", 3, 13))),
        replace(JOB, target=replace(JOB.target, arch=ARCHITECTURES["armv7l"])),
    ],
)
def test_another_configuration_begins_at_the_top(store: Store, project: Project, changed: Job) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    assert ladder(store, project, changed) == JOB.ladder


def test_options_of_the_test_change_nothing(store: Store, project: Project) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    changed = replace(JOB, options=replace(JOB.options, test_command="pytest", test_skip=True))
    assert ladder(store, project, changed) == ("hybrid", "emulated")


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "setup.py", "helper.py", "lib/CMakeLists.txt", "src/meson.build"]
)
def test_a_change_of_how_the_project_is_built_begins_at_the_top(
    store: Store, project: Project, name: str
) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    (project.path / name).parent.mkdir(exist_ok=True)
    (project.path / name).write_text("changed")
    assert ladder(store, project) == JOB.ladder


@pytest.mark.parametrize("name", ["src/a.c", "src/module.py", ".git/setup.py"])
def test_a_change_of_what_is_built_does_not(store: Store, project: Project, name: str) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    (project.path / name).parent.mkdir(exist_ok=True)
    (project.path / name).write_text("changed")
    assert ladder(store, project) == ("hybrid", "emulated")


def test_another_crosswheel_or_zig_begins_at_the_top(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    for module, name in ((served.crosswheel, "__version__"), (served.zig, "VERSION")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, "99")
            assert ladder(store, project) == JOB.ladder
    assert ladder(store, project) == ("hybrid", "emulated")


def test_a_week_later_the_top_is_tried_again(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    later = time.time() + served.DAYS * 86400 + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert ladder(store, project) == JOB.ladder


def test_a_note_from_the_future_is_no_note(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock was wrong then, or is now: for years it would count as new."""
    remember(store, project, JOB, served_by("hybrid", DOWN))
    earlier = time.time() - served.DAYS * 86400 - 1
    monkeypatch.setattr(time, "time", lambda: earlier)
    assert ladder(store, project) == JOB.ladder


def test_an_engine_that_is_not_in_the_ladder_any_more_begins_at_the_top(
    store: Store, project: Project
) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    native: tuple[EngineName, ...] = ("native", "emulated")
    assert ladder(store, project, replace(JOB, ladder=native)) == native


def test_notes_of_more_than_a_week_ago_go(store: Store, project: Project) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    (old,) = (store.root / "served").iterdir()
    long_ago = time.time() - served.DAYS * 86400 - 60
    os.utime(old, (long_ago, long_ago))
    remember(store, project, replace(JOB, source="host"), served_by("hybrid", DOWN))
    (note,) = (store.root / "served").iterdir()
    assert note != old


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"skipped": 3}', '{"skipped": [["a"]]}', "\0\xff"])
def test_a_damaged_note_is_no_note(store: Store, project: Project, content: str) -> None:
    remember(store, project, JOB, served_by("hybrid", DOWN))
    (note,) = (store.root / "served").iterdir()
    note.write_bytes(content.encode("latin-1"))
    assert ladder(store, project) == JOB.ladder
    remember(store, project, replace(JOB, ladder=("cross",)), served_by("cross"))
