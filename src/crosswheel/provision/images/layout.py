"""Images in a directory: an OCI image layout (OCI image specification 1.1, ``image-layout.md``)."""

import json
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.provision.images import manifest as manifests
from crosswheel.provision.images import refusals
from crosswheel.provision.images.manifest import Manifest
from crosswheel.provision.images.unpack import Layer

__all__ = ["LayoutImage", "blob", "find"]

_TAG = "org.opencontainers.image.ref.name"


class LayoutImage:
    """An image whose blobs are all here.

    :param blobs: the directory with ``sha256/DIGITS``.
    :param origin: where it is, for people.
    """

    def __init__(self, manifest: Manifest, contents: tuple[str, ...], blobs: Path, origin: str) -> None:
        self.identity = manifest.config.digest
        self.digest = manifest.digest
        self.origin = origin
        self._layers = tuple(
            Layer(blob(blobs, layer.digest), content)
            for layer, content in zip(manifest.layers, contents, strict=True)
        )

    def layers(self, scratch: Path) -> tuple[Layer, ...]:  # noqa: ARG002 -- nothing has to be fetched
        """Its layers, the lowest first."""
        return self._layers

    def discard(self) -> None:
        """Nothing was fetched for it."""


def find(directory: Path, tag: str, arch: Architecture, name: str) -> LayoutImage:
    """The image of a layout for an architecture; every blob that is read is verified by its digest.

    :param tag: empty where the layout has one image.
    :raises ProvisionError: there is none, or it is broken or for another architecture.
    """
    data = _index(directory, tag, name)
    while found := manifests.chosen(data, name, arch):
        data = _verified(directory / "blobs", found, name)
    manifest = manifests.manifest(data, name)
    config = _verified(directory / "blobs", manifest.config.digest, name)
    told = manifests.configuration(config, manifest, name)
    if not manifests.fits(told.platform, arch):
        raise refusals.of_architecture(name, told.platform, arch)
    return LayoutImage(manifest, told.contents, directory / "blobs", f"the directory {directory}")


def blob(blobs: Path, digest: str) -> Path:
    """Where a blob is kept."""
    return blobs / digest.replace(":", "/", 1)


def _index(directory: Path, tag: str, name: str) -> bytes:
    """The manifest or index that a tag stands for."""
    try:
        told = json.loads((directory / "index.json").read_bytes())
        rows = [(row.get("annotations", {}).get(_TAG, ""), row) for row in told["manifests"]]
    except FileNotFoundError:
        raise ProvisionError(
            f"there is no image {name}",
            cause=f"{directory} has no index.json",
            remedy="name a directory in OCI image layout (skopeo copy ... oci:DIRECTORY:TAG makes one)",
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise manifests.broken(name, f"its index.json cannot be read: {error}") from error
    tags = sorted({one for one, _ in rows if one})
    fitting = [row for one, row in rows if not tag or one == tag]
    if not fitting or (len(fitting) > 1 and len(tags) > 1):
        raise ProvisionError(
            f"{name} may be several images" if fitting else f"there is no image {name}",
            cause=f"{directory} has {', '.join(tags) or 'no tags'}",
            remedy=f"name one of them: oci:{directory}:TAG",
        )
    # Several without a tag, or with one tag, are those of several architectures.
    return (
        json.dumps({"manifests": fitting}).encode()
        if len(fitting) > 1
        else _sole(directory, fitting[0], name)
    )


def _sole(directory: Path, row: object, name: str) -> bytes:
    return _verified(directory / "blobs", row.get("digest") if isinstance(row, dict) else None, name)


def _verified(blobs: Path, named: object, name: str) -> bytes:
    """A small blob's bytes."""
    digest = manifests.checked(named, name)
    try:
        data = blob(blobs, digest).read_bytes()
    except FileNotFoundError:
        raise manifests.broken(name, f"{digest} is missing") from None
    if manifests.digest_of(data) != digest:
        raise manifests.broken(name, f"{digest} has other bytes: {manifests.digest_of(data)}")
    return data
