"""A root's layer on this machine and the same layer in a container: each gets what was written in the other.

``upper`` of the layer has what was written, as in the sandbox ``namespace``; ``removed`` beside it names what is
gone.
"""

import json
from pathlib import Path

from crosswheel.provision.containers import trees
from crosswheel.provision.containers.container import Changes, Container
from crosswheel.seams import Layered
from crosswheel.store import remove_tree


class Layer:
    """The layer of a root, and the container that stands on it at present.

    :param trees: a directory of the same file system for the root and its layer as one tree.
    """

    def __init__(self, layered: Layered, trees: Path) -> None:
        self._trees = trees
        self.layered = layered
        self._upper = layered.layer / "upper"
        self._removed = layered.layer / "removed"
        self._seen = ""  # what the upper was when container and machine had the same
        self._changes = Changes()
        self._written = False
        self._upper.mkdir(parents=True, exist_ok=True)

    def open(self, container: Container) -> None:
        """Give a new container what was written before it."""
        self._seen, self._changes, self._written = "", Changes(), False
        container.remove(self._gone())
        self.push(container)

    def push(self, container: Container) -> None:
        """Give a container what this machine wrote since."""
        found = trees.fingerprint(self._upper)
        if found not in ("", self._seen):
            container.put({"/": self._upper})
        self._seen = found

    def note(self, container: Container) -> None:
        """After a command: bring over what it wrote where it wrote files that were not there before."""
        self._written = True
        if container.changes() != self._changes:
            self.pull(container)

    def pull(self, container: Container) -> None:
        """Bring over what the container's commands wrote."""
        if not self._written:
            return
        self.push(container)
        self._changes, self._written = container.changes(), False
        incoming = self.layered.layer / "incoming"
        incoming.mkdir()
        if self._changes.added:
            container.take_paths(self._changes.added, incoming)
        for mount in container.box.mounts:  # a place that was made for a mount stays one
            if (self._upper / mount.target.lstrip("/")).is_dir():
                (incoming / mount.target.lstrip("/")).mkdir(parents=True, exist_ok=True)
        trees.refill(self._upper, incoming)
        remove_tree(incoming)
        trees.white_out(self._upper, self._changes.removed)
        self._removed.write_text(json.dumps(self._changes.removed))
        self._seen = trees.fingerprint(self._upper)

    def _gone(self) -> tuple[str, ...]:
        return tuple(json.loads(self._removed.read_text())) if self._removed.is_file() else ()

    def tree(self) -> Path:
        """The root with its layer as one tree, to be read only; another one whenever the layer has changed."""
        key = f"{trees.fingerprint(self._upper)[:16] or 'plain'}-{len(self._gone())}"
        place = self._trees / key
        if not place.is_dir():
            making = place.with_name(f"{key}.making")
            remove_tree(making)
            making.mkdir(parents=True)
            trees.merged(self.layered.lower, self._upper, self._gone(), making)
            making.rename(place)
        return place
