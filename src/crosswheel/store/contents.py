"""What the store holds: entries with their sizes, ages and uses, and which of them to give up for room."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel.store import Store, manifests, uses
from crosswheel.store.uses import Uses

# In the order in which a run comes to need them; what each holds, for people.
KINDS: Mapping[str, str] = {
    "roots": "file systems of targets, with their Pythons",
    "standalone-roots": "file systems with a standalone Python",
    "standalone-pythons": "standalone Pythons of this machine",
    "musl-bases": "file systems with musl, without a Python",
    "musl-roots": "file systems with musl, with their Pythons",
    "musl-pythons": "CPythons that were compiled for musl",
    "musl-libraries": "what these are linked with",
    "image-roots": "file systems of images",
    "image-blobs": "layers of images, as registries have them",
    "image-names": "what names of images stand for",
    "cxx-roots": "libstdc++ for wheels of several C++ modules",
    "programs": "QEMU, bubblewrap and skopeo",
    "runtime": "the C library of native programs in foreign roots",
    "native-programs": "ninja and CMake of this machine",
    "zig": "the zig compiler",
    "zig-cache": "zig's libraries, compiled",
    "zig-warm": "notes of zig's libraries that are compiled",
    "ccache": "the program that keeps compilations",
    "compilations": "what compilers made, by source; uses are what was not compiled again",
    "toolchains": "compilers by target",
    "wrapper": "the wrapper around zig",
    "cross-gcc": "Debian's cross compilers",
    "rust": "rustc and cargo",
    "rust-std": "Rust's library by target",
    "rust-musl": "Rust's library by target with musl, compiled",
    "cargo": "crates",
    "cargo-config": "how cargo reaches its registry",
    "uv-cache": "wheels and sdists of requirements",
    "package-lists": "Debian's package lists",
    "wheels": "wheels that were built",
    "tests": "notes of tests that passed",
    "history": "what jobs took",
    "memory": "what is known of projects",
    "served": "which engine served which project",
    "sources": "which source served which project",
    "logs": "logs of jobs",
    "reports": "reports of the last runs, by project",
}
# Kept by tools with a locking of their own: given up as a whole.
_WHOLE = frozenset(
    {"image-blobs", "image-names", "zig-cache", "zig-warm", "compilations", "cargo", "uv-cache", "package-lists",
     "memory", "served", "sources", "logs"}
)  # fmt: skip
# A note that zig's libraries are compiled is wrong without them.
_TOGETHER = {"zig-cache": ("zig-warm",)}
_WORKING = frozenset({"locks", "scratch", "uses"})  # of the store itself


@dataclass(frozen=True)
class Entry:
    """Something that the store keeps, and may give up.

    :param key: its name among those of its kind; empty where a kind is one whole.
    :param size: bytes on the disk.
    :param made: Unix time.
    """

    kind: str
    key: str
    path: Path
    size: int
    made: float
    uses: Uses

    @property
    def last(self) -> float:
        """When it was used last, or made: Unix time."""
        return max(self.made, self.uses.last)


def entries(store: Store) -> tuple[Entry, ...]:
    """All entries, by kind in the order of :data:`KINDS`; kinds of another version after them."""
    if not store.root.is_dir():
        return ()
    there = {path.name for path in store.root.iterdir() if path.is_dir()} - _WORKING
    known = [kind for kind in KINDS if kind in there]
    return tuple(
        entry for kind in (*known, *sorted(there - KINDS.keys())) for entry in _of_kind(store.root, kind)
    )


def surplus(found: Iterable[Entry], keep: int) -> tuple[Entry, ...]:
    """The entries to give up so that at most ``keep`` bytes stay: those first that nobody used for longest."""
    kept = list(found)
    total = sum(entry.size for entry in kept)
    given_up = []
    for entry in sorted(kept, key=lambda entry: entry.last):
        if total <= keep:
            break
        given_up.append(entry)
        total -= entry.size
    return tuple(given_up)


def remove(store: Store, victims: Iterable[Entry]) -> bool:
    """Remove entries, and what is wrong without them.

    :returns: whether they are gone; they stay while a run uses the store.
    """
    gone = tuple(victims)
    along = [store.root / other for entry in gone for other in _TOGETHER.get(entry.kind, ())]
    along += [manifests.place(entry.path) for entry in gone]
    if not store.discard([*(entry.path for entry in gone), *along]):
        return False
    for entry in gone:
        uses.forget(store.root, entry.kind, entry.key)
    return True


def damage(found: Iterable[Entry]) -> Iterator[tuple[Entry, tuple[str, ...]]]:
    """Each entry of which is noted how it was made, with its files that are not so; all their bytes are read."""
    for entry in found:
        if manifests.place(entry.path).is_file():
            yield entry, tuple(manifests.damage(entry.path, whole=True))


def _of_kind(root: Path, kind: str) -> Iterator[Entry]:
    if kind in _WHOLE:
        yield _entry(root, kind, "", newest=True)
    else:
        for path in sorted((root / kind).iterdir()):
            if not manifests.is_manifest(path):
                yield _entry(root, kind, path.name, newest=False)


def _entry(root: Path, kind: str, key: str, *, newest: bool) -> Entry:
    """:param newest: take the time of its newest file: nobody notes the uses of a whole kind."""
    path = root / kind / key
    try:
        size, made = 0, path.lstat().st_mtime
    except FileNotFoundError:  # another run took it away meanwhile
        return Entry(kind, key, path, 0, 0.0, Uses())
    seen: set[tuple[int, int]] = set()
    for file in _files(path):
        if (file.st_dev, file.st_ino) not in seen:
            seen.add((file.st_dev, file.st_ino))
            size += file.st_blocks * 512  # stat(2): whatever the block size is
        made = max(made, file.st_mtime) if newest else made
    return Entry(kind, key, path, size, made, uses.read(root, kind, key))


def _files(path: Path) -> Iterator[os.stat_result]:
    yield path.lstat()
    stack = [path] if path.is_dir() and not path.is_symlink() else []
    while stack:
        try:
            with os.scandir(stack.pop()) as places:
                for place in places:
                    yield place.stat(follow_symlinks=False)
                    if place.is_dir(follow_symlinks=False):
                        stack.append(Path(place.path))
        except (FileNotFoundError, PermissionError):
            continue
