"""``test-sources``: the files of a project that its test finds in its working directory."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from crosswheel.errors import Fault

# What a test runner finds where a test command names no tests, since it runs outside the project.
_REMINDER = """\
import unittest


class TestsWereNotNamed(unittest.TestCase):
    def test_fail(self):
        self.fail(
            "the test command runs outside the project, so that the installed wheel is imported: name the tests"
            " ({project}/tests), or copy them here with test-sources"
        )
"""


def faults(root: Path, names: Iterable[str]) -> tuple[Fault, ...]:
    """What is wrong with names of test sources.

    :param root: the project's directory, to which they are relative.
    """
    return tuple(
        Fault("test-sources", f"{name} {problem}") for name in names if (problem := _problem(root, name))
    )


def _problem(root: Path, name: str) -> str:
    if not (root / name).exists():
        return f"is not in {root}"
    inside = Path(os.path.normpath(root / name)).is_relative_to(root)
    return "" if inside else f"leads out of {root}"


def lay_out(root: Path, names: Iterable[str], directory: Path) -> None:
    """Copy test sources; without any, leave a test that says why it finds none.

    :param directory: the test's working directory.
    """
    named = list(names)
    for name in named:
        source, place = root / name, directory / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, place)
    if not named:
        (directory / "test_fail.py").write_text(_REMINDER, encoding="utf-8")
