"""The package to build: a directory of the user's, or an sdist unpacked safely."""

import contextlib
import errno
import os
import shutil
import tarfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from crosswheel.errors import ConfigurationError, CrosswheelError, Fault
from crosswheel.model import Project
from crosswheel.pipeline.content import commit_time, content
from crosswheel.resources import is_full

# What the operating system says of names that contradict each other; None: gzip's own OSError.
_OF_ARCHIVE = (None, errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOENT, errno.ELOOP, errno.ENAMETOOLONG)
_FIRST_OF_ZIP = 315532800  # 1980-01-01: zip knows no earlier time
_MARKS = ("pyproject.toml", "setup.py", "setup.cfg")


@contextmanager
def open_project(package: Path, scratch: Path) -> Iterator[Project]:
    """The project in a directory or in an sdist.

    :param scratch: an empty directory to unpack an sdist in.
    :raises CrosswheelError: it is neither, or the archive would write outside its directory.
    """
    if package.is_dir():
        yield _directory(package)
    elif package.is_file():
        yield _sdist(package, scratch)
    else:
        raise ConfigurationError((Fault(str(package), "there is no such file or directory"),))


def _directory(package: Path) -> Project:
    path = package.resolve()
    if not any((path / mark).is_file() for mark in _MARKS):
        problem = "the directory is empty" if not any(path.iterdir()) else "is not a Python project"
        raise ConfigurationError((Fault(str(package), problem, f"it needs one of {', '.join(_MARKS)}"),))
    here = Path.cwd().resolve()
    # As cibuildwheel: {project} is the working directory where the package is inside it. Not every directory is
    # copied whole, though: $HOME is one too.
    inside = here in path.parents and (
        (here / ".git").exists() or any((here / mark).exists() for mark in _MARKS)
    )
    root = here if inside else path
    committed = commit_time(root)
    project = Project(path, root, str(package))
    return replace(project, epoch=committed) if committed else project


def _sdist(archive: Path, scratch: Path) -> Project:
    if not archive.name.endswith(".tar.gz"):
        raise ConfigurationError(
            (Fault(str(archive), "is not an sdist", "PEP 625: an sdist ends in .tar.gz"),)
        )
    try:
        with tarfile.open(archive, "r:gz") as tar:
            members = [member for member in tar.getmembers() if PurePosixPath(member.name).parts]  # not "./"
            while tar.fileobj is not None and tar.fileobj.read(1 << 20):
                pass  # to the end, where gzip's checksum is: tarfile stops before it
            faults = tuple(
                Fault(f"{archive}: {member.name}", why) for member in members if (why := _unsafe(member))
            )
            if faults:
                raise ConfigurationError(faults)
            for member in members:
                _unpack(tar, member, scratch)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _OF_ARCHIVE:
            raise
        raise ConfigurationError((Fault(str(archive), f"is not an sdist: {error}"),)) from None
    tops = [path for path in scratch.iterdir() if path.is_dir() and not path.is_symlink()]
    if len(tops) != 1 or not (tops[0] / "PKG-INFO").is_file():
        problem = "is not an sdist: it has no single directory with a PKG-INFO (PEP 625)"
        raise ConfigurationError((Fault(str(archive), problem),))
    made = int((tops[0] / "PKG-INFO").stat().st_mtime)
    return Project(tops[0], tops[0], str(archive), max(made, _FIRST_OF_ZIP))


def _unsafe(member: tarfile.TarInfo) -> str:
    """Why a member may not be unpacked; empty where it may."""
    if "\0" in member.name + member.linkname:
        return "has a null byte in its name"
    if _escapes(PurePosixPath(member.name)):
        return "would be written outside the directory it is unpacked in"
    if member.issym() or member.islnk():
        base = PurePosixPath(member.name).parent if member.issym() else PurePosixPath()
        return "is a link out of the archive" if _escapes(base / member.linkname) else ""
    return "" if member.isreg() or member.isdir() else "is neither a file, a directory nor a link"


def _escapes(path: PurePosixPath) -> bool:
    depth = 0
    for part in path.parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            return True
    return path.is_absolute()


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, scratch: Path) -> None:
    """Write one member whose name and link were found safe. Not ``extractall``: Python 3.11.2 has no filters."""
    path = scratch / member.name
    # A name may pass through a link that an earlier member made.
    reached = (path.parent, scratch / member.linkname) if member.islnk() else (path.parent,)
    # Not Path.resolve(), which fails on a loop of links.
    if not all(Path(os.path.realpath(place)).is_relative_to(scratch.resolve()) for place in reached):
        fault = Fault(
            f"{os.fsdecode(tar.name or '')}: {member.name}", "leads outside the directory it is unpacked in"
        )
        raise ConfigurationError((fault,))
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if member.issym():
        path.symlink_to(member.linkname)
    elif member.islnk():
        shutil.copy2(scratch / member.linkname, path)
    elif (content := tar.extractfile(member)) is not None:
        with content, path.open("wb") as file:
            shutil.copyfileobj(content, file)
        path.chmod(0o755 if member.mode & 0o100 else 0o644)
        # Generated files must stay newer than what they were generated from (configure, Cython's C).
        with contextlib.suppress(OSError, OverflowError, ValueError):
            os.utime(path, (member.mtime, member.mtime))


def copy_in(project: Project, directory: Path) -> None:
    """Copy the project to where a build may write.

    :raises CrosswheelError: a file of it cannot be read.
    :raises OSError: the disk is full (``ENOSPC``).
    """
    try:
        shutil.copytree(
            project.root,
            directory,
            symlinks=True,
            ignore=content(project.root).left_out,
            copy_function=_copy,
            dirs_exist_ok=True,
        )
    except shutil.Error as error:
        if is_full(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(directory)) from None
        faults = error.args[0]
        names = ", ".join(str(source) for source, _, _ in faults[:5])
        raise CrosswheelError(
            f"{len(faults)} of the project's files cannot be copied: {names}",
            cause=str(faults[0][2]),
            remedy="make them readable, or move them out of the project",
        ) from None


def _copy(source: str, target: str) -> str:
    """Copy a file; one from the future is from now: Meson refuses it, and make and ninja would never be done.

    Clocks are set back, and archives bear the times of other machines.
    """
    shutil.copy2(source, target)
    now = time.time()
    if Path(target).stat().st_mtime > now:
        os.utime(target, (now, now))
    return target


def ships(project: Project, file: str) -> bool:
    """Whether the project itself has a file of this name.

    :param file: a path in any directory of a build; only its last part counts.
    """
    name = PurePosixPath(file).name
    return any(name in files for _, _, files in os.walk(project.root))
