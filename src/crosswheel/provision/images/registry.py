"""Images of a registry, fetched by skopeo: what a name stands for is asked first, then what is missing is fetched.

All is verified by digests from the name down: the manifest by the name's digest or by what the registry says at the
first question, the configuration by the manifest, the contents of the layers by the configuration (``unpack.py``).
"""

import json
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.events import Downloading
from crosswheel.provision.images import manifest as manifests
from crosswheel.provision.images import refusals
from crosswheel.provision.images.layout import blob
from crosswheel.provision.images.manifest import Blob, Configuration, Manifest
from crosswheel.provision.images.skopeo import Skopeo
from crosswheel.provision.images.unpack import Layer
from crosswheel.provision.steps import told
from crosswheel.references import Reference
from crosswheel.seams import Progress

__all__ = ["RemoteImage", "find", "stands_for"]


class RemoteImage:
    """An image that a registry has.

    :param blobs: the directory of layers that are kept, those of other images among them.
    """

    def __init__(
        self,
        name: str,
        reference: Reference,
        manifest: Manifest,
        configuration: Configuration,
        skopeo: Skopeo,
        blobs: Path,
        progress: Progress,
    ) -> None:
        self.identity = manifest.config.digest
        self.digest = manifest.digest
        self.origin = f"the registry {reference.host}"
        self._name = name
        self._reference = reference
        self._manifest = manifest
        self._contents = configuration.contents
        self._skopeo = skopeo
        self._blobs = blobs
        self._progress = progress
        self._new: tuple[Blob, ...] = ()

    def layers(self, scratch: Path) -> tuple[Layer, ...]:
        """Its layers, the lowest first; those that are missing are fetched.

        :param scratch: an empty directory on the file system of the blobs.
        :raises ProvisionError: they cannot be had.
        """
        layers = self._manifest.layers
        self._new = tuple(
            dict.fromkeys(layer for layer in layers if not blob(self._blobs, layer.digest).exists())
        )
        size = sum(layer.size for layer in self._new)
        there = len(set(layers)) - len(self._new)
        kept = f", {there} of them {'are' if there > 1 else 'is'} kept" if there else ""
        number = f"{len(layers)} layers" if len(layers) != 1 else "1 layer"
        what = f"{self._name} from {self.origin}: {number}{kept}, {max(size / 1e6, 0.1):.1f} MB"
        with told(self._progress, "fetch", what):
            self._copy(scratch, size)
        return tuple(
            Layer(blob(self._blobs, layer.digest), content)
            for layer, content in zip(layers, self._contents, strict=True)
        )

    def discard(self) -> None:
        """Remove its layers, those too that were there before: one of them may be what is broken."""
        for layer in self._manifest.layers:
            blob(self._blobs, layer.digest).unlink(missing_ok=True)

    def _copy(self, scratch: Path, size: int) -> None:
        source = f"docker://{self._reference.repository}@{self.digest}"

        def fetched() -> int:
            finished = sum(blob(self._blobs, one.digest).exists() and one.size for one in self._new)
            begun = sum(path.stat().st_size for path in scratch.glob("layout/oci-put-blob*"))
            self._progress(Downloading(self._name, min(finished + begun, size), size))
            return finished + begun

        self._skopeo.copy(
            source,
            scratch / "layout",
            self._blobs,
            self._name,
            loopback=self._reference.loopback,
            fetched=fetched,
        )
        _remove_papers(scratch / "layout", self._blobs)
        missing = [layer.digest for layer in self._new if not blob(self._blobs, layer.digest).exists()]
        if missing:
            raise manifests.broken(self._name, f"{missing[0]} is no layer of this machine's programs")


def find(
    reference: Reference, arch: Architecture, skopeo: Skopeo, blobs: Path, progress: Progress, name: str
) -> RemoteImage:
    """The image that a name stands for now, for an architecture; no layer is fetched yet.

    :raises UnreachableError: the registry does not answer.
    :raises ProvisionError: it has none, refuses it, or it is broken or for another architecture.
    """
    data = _pinned(reference, skopeo, name)
    while digest := manifests.chosen(data, name, arch):
        data = _matching(skopeo.manifest(reference, digest), digest, name)
    manifest = manifests.manifest(data, name)
    told_ = manifests.configuration(skopeo.configuration(reference, manifest.digest), manifest, name)
    if not manifests.fits(told_.platform, arch):
        raise refusals.of_architecture(name, told_.platform, arch)
    return RemoteImage(name, reference, manifest, told_, skopeo, blobs, progress)


def _remove_papers(layout: Path, blobs: Path) -> None:
    """Let only layers stay: skopeo puts manifest and configuration beside them, converted to those of OCI."""
    for row in json.loads((layout / "index.json").read_bytes())["manifests"]:
        manifest = blob(blobs, row["digest"])
        blob(blobs, json.loads(manifest.read_bytes())["config"]["digest"]).unlink(missing_ok=True)
        manifest.unlink()


def stands_for(reference: Reference, skopeo: Skopeo) -> str:
    """The digest of what a tag stands for now; raises as :func:`find`."""
    return manifests.digest_of(
        skopeo.manifest(Reference("registry", reference.host, reference.place, reference.tag))
    )


def _pinned(reference: Reference, skopeo: Skopeo, name: str) -> bytes:
    """What a name stands for; where it has a digest, nothing else.

    :raises ProvisionError: the registry has nothing of this digest, and its tag stands for something else.
    """
    try:
        data = skopeo.manifest(reference)
    except refusals.UnreachableError:
        raise
    except ProvisionError as error:
        if (
            reference.digest
            and reference.tag
            and (now := _now(reference, skopeo)) not in ("", reference.digest)
        ):
            raise refusals.of_moved_tag(name, reference.digest, now) from error
        raise
    return _matching(data, reference.digest, name) if reference.digest else data


def _now(reference: Reference, skopeo: Skopeo) -> str:
    try:
        return stands_for(reference, skopeo)
    except ProvisionError:
        return ""


def _matching(data: bytes, digest: str, name: str) -> bytes:
    found = manifests.digest_of(data)
    if found != digest:
        raise refusals.of_other_bytes(name, digest, found)
    return data
