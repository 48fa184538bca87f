"""Layers become a directory: nothing outside it is written, and nothing of them is run.

A layer is a tar archive with what differs from the layers below it. A file ``.wh.NAME`` says that NAME is gone, and
``.wh..wh..opq`` that all below is gone from its directory (OCI image specification 1.1, ``layer.md``). What
``docker export`` writes is one layer. Links are followed as inside the directory, never as on the machine.
"""

import gzip
import hashlib
import os
import shutil
import sys
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from crosswheel.errors import ProvisionError
from crosswheel.provision.images.root import resolved
from crosswheel.store import remove_tree

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["Layer", "unpack"]

_EMPTY = ("dev", "proc", "sys")  # the sandbox brings them
_GONE, _OPAQUE = ".wh.", ".wh..wh..opq"
_READ = 1 << 20  # bytes at a time


@dataclass(frozen=True)
class Layer:
    """A layer in a file: a tar archive, by itself or compressed by gzip or zstd.

    :param content: the digest of the archive when it is not compressed; empty where nobody knows it.
    """

    path: Path
    content: str = ""


class _Source(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


class _Hashed:
    """What is read goes into a digest."""

    def __init__(self, source: _Source) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self._hash.update(data)
        return data

    def digest(self) -> str:
        while self.read(_READ):  # what follows the archive's end belongs to the layer
            pass
        return f"sha256:{self._hash.hexdigest()}"


def unpack(layers: Iterable[Layer], root: Path, name: str) -> None:
    """Unpack an image's layers over one another.

    Owners are left out, and so are devices, pipes and set-user-id bits; whoever unpacks may read and write all.

    :param layers: the lowest first.
    :param root: made; it must not be there.
    :param name: the image's, for people.
    :raises ProvisionError: a layer cannot be read, has other bytes than its digest says, or leads out of the root.
    :raises OSError: the disk is full.
    """
    root.mkdir(parents=True)
    for number, layer in enumerate(layers, 1):
        with _told(f"layer {number} of {name}"), layer.path.open("rb") as file:
            content = _Hashed(_plain(file))
            with tarfile.open(fileobj=content, mode="r|", bufsize=_READ) as tar:  # type: ignore[call-overload]
                _Unpacked(root).take(tar)
            found = content.digest()
            if layer.content not in ("", found):
                raise tarfile.TarError(f"its content is {found}, and the image names {layer.content}")
    for place in (*_EMPTY, "tmp"):
        if not os.path.lexists(root / place):
            (root / place).mkdir()
    if not (root / "tmp").is_symlink():
        (root / "tmp").chmod(0o1777)


@contextmanager
def _told(layer: str) -> Iterator[None]:
    try:
        yield
    except _EscapeError as error:
        raise ProvisionError(
            f"{layer} is refused: it does not hold a file system",
            cause=str(error),
            remedy="take an image that you trust",
        ) from error
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error, zstd.ZstdError, ValueError) as error:
        raise ProvisionError(
            f"{layer} is broken",
            cause=str(error),
            remedy="have it pushed or saved anew, or name another image",
        ) from error


class _EscapeError(Exception):
    """A name that no file system has, or that leads out of the root."""


class _Unpacked:
    """One layer over what is in a root already.

    :param root: of which no part is written by anybody else meanwhile.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._own: set[Path] = set()  # what this layer has made or changed, with the directories above

    def take(self, tar: tarfile.TarFile) -> None:
        for member in tar:
            name = _name(member.name)
            if not name.parts or name.parts[0] in _EMPTY:
                continue
            parent = self._directory(name.parent)
            if name.name.startswith(_GONE):
                self._take_away(parent, name.name)
            else:
                self._make(tar, member, parent / name.name)

    def _make(self, tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
        if not (member.isdir() or member.issym() or member.islnk() or member.isreg()):
            return
        target = self._linked(member) if member.islnk() else None
        stays = target == path or (member.isdir() and path.is_dir() and not path.is_symlink())
        if os.path.lexists(path) and not stays:
            remove_tree(path)
        self._note(path)
        if member.isdir():
            path.mkdir(exist_ok=True)
            path.chmod((member.mode & 0o1777) | 0o700)
        elif member.issym():
            path.symlink_to(member.linkname)  # wherever it leads: a link is only followed inside a sandbox
        elif target is not None:
            if target != path:
                os.link(target, path, follow_symlinks=False)
        else:
            content = tar.extractfile(member)
            assert content is not None, "a regular file has content"
            with content, path.open("xb") as file:
                shutil.copyfileobj(content, file, _READ)
            path.chmod((member.mode & 0o777) | 0o600)
            os.utime(path, (member.mtime, member.mtime))  # compiled Python modules are known by it

    def _linked(self, member: tarfile.TarInfo) -> Path:
        """The file that a hard link is for."""
        name = _name(member.linkname)
        parent = resolved(self._root, f"/{name.parent}")
        target = parent / name.name if parent is not None and name.name else None
        if target is None or not os.path.lexists(target) or (target.is_dir() and not target.is_symlink()):
            raise _EscapeError(f"{member.name}: it is a link to {member.linkname}, which is no file of it")
        return target

    def _directory(self, name: PurePosixPath) -> Path:
        """A directory, with links followed inside the root; made where it is missing."""
        here = self._root
        for part in name.parts:
            path = here / part
            if path.is_symlink():
                found = resolved(self._root, f"/{path.relative_to(self._root)}")
                if found is None or not found.is_dir():
                    raise _EscapeError(f"{name}: {part} is no directory")
                here = found
                continue
            if not path.is_dir():
                if os.path.lexists(path):
                    raise _EscapeError(f"{name}: {part} is no directory")
                path.mkdir()
                self._note(path)
            here = path
        return here

    def _take_away(self, parent: Path, name: str) -> None:
        if name == _OPAQUE:
            self._clear(parent)
            return
        gone = name.removeprefix(_GONE)
        if gone in ("", ".", ".."):
            raise _EscapeError(f"{name}: it takes away no file")
        if not gone.startswith(_GONE):  # else a note of aufs's own
            self._remove(parent / gone)

    def _remove(self, path: Path) -> None:
        """Remove what lower layers have here; what this one has stays."""
        if path not in self._own:
            if os.path.lexists(path):
                remove_tree(path)
        elif path.is_dir() and not path.is_symlink():
            self._clear(path)

    def _clear(self, directory: Path) -> None:
        for path in list(directory.iterdir()):
            self._remove(path)

    def _note(self, path: Path) -> None:
        while path not in self._own and path != self._root:
            self._own.add(path)
            path = path.parent


def _name(name: str) -> PurePosixPath:
    path = PurePosixPath(name.lstrip("/"))
    if ".." in path.parts:
        raise _EscapeError(f"{name}: it leads upwards")
    return path


def _plain(file: IO[bytes]) -> _Source:
    """What a file holds, not compressed."""
    head = file.read(4)
    file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if head == b"\x28\xb5\x2f\xfd":
        return zstd.ZstdFile(file)
    return file
