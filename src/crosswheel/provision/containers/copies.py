"""Mounts where there are none: an engine elsewhere, or ``disable_host_mount``. Files are copied in and out."""

from pathlib import Path

from crosswheel.provision.containers import trees
from crosswheel.provision.containers.container import Container
from crosswheel.seams import Mount
from crosswheel.store import remove_tree


class Copies:
    """The copies of a container's mounts."""

    def __init__(self, mounts: tuple[Mount, ...]) -> None:
        self._mounts = mounts
        self._seen: dict[str, str] = {}

    def before(self, container: Container, scratch: Path) -> None:
        """Copy in what is new or has changed on this machine."""
        now: dict[str, str] = {}
        changed: dict[str, Path] = {}
        places: dict[Path, str] = {}
        for mount in self._mounts:
            source = scratch / "empty" if mount.cache else Path(str(mount.source))
            if mount.cache:
                source.mkdir(exist_ok=True)
            elif source in places:  # the same directory at a second place
                source = _link(scratch, places[source])
            else:
                places[source] = mount.target
            now[mount.target] = trees.fingerprint(source)
            if self._seen.get(mount.target) != now[mount.target]:
                changed[mount.target] = source
        container.remove(place for place in changed if place in self._seen)
        if changed:
            container.put(changed)
        self._seen.update(now)

    def after(self, container: Container, scratch: Path) -> None:
        """Copy out what the command may have written."""
        done: set[Path] = set()
        for mount in self._mounts:
            source = Path(str(mount.source))
            if not mount.writable or mount.cache or source in done or not source.is_dir():
                continue
            done.add(source)
            incoming = scratch / "incoming"
            remove_tree(incoming)
            container.take(mount.target, incoming)
            trees.refill(source, incoming)
            remove_tree(incoming)
            self._seen[mount.target] = trees.fingerprint(source)


def _link(scratch: Path, target: str) -> Path:
    link = scratch / f"link{target.replace('/', '-')}"
    if not link.is_symlink():
        link.symlink_to(target)
    return link
