"""Trees of files on their way into a container and out of it, as tar streams.

Whatever comes out of a container is not trusted: nothing of it is written outside the directory that it is for.
"""

import contextlib
import hashlib
import os
import shutil
import stat
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from crosswheel.errors import ProvisionError
from crosswheel.store import remove_tree


def fingerprint(tree: Path) -> str:
    """Another one when anything in the tree has changed; empty for a tree that is not there or empty."""
    rows = []
    for path in _walk(tree):
        with contextlib.suppress(FileNotFoundError):
            status = path.lstat()
            rows.append((str(path.relative_to(tree)), status.st_mode, status.st_size, status.st_mtime_ns))
    return hashlib.sha256(repr(sorted(rows)).encode(errors="surrogateescape")).hexdigest() if rows else ""


def pack(places: Mapping[str, Path], file: IO[bytes]) -> None:
    """Write trees and files as a tar archive that unpacks at ``/``; all of it belongs to root.

    What goes away meanwhile is left out: a directory may be in use.

    :param places: what goes where, by absolute paths in the container.
    """
    with tarfile.open(fileobj=file, mode="w") as archive:
        for place, source in places.items():
            name = place.strip("/")
            for parent in reversed(PurePosixPath(name).parents[:-1]):
                archive.addfile(_directory(str(parent)))
            for path in (source, *_walk(source)) if source.is_dir() else (source,):
                with contextlib.suppress(FileNotFoundError):
                    inside = PurePosixPath(name, path.relative_to(source))
                    archive.add(path, str(inside), recursive=False, filter=of_root)
        end = archive.offset + 2 * tarfile.BLOCKSIZE
    file.truncate(end)  # podman may close its end before it has read what pads a stream


def unpack(file: IO[bytes], destination: Path, *, below: str = "") -> None:
    """Unpack a tar stream of a container.

    :param below: the directory in the stream that becomes the destination; what is not in it is left out.
    :raises ProvisionError: it holds a name that leads out of the destination.
    """
    destination.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=file, mode="r|") as archive:
        for member in archive:
            inside = _inside(member.name, below)
            if inside is not None:
                _unpack_one(archive, member, destination, inside, below)


def refill(directory: Path, other: Path) -> None:
    """Let a directory hold what another one holds; it stays the same directory, since it may be mounted."""
    for path in list(directory.iterdir()):
        remove(path)
    shutil.copytree(other, directory, symlinks=True, dirs_exist_ok=True)


def white_out(upper: Path, removed: Iterable[str]) -> None:
    """Mark paths as removed for overlayfs, which the sandbox ``namespace`` lays such a tree with.

    By device files of number 0, which every user may make since Linux 5.8; before, nothing is marked.
    """
    for path in removed:
        place = upper / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(PermissionError, FileExistsError):
            os.mknod(place, stat.S_IFCHR, os.makedev(0, 0))


def remove(path: Path) -> None:
    """Remove a tree, a file, a link or a mark; what is not there is no failure."""
    if path.is_dir() and not path.is_symlink():
        remove_tree(path)
    else:
        path.unlink(missing_ok=True)


def merged(lower: Path, upper: Path, removed: Iterable[str], tree: Path) -> None:
    """A tree that looks as the upper one over the lower one; files are links to theirs, so it must not be written.

    :param removed: paths of the lower tree that are gone.
    """
    _link_tree(lower, tree)
    _link_tree(upper, tree)
    for path in removed:
        remove(tree / path.lstrip("/"))


def _link_tree(source: Path, tree: Path) -> None:
    for path in _walk(source):
        place = tree / path.relative_to(source)
        if path.is_dir() and not path.is_symlink():
            if place.is_symlink() or place.is_file():
                place.unlink()
            place.mkdir(parents=True, exist_ok=True)
            continue
        if path.is_char_device():  # a mark of what is removed
            continue
        if os.path.lexists(place):
            remove(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, place, follow_symlinks=False)
        except OSError:  # another file system, or a file of another user
            shutil.copy2(path, place, follow_symlinks=False)


def _walk(tree: Path) -> Iterator[Path]:
    """Everything below a directory, directories before what is in them; a file is its own tree."""
    if tree.is_file():
        yield tree
    for directory, names, files in os.walk(tree):
        yield from (Path(directory, name) for name in (*names, *files))


def of_root(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """The entry of a stream as root's; None for what no tree of ours needs."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return None if member.ischr() or member.isblk() or member.isfifo() else member


def _directory(name: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    return entry


def _inside(name: str, below: str) -> PurePosixPath | None:
    """The name relative to the directory; None where it is not in it.

    :raises ProvisionError: the name climbs out.
    """
    path = PurePosixPath(name.lstrip("/"))
    if ".." in path.parts:
        raise ProvisionError(f"a container gave a file with the name {name!r}, which leads out of its place")
    root = PurePosixPath(below.strip("/"))
    return path.relative_to(root) if path.is_relative_to(root) else None


def _unpack_one(
    archive: tarfile.TarFile, member: tarfile.TarInfo, destination: Path, inside: PurePosixPath, below: str
) -> None:
    place = _made_way(destination, inside)
    if place == destination:
        return
    if member.isdir():
        if place.is_symlink() or not place.is_dir():
            place.unlink(missing_ok=True)
            place.mkdir()
        place.chmod(stat.S_IMODE(member.mode) | stat.S_IRWXU)
        return
    if os.path.lexists(place):
        remove(place)
    if member.issym():
        place.symlink_to(member.linkname)
    elif member.islnk():
        original = _inside(member.linkname, below)
        if original is not None:
            os.link(_made_way(destination, original), place, follow_symlinks=False)
    elif member.isreg():
        content = archive.extractfile(member)
        assert content is not None
        with place.open("wb") as target:
            shutil.copyfileobj(content, target)
        place.chmod(stat.S_IMODE(member.mode) & 0o777)
        os.utime(place, (member.mtime, member.mtime))


def _made_way(destination: Path, inside: PurePosixPath) -> Path:
    """The place of a name, its parents real directories: none of them a link that leads elsewhere."""
    place = destination
    for part in inside.parts[:-1]:
        place = place / part
        if place.is_symlink() or not place.is_dir():
            with contextlib.suppress(FileNotFoundError):
                place.unlink()
            place.mkdir()
    return place / inside.name if inside.parts else destination
