"""``test-sources``: what a test finds in its working directory."""

import subprocess
import sys
from pathlib import Path

import pytest

from crosswheel.testing import sources


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    (project / "tests" / "data").mkdir(parents=True)
    (project / "tests" / "test_it.py").write_text("")
    (project / "tests" / "data" / "x.txt").write_text("x")
    (project / "pyproject.toml").write_text("")
    return project


def laid_out(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


def test_files_and_directories_keep_their_places(root: Path, tmp_path: Path) -> None:
    sources.lay_out(root, ["tests/data", "pyproject.toml"], tmp_path / "here")
    assert laid_out(tmp_path / "here") == {"tests/data/x.txt", "pyproject.toml"}


def test_a_directory_and_a_part_of_it_may_both_be_named(root: Path, tmp_path: Path) -> None:
    sources.lay_out(root, ["tests", "tests/data"], tmp_path / "here")
    assert laid_out(tmp_path / "here") == {"tests/test_it.py", "tests/data/x.txt"}


def test_without_any_a_test_runner_is_told_why_it_finds_none(root: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    sources.lay_out(root, [], here)
    done = subprocess.run(
        [sys.executable, "-m", "unittest"], cwd=here, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "name the tests ({project}/tests), or copy them here with test-sources" in done.stderr


@pytest.mark.parametrize(
    ("name", "problem"),
    [("test", "test is not in {root}"), ("../project2", "../project2 leads out of {root}"),
     ("tests/data/../..", None), ("/etc", "/etc leads out of {root}")],
)  # fmt: skip
def test_what_a_project_does_not_have_is_a_fault(root: Path, name: str, problem: str | None) -> None:
    (root.parent / "project2").mkdir()
    found = [f"{fault.place}: {fault.problem}" for fault in sources.faults(root, [name])]
    assert found == ([f"test-sources: {problem.format(root=root)}"] if problem else [])
