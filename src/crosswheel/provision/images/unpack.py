"""The file system of an image becomes a directory: nothing outside it is written, and nothing of it is run.

What ``docker export`` writes is the walk of a real file system: a parent is a directory that came before, never a
link. An archive in which it is not is refused whole, so that no name can lead out of the directory.
"""

import os
import shutil
import tarfile
from pathlib import Path, PurePosixPath

from crosswheel.errors import ProvisionError

__all__ = ["unpack"]

_EMPTY = ("dev", "proc", "sys")  # the sandbox brings them


def unpack(archive: Path, root: Path) -> None:
    """Unpack a tar archive of a whole file system.

    Owners are left out, and so are devices, pipes and set-user-id bits; whoever unpacks may read and write all.

    :param root: made; it must not be there.
    :raises ProvisionError: a name leads out of the archive, or it cannot be read.
    :raises OSError: the disk is full.
    """
    root.mkdir(parents=True)
    modes: list[tuple[Path, int]] = []
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                name = _name(member.name)
                if not name.parts or name.parts[0] in _EMPTY:
                    continue
                _make(tar, member, root, name)
                if member.isdir():
                    modes.append((root / name, member.mode))
    except (tarfile.TarError, EOFError) as error:
        raise ProvisionError("the file system of an image cannot be read", cause=str(error)) from error
    for directory, mode in reversed(modes):  # at the end: a closed one could not be filled
        directory.chmod(_mode(mode, directory=True))
    for directory_name in (*_EMPTY, "tmp"):
        (root / directory_name).mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)


def _make(tar: tarfile.TarFile, member: tarfile.TarInfo, root: Path, name: PurePosixPath) -> None:
    path = root / name
    _check_parents(root, name)
    there = os.path.lexists(path)
    if there and not (member.isdir() and path.is_dir() and not path.is_symlink()):
        raise _escape(member.name, "it is there twice")
    if member.isdir():
        path.mkdir(exist_ok=True)
        return
    if member.issym():
        path.symlink_to(member.linkname)  # wherever it leads: a link is only followed inside a sandbox
    elif member.islnk():
        target = _name(member.linkname)
        _check_parents(root, target)
        if (root / target).is_symlink() or not (root / target).is_file():
            raise _escape(member.name, f"it is a link to {member.linkname}, which is no file of it")
        path.hardlink_to(root / target)
    elif member.isreg():
        content = tar.extractfile(member)
        assert content is not None, "a regular file has content"
        with content, path.open("xb") as file:
            shutil.copyfileobj(content, file, 1 << 20)
        path.chmod(_mode(member.mode, directory=False))


def _name(name: str) -> PurePosixPath:
    path = PurePosixPath("/", name).relative_to("/")
    if ".." in path.parts:
        raise _escape(name, "it leads upwards")
    return path


def _check_parents(root: Path, name: PurePosixPath) -> None:
    """:raises ProvisionError: a parent is a link or a file, by which a write could leave the root."""
    for parent in reversed(list(name.parents)[:-1]):
        path = root / parent
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise _escape(str(name), f"{parent} is no directory")
        path.mkdir(exist_ok=True)


def _mode(mode: int, *, directory: bool) -> int:
    return (mode & 0o1777 if directory else mode & 0o777) | (0o700 if directory else 0o600)


def _escape(name: str, why: str) -> ProvisionError:
    return ProvisionError(
        "an image is refused: its archive does not hold a file system",
        cause=f"{name}: {why}",
        remedy="take an image that you trust",
    )
