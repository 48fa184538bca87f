"""What names of images stood for when they were last asked."""

import json
from dataclasses import asdict, dataclass

from crosswheel.architectures import Architecture
from crosswheel.store import Store, digest

__all__ = ["Note", "Notes"]

_KIND = "image-names"


@dataclass(frozen=True)
class Note:
    """What a name stood for.

    :param key: of the unpacked image.
    :param digest: of its manifest; empty where that is not known.
    """

    key: str
    digest: str


class Notes:
    """A file for each name and architecture."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, name: str, arch: Architecture, stamp: str) -> Note | None:
        """What a name stood for; None where nobody asked.

        :param stamp: what the place that it names held, where that can be told.
        """
        try:
            return Note(**json.loads(self._store.path(_KIND, _key(name, arch, stamp)).read_bytes()))
        except (OSError, ValueError, TypeError):  # not there, or of another version
            return None

    def put(self, name: str, arch: Architecture, stamp: str, note: Note) -> None:
        """Remember what a name stands for.

        :raises OSError: the store cannot be written.
        """
        place = self._store.shared(_KIND) / _key(name, arch, stamp)
        partial = place.with_suffix(f".{note.key}")  # another run may write its own
        partial.write_text(json.dumps(asdict(note)), encoding="utf-8")
        partial.rename(place)


def _key(name: str, arch: Architecture, stamp: str) -> str:
    return digest({"name": name, "arch": arch.name, "stamp": stamp})
