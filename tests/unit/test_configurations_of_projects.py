"""Configurations with the habits of real projects mean in every option what they mean to cibuildwheel."""

import tomllib
from pathlib import Path

import beside
import pytest
from dependency_groups import resolve

from crosswheel import config

DIRECTORY = Path(__file__).parent.parent / "data" / "configurations"
FILES = sorted(DIRECTORY.glob("*.toml"))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def habit(request: pytest.FixtureRequest, tmp_path: Path) -> "Habit":
    return Habit(request.param, tmp_path)


class Habit:
    """One file as a project, with what the file's own table ``habit`` says beside it."""

    def __init__(self, file: Path, project: Path) -> None:
        text = file.read_text(encoding="utf-8")
        (project / "pyproject.toml").write_text(text, encoding="utf-8")
        document = tomllib.loads(text)
        said = document["habit"]
        self.project = project
        self.environ: dict[str, str] = said.get("environ", {})
        self.identifiers: list[str] = said["identifiers"]
        self.groups: dict[str, list[str]] = document.get("dependency-groups", {})
        self.flags = config.Flags(
            archs=said.get("archs"), only=said.get("only"), enable=tuple(said.get("enable", ()))
        )


def test_there_are_twenty_of_them() -> None:
    assert len(FILES) == 20


def test_the_same_identifiers_are_selected(habit: Habit) -> None:
    selected = beside.our_identifiers(habit.project, habit.environ, habit.flags)

    assert selected == beside.their_identifiers(habit.project, habit.environ, habit.flags)
    assert selected


def test_every_option_has_the_same_value(habit: Habit) -> None:
    configuration = beside.ours(habit.project, habit.environ, habit.flags)
    theirs = beside.theirs(habit.project, habit.environ, habit.flags)
    assert len(habit.identifiers) == 3

    for identifier in habit.identifiers:
        options = configuration.options_for(identifier)
        groups = resolve(habit.groups, *options.test_groups)
        assert beside.of_ours(options, identifier, groups, habit.environ) == beside.of_theirs(
            theirs, identifier
        )
