"""Where an image is had from: a directory, a file, docker or podman, or its registry without either."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.images import registry_of
from crosswheel.provision.images import layout, registry
from crosswheel.provision.images.engine import ONLY_HERE, Engine, EngineImage
from crosswheel.provision.images.manifest import fits
from crosswheel.provision.images.refusals import NO_IMAGE, of_absence
from crosswheel.provision.images.skopeo import Skopeo
from crosswheel.provision.images.unpack import Layer
from crosswheel.provision.reaching import answers
from crosswheel.provision.steps import told
from crosswheel.references import FORMS, Reference, parse
from crosswheel.seams import Progress, Reach
from crosswheel.store import digest

__all__ = ["ENGINES", "Found", "Ways", "parsed", "stamp"]

ENGINES = ("docker", "podman")
_STORES = {"docker-daemon": "docker", "containers-storage": "podman"}
_DIGITS = 12  # of a digest, for people


class Found(Protocol):
    """An image that is there; its files may still have to be fetched."""

    @property
    def identity(self) -> str:
        """The digest of its configuration: the same image has the same, wherever it is had from."""
        ...

    @property
    def digest(self) -> str:
        """The digest of its manifest; empty where that is not known."""
        ...

    @property
    def origin(self) -> str:
        """Where it is had from, for people."""
        ...

    def layers(self, scratch: Path) -> tuple[Layer, ...]:
        """Its layers, the lowest first.

        :param scratch: an empty directory for what is only needed until they are unpacked.
        :raises ProvisionError: they cannot be had.
        """
        ...

    def discard(self) -> None:
        """It is refused: let nothing stay that was fetched for it."""
        ...


@dataclass(frozen=True)
class Ways:
    """The ways to images.

    :param skopeo: fetches it where it is not installed.
    :param blobs: the directory of layers that are kept.
    :param environ: of the user.
    """

    skopeo: Callable[[], Path]
    blobs: Path
    environ: Mapping[str, str]
    progress: Progress

    def find(self, name: str, arch: Architecture, engine: str, scratch: Path) -> Found:
        """The image of a name for an architecture.

        :param engine: the engine that ``container-engine`` names; empty where it says nothing: a registry is then
            asked without one, unless an engine has the image.
        :param scratch: an empty directory that is there until its layers are unpacked.
        :raises ProvisionError: it cannot be had.
        """
        reference = parsed(name)
        if reference.kind == "docker-archive":
            return self._archived(reference, arch, name, scratch)
        if engine and reference.kind == "registry":
            asked = self._engine(engine)
            return EngineImage(asked, asked.image(name, arch))
        return self.standing(name, arch)

    def standing(self, name: str, arch: Architecture) -> Found:
        """What a name stands for now, of any kind but an archive, without an engine that is named.

        :raises ProvisionError: it cannot be had.
        """
        reference = parsed(name)
        match reference.kind:
            case "oci":
                return layout.find(Path(reference.place), reference.tag, arch, name)
            case "docker-daemon" | "containers-storage":
                asked = self._engine(_STORES[reference.kind])
                return EngineImage(asked, asked.image(reference.place, arch, pull=False))
        if (here := self.had(name, arch)) is not None:
            return here
        if name.startswith(ONLY_HERE):
            raise of_absence(" or ".join(ENGINES), name)
        return registry.find(reference, arch, self._skopeo(arch), self.blobs, self.progress, name)

    def had(self, name: str, arch: Architecture, engines: Iterable[str] = ENGINES) -> EngineImage | None:
        """The image where an engine has it already; none is asked that is not installed."""
        for one in engines:
            if shutil.which(one, path=self.environ.get("PATH")) is None:
                continue
            engine = Engine(one, self.environ, self.progress)
            if (local := engine.had(name)) is not None and fits(local.platform, arch):
                return EngineImage(engine, local)
        return None

    def reaches(self, name: str, arch: Architecture, engine: str) -> tuple[Reach, ...]:
        """Who must be reached for an image: its registry, where no engine has it; nobody for local ones.

        :param engine: as in :meth:`find`.
        """
        reference = parse(name)
        if reference is None or reference.kind != "registry" or name.startswith(ONLY_HERE):
            return ()
        registry = registry_of(name.removeprefix("docker://"))

        def ask() -> None:
            if engine:
                self._engine(engine)
            if self.had(name, arch, (engine,) if engine else ENGINES) is None:
                scheme = "http" if reference.loopback else "https"
                answers(f"{scheme}://{registry}/v2/", f"{registry} cannot be reached")

        return (Reach(registry, ask),)

    def digest(self, reference: Reference, arch: Architecture) -> str:
        """The digest of what a tag stands for in its registry now.

        :raises ProvisionError: the registry does not answer, refuses, or has no such image.
        """
        return registry.stands_for(reference, self._skopeo(arch))

    def _engine(self, name: str) -> Engine:
        engine = Engine(name, self.environ, self.progress)
        engine.check()
        return engine

    def _skopeo(self, arch: Architecture) -> Skopeo:
        # It remembers where it saw which layer: here, not in the user's home (containers/image, blobinfocache).
        environ = {**self.environ, "XDG_DATA_HOME": str(self.blobs / "skopeo")}
        return Skopeo(self.skopeo, environ, arch, self.progress)

    def _archived(self, reference: Reference, arch: Architecture, name: str, scratch: Path) -> Found:
        """What ``docker save`` wrote; skopeo makes a layout of it."""
        file = Path(reference.place)
        if not file.is_file():
            raise ProvisionError(
                f"there is no image {name}",
                cause=f"{file} is no file",
                remedy="see its path; docker save or skopeo copy ... docker-archive:FILE makes one",
            )
        made, blobs = scratch / "archive", scratch / "archive/blobs"
        with told(self.progress, "fetch", f"the layers of {file}"):
            self._skopeo(arch).copy(name, made, blobs, name, loopback=False, fetched=lambda: _size(blobs))
        found = layout.find(made, "", arch, name)
        found.origin = f"the file {file}"
        return found


def parsed(name: str) -> Reference:
    """What a name says.

    :raises ProvisionError: it is no name of an image.
    """
    reference = parse(name)
    if reference is None:
        raise ProvisionError(
            f"{name} is no name of an image", cause=f"such are {FORMS}", remedy=f"correct it, {NO_IMAGE}"
        )
    return reference


def stamp(reference: Reference) -> str:
    """What a directory or a file of images holds now, as far as its time and size tell; empty for other places."""
    if reference.kind not in ("oci", "docker-archive"):
        return ""
    place = Path(reference.place)
    try:
        found = (place / "index.json" if reference.kind == "oci" else place).stat()
    except OSError:
        return ""
    return digest({"place": str(place.absolute()), "time": found.st_mtime_ns, "size": found.st_size})


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
