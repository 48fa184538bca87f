"""What an earlier run built from the same is taken in place of a new build, and only that."""

from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.model import Job, Outcome, Plan, Project, Python, StepDown, Target
from crosswheel.options import Options
from crosswheel.pipeline.estimate import estimate
from crosswheel.pipeline.kept import Kept
from crosswheel.provision.host import HostSource
from crosswheel.report import plan_table
from crosswheel.store import Store

TARGET = Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"])
JOB = Job(TARGET, Options(), ("cross", "hybrid"), "host", (2, 17))
DOWN = StepDown("cross", "hybrid", "it ran a program of the target")
OUTCOME = Outcome(JOB.identifier, "hybrid", None, None, step_downs=(DOWN,), notes=("a note",))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "setup.py").write_text("setup()")
    return Project(tmp_path / "project", tmp_path / "project", "project")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "p-1.0-cp311-cp311-manylinux_2_17_aarch64.whl"
    path.write_bytes(b"wheel")
    return path


def kept(store: Store, project: Project, *, wanted: bool = True) -> Kept:
    """As each run makes it anew."""
    return Kept(store, project, (HostSource({}),), wanted=wanted)


def test_nothing_is_known_before_it_was_kept(store: Store, project: Project, wheel: Path) -> None:
    assert kept(store, project).wheel(JOB) is None
    assert not kept(store, project).is_tested(JOB, wheel)


def test_a_kept_wheel_comes_back_with_how_it_was_built(store: Store, project: Project, wheel: Path) -> None:
    kept(store, project).keep(JOB, wheel, OUTCOME)
    found = kept(store, project).wheel(JOB)
    assert found is not None
    assert (found.path.name, found.path.read_bytes()) == (wheel.name, b"wheel")
    assert (found.engine, found.step_downs, found.notes) == ("hybrid", (DOWN,), ("a note",))


def test_it_is_known_whatever_an_earlier_run_learnt_of_the_ladder(
    store: Store, project: Project, wheel: Path
) -> None:
    kept(store, project).keep(JOB, wheel, OUTCOME)
    assert kept(store, project).wheel(replace(JOB, ladder=("hybrid",), skipped=(DOWN,)))


@pytest.mark.parametrize(
    "job",
    [
        replace(JOB, ladder=("hybrid",)),
        replace(JOB, floor=(2, 28)),
        replace(JOB, policy=(2, 34)),
        replace(JOB, options=Options(before_build="make")),
        replace(JOB, options=Options(environment=(("CFLAGS", "-O3"),))),
        replace(JOB, options=Options(repair_wheel_command="")),
        replace(JOB, target=replace(TARGET, python=Python("cp", 3, 13))),
        replace(JOB, target=replace(TARGET, arch=ARCHITECTURES["s390x"])),
    ],
)
def test_what_decides_the_wheel_makes_another_one(
    store: Store, project: Project, wheel: Path, job: Job
) -> None:
    kept(store, project).keep(JOB, wheel, OUTCOME)
    assert kept(store, project).wheel(job) is None


def test_a_changed_file_makes_another_one(store: Store, project: Project, wheel: Path) -> None:
    kept(store, project).keep(JOB, wheel, OUTCOME)
    (project.path / "setup.py").write_text("setup(name='other')")
    assert kept(store, project).wheel(JOB) is None


def test_another_test_leaves_the_wheel_as_it_is_and_is_run(
    store: Store, project: Project, wheel: Path
) -> None:
    first = kept(store, project)
    first.keep(JOB, wheel, OUTCOME)
    first.note_tested(JOB, wheel)
    other = replace(JOB, options=Options(test_command="pytest", test_requires=("pytest",)))
    assert kept(store, project).wheel(other)
    assert kept(store, project).is_tested(JOB, wheel)
    assert not kept(store, project).is_tested(other, wheel)


def test_a_wheel_of_other_bytes_is_tested(store: Store, project: Project, wheel: Path) -> None:
    kept(store, project).note_tested(JOB, wheel)
    wheel.write_bytes(b"other")
    assert not kept(store, project).is_tested(JOB, wheel)


@pytest.mark.parametrize("harm", ["wheel", "facts", "nothing left"])
def test_a_damaged_entry_is_not_used_and_is_kept_anew(
    store: Store, project: Project, wheel: Path, harm: str
) -> None:
    kept(store, project).keep(JOB, wheel, OUTCOME)
    (entry,) = (store.root / "wheels").iterdir()
    if harm == "wheel":
        (entry / wheel.name).write_bytes(b"whee1")
    elif harm == "facts":
        (entry / "facts.json").write_text("{")
    else:
        (entry / wheel.name).unlink()
    assert kept(store, project).wheel(JOB) is None
    kept(store, project).keep(JOB, wheel, OUTCOME)
    assert kept(store, project).wheel(JOB)


def test_a_run_that_wants_none_of_it_still_keeps_what_it_makes(
    store: Store, project: Project, wheel: Path
) -> None:
    without = kept(store, project, wanted=False)
    without.keep(JOB, wheel, OUTCOME)
    without.note_tested(JOB, wheel)
    assert without.wheel(JOB) is None
    assert not without.is_tested(JOB, wheel)
    assert kept(store, project).wheel(JOB)
    assert kept(store, project).is_tested(JOB, wheel)


def test_a_job_is_done_once_its_wheel_is_kept_and_tested(store: Store, project: Project, wheel: Path) -> None:
    assert kept(store, project).done([JOB]) == frozenset()
    kept(store, project).keep(JOB, wheel, OUTCOME)
    assert kept(store, project).done([JOB]) == frozenset()
    kept(store, project).note_tested(JOB, wheel)
    assert kept(store, project).done([JOB, replace(JOB, floor=(2, 28))]) == {JOB.identifier}


def test_of_a_job_without_a_test_the_wheel_is_enough(store: Store, project: Project, wheel: Path) -> None:
    untested = replace(JOB, options=replace(JOB.options, test_skip=True))
    kept(store, project).keep(untested, wheel, OUTCOME)
    assert kept(store, project).done([untested]) == {JOB.identifier}


def test_what_is_done_takes_nothing(store: Store, project: Project) -> None:
    plan = Plan(project, (JOB,))
    assert estimate(plan, store, 1).whole is None
    told = estimate(plan, store, 1, frozenset({JOB.identifier}))
    assert (told.whole, told.jobs) == (0.0, {JOB.identifier: 0.0})
    lines = plan_table.render(plan, told).splitlines()
    assert lines[1].split()[-1] == "kept"
    assert (
        lines[-1] == "1 wheel to build, 1 of them kept, nothing to fetch; about 0.0 s, as earlier runs tell"
    )
