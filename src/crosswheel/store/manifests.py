"""What an entry of the store was made of: its files with their sizes and hashes, so that damage is found.

A manifest is a hidden file beside its entry, and goes where that goes, into the caches of CI services too. Whether
files are there and as long as they were is looked at when an entry is first used: milliseconds. Whether their bytes
are the same takes seconds, and is for ``crosswheel cache check`` and for builds that failed.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

_DIGEST = 16  # bytes of a hash: it is to find accidents
_PREFIX, _SUFFIX = ".", ".files"


def place(entry: Path) -> Path:
    """Where the manifest of an entry is."""
    return entry.with_name(f"{_PREFIX}{entry.name}{_SUFFIX}")


def is_manifest(path: Path) -> bool:
    """Whether a path among the entries of a kind is one."""
    return path.name.startswith(_PREFIX) and path.name.endswith(_SUFFIX)


def made(entry: Path) -> bytes:
    """The manifest of what is in a directory: a line for each file, its size, its hash and its name.

    :raises OSError: a file cannot be read.
    """
    lines = []
    for path in _files(entry):
        name = os.fsencode(path.relative_to(entry))
        lines.append(b"%d %s %s\0" % (path.lstat().st_size, _hash(path).encode(), name))
    return b"".join(lines)


def damage(entry: Path, *, whole: bool) -> list[str]:
    """The files that are not as they were made, by their names in the entry; none where nobody noted how.

    :param whole: read their bytes too.
    """
    try:
        rows = place(entry).read_bytes().split(b"\0")[:-1]
    except OSError:
        return []
    found = []
    for row in rows:
        size, digest, name = row.split(b" ", 2)
        path = f"{entry}/{os.fsdecode(name)}"
        try:
            ok = os.lstat(path).st_size == int(size) and (not whole or _hash(Path(path)) == digest.decode())
        except OSError:
            ok = False
        if not ok:
            found.append(os.fsdecode(name))
    return found


def _files(entry: Path) -> Iterator[Path]:
    """Files and links, in a stable order; what only its owner may not read cannot be hashed, and is left out."""
    for directory, names, files in os.walk(entry):
        names.sort()
        for name in sorted({*files, *(one for one in names if Path(directory, one).is_symlink())}):
            path = Path(directory, name)
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode) or (stat.S_ISREG(mode) and os.access(path, os.R_OK)):
                yield path


def _hash(path: Path) -> str:
    if path.is_symlink():
        return hashlib.blake2b(os.fsencode(path.readlink()), digest_size=_DIGEST).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=_DIGEST)).hexdigest()
