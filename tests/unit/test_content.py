"""What of a project a build sees, and when two projects are the same to it."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from crosswheel.pipeline.content import commit_time, content

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name, text in (
        ("setup.py", "x"),
        ("src/a.c", "int a;"),
        ("src/a.o", "\x7fELF"),
        ("build/lib/b.so", "b"),
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / ".venv").mkdir()
    (root / ".venv/huge").touch()
    return root


def git(root: Path, *args: str) -> None:
    environ = {**os.environ, "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    names = ("-c", "user.name=n", "-c", "user.email=e@x")
    subprocess.run(["git", *names, "-C", root, *args], check=True, capture_output=True, env=environ)


def seen(root: Path) -> list[str]:
    """The files that a build sees, but git's own; as listed and as copied alike."""
    found = content(root)
    listed = [name for name, _ in found.files() if not name.startswith(".git/")]
    copy = root.parent / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy, symlinks=True, ignore=found.left_out)
    copied = (
        str(path.relative_to(copy)) for path in copy.rglob("*") if not path.is_dir() or path.is_symlink()
    )
    assert sorted(listed) == sorted(name for name in copied if not name.startswith(".git/"))
    return sorted(listed)


def test_outside_of_git_all_is_seen_but_what_is_never_part_of_a_build(project: Path) -> None:
    assert seen(project) == ["build/lib/b.so", "setup.py", "src/a.c", "src/a.o"]


def test_what_git_ignores_is_left_out(project: Path) -> None:
    git(project, "init")
    (project / ".gitignore").write_text("*.o\nbuild/\n")
    assert seen(project) == [".gitignore", "setup.py", "src/a.c"]


def test_a_file_that_git_keeps_although_a_rule_names_it_is_seen(project: Path) -> None:
    git(project, "init")
    (project / ".gitignore").write_text("*.o\nbuild/\n")
    git(project, "add", "--force", "src/a.o")
    assert "src/a.o" in seen(project)


def test_a_directory_that_is_ignored_itself_is_seen_as_a_whole(project: Path) -> None:
    git(project, "init")
    (project / ".gitignore").write_text("build/\n")
    assert seen(project / "build") == ["lib/b.so"]


def test_the_projects_own_rules_leave_more_out_and_bring_back_what_git_ignores(project: Path) -> None:
    git(project, "init")
    (project / ".gitignore").write_text("*.o\nbuild/\n")
    (project / ".crosswheelignore").write_text("src/*.c\n!*.o\n!build/\n")
    assert seen(project) == [".crosswheelignore", ".gitignore", "build/lib/b.so", "setup.py", "src/a.o"]


def test_links_are_seen_as_links_and_sockets_not_at_all(project: Path) -> None:
    (project / "link").symlink_to("nowhere")
    (project / "dir-link").symlink_to("src")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(project / "socket"))
        assert {"link", "dir-link"} < set(seen(project))
        assert "socket" not in seen(project)


def test_the_digest_is_that_of_names_modes_links_and_bytes(project: Path) -> None:
    def changed(change: str) -> bool:
        before = content(project).digest()
        subprocess.run(["sh", "-ec", change], cwd=project, check=True)
        return content(project).digest() != before

    assert not changed("touch -d 2001-01-01 setup.py; touch .venv/more")
    assert changed("echo y > setup.py")
    assert changed("chmod +x setup.py")
    assert changed("mv src/a.c src/b.c")
    assert changed("ln -s a link")
    assert changed("ln -sfn b link")
    assert changed("rm link")


def test_the_digest_follows_the_commit_and_its_tags_but_not_gits_caches(project: Path) -> None:
    def digest() -> str:
        return content(project).digest()

    git(project, "init")
    git(project, "add", ".")
    git(project, "commit", "-m", "one")
    first = digest()
    git(project, "status")
    git(project, "gc")
    (project / ".git" / "index").touch()
    assert digest() == first
    git(project, "tag", "v1")
    tagged = digest()
    assert tagged != first  # setuptools-scm gives another version
    git(project, "commit", "--allow-empty", "-m", "two")
    assert digest() != tagged


def test_what_a_repository_gives_is_dated_as_its_commit(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert commit_time(project) == 0
    git(project, "init")
    assert commit_time(project) == 0  # without a commit
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0000")
    git(project, "commit", "--allow-empty", "-m", "one")
    assert commit_time(project) == 1_700_000_000
