"""Roots of the store, and this machine's own surroundings, as images of a container engine.

Given to the engine once and kept between runs, under names and a label by which they are found and removed:
``docker image prune --all --filter label=crosswheel.image``.
"""

import hashlib
import json
import stat
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from crosswheel import sample
from crosswheel.architectures import HOST, Architecture
from crosswheel.once import once
from crosswheel.provision.containers import trees
from crosswheel.provision.containers.client import Client
from crosswheel.provision.sandboxes import machine
from crosswheel.provision.steps import told
from crosswheel.seams import Progress
from crosswheel.store import Store, digest

LABEL = "crosswheel.image"
_WRITTEN = ("/etc/resolv.conf", "/etc/hosts", "/etc/hostname", "/etc/mtab")  # by engines, for each container
_EMPTY = ("tmp", "proc", "sys", "dev", "run", "crosswheel")


class Images:
    """Gives images to an engine.

    :param client: what imports them; the engine itself, or one that only keeps images.
    """

    def __init__(self, client: Client, store: Store, progress: Progress) -> None:
        self._client = client
        self._store = store
        self._progress = progress
        self.of_root = once(self._of_root)
        self.of_machine = once(self._of_machine)

    def _of_root(self, lower: Path, arch: Architecture) -> str:
        """The name of the image of a root.

        :param lower: its directory in the store, of which nothing changes.
        :raises ProvisionError: the engine does not take it.
        """
        key = digest({"root": str(lower.resolve()), "made": lower.stat().st_mtime_ns})
        name = f"localhost/crosswheel-root:{key}"
        with self._store.lock(f"image-{key}"):
            if not self._has(name):
                detail = f"the root for {arch.name} to {self._client.name}"
                with told(self._progress, "import", detail):
                    self._give({"/": lower}, arch, name)
        return name

    def of_sample(self, arch: Architecture) -> str:
        """The name of an image with nothing but a program that says that it runs: ``/sample``."""
        name = f"localhost/crosswheel-sample:{arch.name}"
        with self._store.lock(f"image-sample-{arch.name}"), self._store.scratch() as scratch:
            if not self._has(name):
                (scratch / "sample").write_bytes(sample.program(arch))
                (scratch / "sample").chmod(0o755)
                self._give({"/sample": scratch / "sample"}, arch, name)
        return name

    def _give(self, places: Mapping[str, Path], arch: Architecture, name: str) -> None:
        with self._store.scratch() as scratch:
            with (scratch / "layer.tar").open("w+b") as file:
                trees.pack(places, file)
            self._load(scratch, arch, name)

    def _of_machine(self) -> str:
        """The name of an image with what this machine's programs need beside their directories: ``/etc``.

        Only what everybody may read, and none of what an engine writes itself.
        """
        with self._store.scratch() as scratch:
            with (scratch / "layer.tar").open("wb") as file:
                _pack_machine(file)
            key = _sha256(scratch / "layer.tar")[:32]
            name = f"localhost/crosswheel-machine:{key}"
            with self._store.lock(f"image-{key}"):
                if not self._has(name):
                    self._load(scratch, HOST, name)
        return name

    def _has(self, name: str) -> bool:
        said = self._client.ask("list its images", "images", "--quiet", "--filter", f"reference={name}")
        return bool(said.strip())

    def _load(self, scratch: Path, arch: Architecture, name: str) -> None:
        """Give the engine an image of one layer, which is ``layer.tar`` in the directory."""
        layer = scratch / "layer.tar"
        (scratch / "config.json").write_text(json.dumps(description(arch, _sha256(layer))))
        manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
        (scratch / "manifest.json").write_text(json.dumps(manifest))
        with tarfile.open(scratch / "image.tar", "w") as archive:
            for part in ("manifest.json", "config.json", "layer.tar"):
                archive.add(scratch / part, part)
        layer.unlink()
        self._client.move("take a root as an image", "load", "--input", scratch / "image.tar")


def description(arch: Architecture, layer: str) -> dict[str, object]:
    """What an image says of itself: its platform above all, which ``import`` of docker 20.10 does not let one say.

    Source: the OCI image specification, ``config.md``; docker's and podman's archives have it so.

    :param layer: the SHA-256 of its only layer, a tar archive.
    """
    system, name, *variant = arch.docker.split("/")
    return {
        "os": system,
        "architecture": name,
        **({"variant": variant[0]} if variant else {}),
        "config": {"Labels": {LABEL: "1"}},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer}"]},
        "history": [{"created_by": "crosswheel"}],
    }


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _pack_machine(file: IO[bytes]) -> None:
    with tarfile.open(fileobj=file, mode="w|") as archive:
        for name in _EMPTY:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            archive.addfile(entry)
        for link, target in machine.links():
            entry = tarfile.TarInfo(link.lstrip("/"))
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
        for path in sorted(Path("/etc").rglob("*")):
            if str(path) not in _WRITTEN:
                _add(archive, path)


def _add(archive: tarfile.TarFile, path: Path) -> None:
    try:
        status = path.lstat()
        open_to_all = bool(status.st_mode & stat.S_IROTH)
        if stat.S_ISLNK(status.st_mode) or (open_to_all and not stat.S_ISSOCK(status.st_mode)):
            archive.add(path, recursive=False, filter=trees.of_root)
    except OSError:  # gone, or in a directory that is not open
        return
