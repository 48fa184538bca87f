"""What is remembered of a project from one run to the next."""

import multiprocessing
from pathlib import Path

import pytest

from crosswheel.model import Project
from crosswheel.pipeline.memory import Memory
from crosswheel.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def project(label: str) -> Project:
    return Project(Path("/x"), Path("/x"), label)


def test_nothing_is_remembered_of_a_new_project(store: Store) -> None:
    assert not Memory(store, project("/a")).several_cpp_modules()


def test_what_was_noted_is_remembered_of_that_project_alone(store: Store) -> None:
    Memory(store, project("/a")).note_several_cpp_modules()
    assert Memory(store, project("/a")).several_cpp_modules()
    assert not Memory(store, project("/b")).several_cpp_modules()


def test_projects_that_are_both_called_dot_are_two_projects(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "one")
    Memory(store, project(".")).note_several_cpp_modules()
    monkeypatch.chdir(tmp_path / "other")
    assert not Memory(store, project(".")).several_cpp_modules()
    assert Memory(store, project("../one")).several_cpp_modules()


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"several_cpp_modules": false}', "\0\xff"])
def test_a_damaged_note_is_no_note(store: Store, content: str) -> None:
    memory = Memory(store, project("/a"))
    memory.note_several_cpp_modules()
    (note,) = (store.root / "memory").iterdir()
    note.write_bytes(content.encode("latin-1"))
    assert not memory.several_cpp_modules()
    memory.note_several_cpp_modules()
    assert memory.several_cpp_modules()


def _note_often(root: Path) -> None:
    for _ in range(200):
        Memory(Store(root), project("/a")).note_several_cpp_modules()


def test_two_runs_may_note_at_once(store: Store) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_note_often, args=(store.root,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 3
    assert len(list((store.root / "memory").iterdir())) == 1
