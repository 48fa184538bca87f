"""Symbolic links of a root's libraries, as they are seen from outside of it.

Debian's ``libz.so`` leads to ``/lib/aarch64-linux-gnu/libz.so.1``: right in the root, and nowhere where the root is
mounted elsewhere. CMake then finds no such library.
"""

import os
from collections.abc import Iterator
from pathlib import Path


def make_relative(root: Path, upper: Path, triplet: str) -> None:
    """Lay relative links over absolute ones in the directories of libraries.

    :param root: the root, which is not written to.
    :param upper: what is written over it; it may hold such links itself.
    """
    for directory in ("usr/lib", "usr/lib64", f"usr/lib/{triplet}", f"lib/{triplet}"):
        if (root / "lib").is_symlink() and directory.startswith("lib/"):
            continue  # merged into /usr
        for tree in (root, upper):
            for link in _absolute(tree / directory):
                place = upper / directory / link.name
                if tree == root and os.path.lexists(place):
                    continue  # newer than the root's, or removed
                target = os.path.relpath(link.readlink(), f"/{directory}")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.unlink(missing_ok=True)
                place.symlink_to(target)


def _absolute(directory: Path) -> Iterator[Path]:
    if directory.is_dir():
        yield from (
            path for path in list(directory.iterdir()) if path.is_symlink() and path.readlink().is_absolute()
        )
