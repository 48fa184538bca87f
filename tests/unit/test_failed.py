"""What a failed build left: kept, found again, and gone in time."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import CrosswheelError, StepError
from crosswheel.model import Job, Project, Python, Target
from crosswheel.options import Options
from crosswheel.pipeline import failed
from crosswheel.store import Store

ERROR = StepError("build", "make", 1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def job(python: int = 11) -> Job:
    target = Target(Python("cp", 3, python), "manylinux", ARCHITECTURES["aarch64"])
    return Job(target, Options(), ("cross", "hybrid"), "debian", (2, 17))


def project(name: str = "one") -> Project:
    return Project(Path(name), Path(name), name)


def attempt(scratch: Path, size: int = 10_000) -> Path:
    """The directory of an attempt that came to its build."""
    (scratch / "libc++" / "project").mkdir(parents=True)
    (scratch / "libc++" / "project" / "file").write_bytes(os.urandom(size))
    return scratch


def keep(store: Store, one: Job | None = None, of: Project | None = None, size: int = 10_000) -> bool:
    with store.scratch() as scratch:
        return failed.keep(store, of or project(), one or job(), "hybrid", ERROR, attempt(scratch, size))


def names(store: Store) -> list[str]:
    return sorted(path.name for path in (store.root / "failed").iterdir())


def make_older(store: Store, one: Job, days: float) -> None:
    left = failed.find(store, project(), one)
    assert left is not None
    note = json.loads((left.path / "left.json").read_text())
    (left.path / "left.json").write_text(json.dumps({**note, "time": note["time"] - days * 86400}))


def test_it_is_the_attempts_own_directory_with_the_engine_and_the_step(store: Store) -> None:
    assert keep(store)

    left = failed.find(store, project(), job())
    assert left is not None
    assert (left.engine, left.step) == ("hybrid", "build")
    assert time.time() - left.time < 60
    assert left.size >= 10_000
    assert (left.path / "libc++" / "project" / "file").stat().st_size == 10_000
    assert list((store.root / "scratch").iterdir()) == []


def test_it_is_kept_for_each_project_and_identifier_alone(store: Store) -> None:
    assert keep(store)

    assert failed.find(store, project("two"), job()) is None
    assert failed.find(store, project(), job(13)) is None


def test_the_next_failure_takes_its_place(store: Store) -> None:
    keep(store, size=10_000)
    keep(store, size=20_000)

    left = failed.find(store, project(), job())
    assert left is not None
    assert (left.path / "libc++" / "project" / "file").stat().st_size == 20_000
    assert len([name for name in names(store) if not name.endswith(".lock")]) == 1


def test_an_attempt_that_came_to_nothing_is_not_kept(store: Store) -> None:
    with store.scratch() as scratch:
        assert not failed.keep(store, project(), job(), "cross", ERROR, scratch)
    assert failed.find(store, project(), job()) is None


def test_it_is_gone_once_it_is_forgotten_with_its_lock(store: Store) -> None:
    keep(store)
    failed.forget(store, project(), job())
    assert names(store) == []


def test_after_a_week_it_goes_with_the_next_job(store: Store) -> None:
    keep(store)
    make_older(store, job(), 6.9)
    failed.forget(store, project("two"), job())
    assert failed.find(store, project(), job()) is not None

    make_older(store, job(), 0.2)
    failed.forget(store, project("two"), job())
    assert names(store) == []


def test_the_oldest_go_where_all_are_too_large(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failed, "LIMIT", 250_000)
    for python, days in ((9, 3), (11, 2)):
        keep(store, job(python), size=100_000)
        make_older(store, job(python), days)

    assert keep(store, job(13), size=100_000)

    assert [failed.find(store, project(), job(python)) is not None for python in (9, 11, 13)] == [
        False,
        True,
        True,
    ]
    assert not keep(store, job(14), size=300_000)


def test_it_is_not_kept_on_a_disk_that_is_nearly_full(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failed, "ROOM", shutil.disk_usage("/").total * 2)
    assert not keep(store)
    assert failed.find(store, project(), job()) is None


def test_what_a_person_is_in_stays_as_it_is(store: Store) -> None:
    keep(store, size=10_000)
    left = failed.find(store, project(), job())
    assert left is not None
    with failed.held(left):
        assert not keep(store, size=20_000)
        failed.forget(store, project(), job())
        with pytest.raises(CrosswheelError, match="another crosswheel is at work"), failed.held(left):
            pass
        assert (left.path / "libc++" / "project" / "file").stat().st_size == 10_000
    failed.forget(store, project(), job())
    assert failed.find(store, project(), job()) is None


def test_a_damaged_note_is_none(store: Store) -> None:
    keep(store)
    left = failed.find(store, project(), job())
    assert left is not None
    (left.path / "left.json").write_text("{")
    assert failed.find(store, project(), job()) is None
    assert keep(store)
    assert failed.find(store, project(), job()) is not None
