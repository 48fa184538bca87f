"""When each entry of the store was used, and how often: a file for each, a byte for each use.

An append needs no lock, a lost one costs nothing, and the file's own time is the last use.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

_DIRECTORY = "uses"


@dataclass(frozen=True)
class Uses:
    """How often an entry was asked for, and when last.

    :param count: the first time, when it was made, included.
    :param last: Unix time; 0 where it was never asked for.
    """

    count: int = 0
    last: float = 0.0


def note(root: Path, kind: str, key: str, times: int = 1) -> None:
    """Note a use now, or several; a store that cannot be written says so where it matters."""
    with contextlib.suppress(OSError):
        (root / _DIRECTORY).mkdir(parents=True, exist_ok=True)
        with _file(root, kind, key).open("ab") as file:
            file.write(b"." * times)


def read(root: Path, kind: str, key: str) -> Uses:
    """The uses of an entry so far."""
    try:
        found = _file(root, kind, key).stat()
    except OSError:
        return Uses()
    return Uses(found.st_size, found.st_mtime)


def forget(root: Path, kind: str, key: str) -> None:
    """Forget an entry that is gone."""
    _file(root, kind, key).unlink(missing_ok=True)


def _file(root: Path, kind: str, key: str) -> Path:
    return root / _DIRECTORY / f"{kind}-{key}"
