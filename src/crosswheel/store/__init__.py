"""The cache: entries under the digest of what they were made from, published whole or not at all.

An entry is made in a scratch directory beside it and renamed into place under a lock, so that a ``kill -9`` at
any moment leaves either nothing or the whole entry, and two runs at once make it once. What a killed run left
in scratch is removed by the next one.
"""

import contextlib
import hashlib
import json
import os
import shutil
import stat
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from crosswheel.store import manifests, uses

__all__ = ["Store", "digest", "remove_tree"]

# https://bford.info/cachedir: backups leave such a directory out, and only such a one is cleared.
_TAG = "CACHEDIR.TAG"
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55"
# Removes scratch directories beside what goes on. This process does not end before it is done.
_SWEEPER = ThreadPoolExecutor(1, "sweeper")
_BEGIN = "begin"  # the lock under which runs begin, and under which entries are taken away


def digest(inputs: Mapping[str, object]) -> str:
    """The name of what is made from ``inputs`` (anything JSON can hold)."""
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Store:
    """A directory of entries: ``KIND/DIGEST``.

    :param root: made when first needed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._used: dict[Path, bool] = {}  # by entry, whether it is whole
        self._read: dict[Path, list[str]] = {}  # by entry, the files of other bytes

    def path(self, kind: str, key: str) -> Path:
        """Where an entry is or will be."""
        return self.root / kind / key

    def has(self, kind: str, key: str) -> bool:
        return self.path(kind, key).exists()

    def ensure(self, kind: str, key: str, make: Callable[[Path], None]) -> Path:
        """The entry's directory, made by ``make(empty_directory)`` if it is not there yet, or is damaged.

        :raises OSError: the store cannot be written.
        """
        final = self.path(kind, key)
        uses.note(self.root, kind, key)
        if self._is_whole(final):
            return final
        with self.lock(f"{kind}-{key}"):
            if self._is_whole(final):  # another run made it while this one waited
                return final
            with self.scratch() as scratch:
                entry = scratch / "entry"
                entry.mkdir()
                make(entry)
                (scratch / "files").write_bytes(manifests.made(entry))
                os.sync()  # what is named whole must be whole after a crash of the machine too
                final.parent.mkdir(parents=True, exist_ok=True)
                if final.exists():
                    final.rename(scratch / "damaged")
                (scratch / "files").rename(manifests.place(final))
                entry.rename(final)
        self._used[final] = True
        return final

    def _is_whole(self, entry: Path) -> bool:
        """Whether an entry is there, its files are, and they are as long as they were made."""
        if not entry.exists():
            return False
        if entry not in self._used:
            self._used[entry] = not manifests.damage(entry, whole=False)
        return self._used[entry]

    def damage(self) -> dict[Path, list[str]]:
        """The entries that this process has used whose files do not have the bytes that they were made of.

        :returns: the names of such files, by the entry. It reads all files of these, each once: seconds.
        """
        for entry in set(self._used) - self._read.keys():
            self._read[entry] = manifests.damage(entry, whole=True)
        return {entry: names for entry, names in self._read.items() if names}

    def replace(self, kind: str, key: str, make: Callable[[Path], None]) -> Path:
        """The entry's directory, made anew by ``make(empty_directory)`` whether it was there or not.

        For what is small, or bears a hash: unlike :meth:`ensure`, it does not wait until the disk has it.

        :raises OSError: the store cannot be written.
        """
        final = self.path(kind, key)
        uses.note(self.root, kind, key)
        with self.lock(f"{kind}-{key}"), self.scratch() as scratch:
            entry = scratch / "entry"
            entry.mkdir()
            make(entry)
            final.parent.mkdir(parents=True, exist_ok=True)
            if final.exists():
                final.rename(scratch / "old")
            entry.rename(final)
        return final

    def shared(self, kind: str) -> Path:
        """A directory that tools with a locking of their own keep between runs (zig's and uv's caches)."""
        path = self.root / kind
        path.mkdir(parents=True, exist_ok=True)
        return path

    def is_tagged(self) -> bool:
        """Whether the directory says of itself that it is a cache."""
        try:
            return (self.root / _TAG).read_text(encoding="utf-8", errors="replace").startswith(_SIGNATURE)
        except OSError:
            return False

    def clear(self) -> None:
        """Remove the whole directory."""
        remove_tree(self.root)

    def discard(self, entries: Iterable[Path]) -> bool:
        """Remove entries, unless a run uses the store.

        They are renamed away while no run can begin, and deleted after that: the next run finds them whole or not
        at all.

        :returns: whether they were removed.
        """
        with self.scratch() as trash, self.lock(_BEGIN):
            if any(_in_use(lock) for lock in trash.parent.glob("*.lock") if lock.stem != trash.name):
                return False
            for number, entry in enumerate(entries):
                with contextlib.suppress(FileNotFoundError):
                    entry.rename(trash / str(number))
        return True

    def _tag(self) -> None:
        if not (self.root / _TAG).exists():
            (self.root / _TAG).write_text(f"{_SIGNATURE}\n# Made by crosswheel.\n", encoding="utf-8")

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock of this name against other runs."""
        locks = self.root / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        with FileLock(locks / f"{name}.lock"):
            yield

    @contextmanager
    def scratch(self, *, later: bool = False) -> Iterator[Path]:
        """A directory on the store's file system that ends with the block.

        :param later: remove it beside what goes on: thousands of files may take a disk seconds.
        """
        parent = self.root / "scratch"
        parent.mkdir(parents=True, exist_ok=True)
        self._tag()
        _remove_abandoned(parent)
        name = uuid.uuid4().hex
        # The lock says that the directory is in use; the kernel drops it however the process ends.
        lock = FileLock(parent / f"{name}.lock", thread_local=False)
        with self.lock(_BEGIN):
            lock.acquire()
        path = parent / name
        try:
            path.mkdir()
            yield path
        finally:
            if later:
                _SWEEPER.submit(_sweep, path, lock)
            else:
                _sweep(path, lock)


def _remove_abandoned(parent: Path) -> None:
    for lock_file in parent.glob("*.lock"):
        lock = FileLock(lock_file)
        with contextlib.suppress(Timeout, OSError), lock.acquire(blocking=False):
            _end(lock_file.with_suffix(""), lock_file)


def _sweep(directory: Path, lock: BaseFileLock) -> None:
    """Remove a scratch directory of this process."""
    try:
        _end(directory, Path(lock.lock_file))
    finally:
        lock.release()


def _in_use(lock_file: Path) -> bool:
    lock = FileLock(lock_file)
    try:
        with lock.acquire(blocking=False):
            return False
    except (Timeout, FileNotFoundError):
        return True


def _end(directory: Path, lock_file: Path) -> None:
    """Remove a scratch directory; while any of it is left, its lock file stays for the next run to find."""
    remove_tree(directory)
    if not directory.exists():
        lock_file.unlink(missing_ok=True)


def remove_tree(path: Path) -> None:
    """Remove a tree, also one whose directories may not be read (overlayfs leaves such a work directory)."""

    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        _open_up(path)
        shutil.rmtree(path, ignore_errors=True)


def _open_up(path: Path) -> None:
    """Make all directories of a tree one's own to write, from the top: below a closed one nothing is seen."""
    with contextlib.suppress(OSError):
        path.chmod(stat.S_IRWXU)
        for directory, names, _ in os.walk(path):
            for place in (Path(directory, name) for name in names):
                if not place.is_symlink():
                    place.chmod(stat.S_IRWXU)
