"""The project as a build sees it: which files, and a digest of them."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pathspec import GitIgnoreSpec

from crosswheel import process

IGNORE_FILE = ".crosswheelignore"
# Never part of a build, and often larger than the project.
_NEVER = frozenset(
    {"__pycache__", ".venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache", "wheelhouse"}
)
# Not so .git and .hg: setuptools-scm and its like read the version from them. Of git's own files these decide it.
_OF_GIT = ("HEAD", "packed-refs", "refs")
_KINDS = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)


@dataclass(frozen=True)
class Content:
    """Which files of a directory belong to a build.

    :param ignored: paths relative to the directory that git ignores.
    :param spec: the rules of ``.crosswheelignore``; one that begins with ``!`` brings a file back.
    """

    root: Path
    ignored: frozenset[str]
    spec: GitIgnoreSpec

    @cached_property
    def history(self) -> str:
        """What git says of the commit and its tags; empty where git is not there. Only a digest asks for it."""
        return _history(self.root) if _in_git(self.root) else ""

    def left_out(self, directory: str, names: list[str]) -> set[str]:
        """Those of a directory's names that stay behind, as ``shutil.copytree`` asks."""
        return {name for name in names if not self._holds(Path(directory, name))}

    def _holds(self, path: Path) -> bool:
        mode = path.lstat().st_mode
        if path.name in _NEVER or not any(kind(mode) for kind in _KINDS):  # git's fsmonitor keeps a socket
            return False
        # Caches, by the tag that they bear (https://bford.info/cachedir): crosswheel's own may be in the project,
        # since GitLab keeps nothing else between jobs.
        if stat.S_ISDIR(mode) and (path / "CACHEDIR.TAG").is_file():
            return False
        relative = str(path.relative_to(self.root))
        told = self.spec.check_file(f"{relative}/" if stat.S_ISDIR(mode) else relative).include
        return not told if told is not None else relative not in self.ignored

    def files(self) -> Iterator[tuple[str, Path]]:
        """Every file and link but git's own, by its relative path, in a stable order."""
        for directory, names, files in os.walk(self.root):
            place = Path(directory)
            out = {*self.left_out(directory, [*names, *files]), *self._of_git(place, [*names, *files])}
            names[:] = sorted(set(names) - out)
            links = {name for name in names if (place / name).is_symlink()}
            for name in sorted({*files, *links} - out):
                yield str((place / name).relative_to(self.root)), place / name

    def _of_git(self, place: Path, names: list[str]) -> set[str]:
        """Those of the names that are git's own, and say nothing of the version."""
        if place == self.root and self.history:
            return {".git"}
        return set(names) - set(_OF_GIT) if place == self.root / ".git" else set()

    def digest(self) -> str:
        """One text for all that a build can see: names, modes and bytes."""
        found = hashlib.sha256(self.history.encode())
        for name, path in self.files():
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                held = b"link " + os.fsencode(path.readlink())
            else:
                with path.open("rb") as file:
                    held = hashlib.file_digest(file, "sha256").digest() + (b"x" if mode & 0o100 else b"-")
            found.update(os.fsencode(name) + b"\0" + held + b"\0")
        return found.hexdigest()


def content(root: Path) -> Content:
    """What a build of a directory sees: without what git ignores, and what ``.crosswheelignore`` names."""
    rules = root / IGNORE_FILE
    lines = rules.read_text(encoding="utf-8", errors="replace").splitlines() if rules.is_file() else ()
    if not _in_git(root):
        return Content(root, frozenset(), GitIgnoreSpec.from_lines(lines))
    return Content(root, _ignored_by_git(root), GitIgnoreSpec.from_lines(lines))


def commit_time(root: Path) -> int:
    """Unix time of the commit that a directory is at; 0 where git knows none."""
    told = _git(root, "log", "-1", "--format=%ct") if _in_git(root) else ""
    return int(told) if told.isdecimal() else 0


def _in_git(root: Path) -> bool:
    return any((place / ".git").exists() for place in (root, *root.parents))


def _ignored_by_git(root: Path) -> frozenset[str]:
    """Paths that git ignores; none where it ignores the whole directory: then somebody wants it all the same."""
    told = _git(root, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")
    found = frozenset(name.rstrip("/") for name in told.split("\0") if name)
    return frozenset() if "." in found else found


def _history(root: Path) -> str:
    """The commit, its branch and all tags."""
    tags = _git(root, "for-each-ref", "--format=%(refname) %(objectname)", "refs/tags")
    return "\n".join(
        (_git(root, "rev-parse", "HEAD"), _git(root, "rev-parse", "--abbrev-ref", "HEAD"), tags)
    ).strip()


def _git(root: Path, *arguments: str) -> str:
    """What git says; nothing where it is not there, or may not read the repository."""
    try:
        done = process.run(
            ["git", "-C", root, *arguments],
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            capture=True,
            stdout_only=True,
        )
    except OSError:
        return ""
    return "" if done.returncode else done.output
