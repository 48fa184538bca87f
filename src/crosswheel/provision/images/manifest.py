"""What manifests, indexes and configurations of images say (OCI image specification 1.1; Docker's are alike)."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError

__all__ = [
    "Blob",
    "Configuration",
    "Manifest",
    "broken",
    "checked",
    "chosen",
    "configuration",
    "digest_of",
    "fits",
    "manifest",
]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")  # anything else could be a path
# What Docker's first format says instead of layers; registries gave it up (distribution 3).
_OLD_FORMAT = "it is in Docker's schema 1, which has no digests of configurations"


@dataclass(frozen=True)
class Blob:
    """A part of an image, by the digest of its bytes as they are kept: compressed, where they are.

    :param size: bytes.
    """

    digest: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What an image is made of.

    :param digest: of the manifest itself.
    :param layers: the lowest first.
    """

    digest: str
    config: Blob
    layers: tuple[Blob, ...]


@dataclass(frozen=True)
class Configuration:
    """What an image says of itself.

    :param platform: ``linux/arm64``; with a variant where it has one.
    :param contents: the digest of every layer's bytes when they are not compressed.
    """

    platform: str
    contents: tuple[str, ...]


def digest_of(data: bytes) -> str:
    """The name of these bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def fits(platform: str, arch: Architecture) -> bool:
    """Whether an image of a platform holds programs of an architecture, as far as it says itself.

    The variant is not asked for: many an image of arm/v7 or arm64/v8 does not say it.

    :param platform: ``linux/arm64``; images for i686 may say amd64 (older manylinux images do).
    """
    system, _, rest = platform.partition("/")
    said = rest.partition("/")[0]
    wanted = arch.docker.split("/")[1]
    return system == "linux" and (said == wanted or (arch.name == "i686" and said == "amd64"))


def chosen(data: bytes, name: str, arch: Architecture) -> str | None:
    """Of an index, the digest of the manifest for an architecture; None where the bytes are no index.

    :param name: the image's, for people.
    :raises ProvisionError: it has none for the architecture, or cannot be read.
    """
    told = _object(data, name)
    if "manifests" not in told:
        return None
    rows = [
        (_platform(row.get("platform") or {}), _blob(row, name)) for row in _rows(told["manifests"], name)
    ]
    found = [(platform, blob.digest) for platform, blob in rows if fits(platform, arch)]
    if not found:
        has = ", ".join(platform for platform, _ in rows if not platform.startswith("unknown")) or "none"
        raise ProvisionError(
            f"there is no {name} for {arch.docker}",
            cause=f"its index has {has}",
            remedy="name an image that there is for it, or take another --source, which needs no image",
        )
    return next((digest for platform, digest in found if platform == arch.docker), found[0][1])


def manifest(data: bytes, name: str) -> Manifest:
    """What the bytes of a manifest say.

    :raises ProvisionError: they are none.
    """
    told = _object(data, name)
    if "config" not in told:
        raise broken(
            name, _OLD_FORMAT if told.get("schemaVersion") == 1 else "its manifest names no configuration"
        )
    layers = tuple(_blob(row, name) for row in _rows(told.get("layers"), name))
    return Manifest(digest_of(data), _blob(told["config"], name), layers)


def configuration(data: bytes, wanted: Manifest, name: str) -> Configuration:
    """What the bytes of an image's configuration say, if they are the ones that its manifest names.

    :raises ProvisionError: they are others, or do not fit the manifest.
    """
    if digest_of(data) != wanted.config.digest:
        raise broken(
            name, f"its configuration is {digest_of(data)}, and its manifest names {wanted.config.digest}"
        )
    told = _object(data, name)
    contents = (told.get("rootfs") or {}).get("diff_ids")
    if not isinstance(contents, list) or len(contents) != len(wanted.layers):
        raise broken(name, "its configuration does not name the contents of its layers")
    return Configuration(_platform(told), tuple(map(str, contents)))


def broken(name: str, cause: str) -> ProvisionError:
    """An image that is not as its makers meant it."""
    return ProvisionError(
        f"{name} is broken", cause=cause, remedy="have it pushed or saved anew, or name another image"
    )


def checked(digest: object, name: str) -> str:
    """A digest that may become the name of a file.

    :raises ProvisionError: it is none of SHA-256.
    """
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise broken(name, f"{digest} is no digest by SHA-256")
    return digest


def _object(data: bytes, name: str) -> Mapping[str, Any]:
    try:
        told = json.loads(data)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise broken(name, "what should be its manifest is no JSON object")
    return told


def _rows(value: object, name: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise broken(name, "its manifest names no layers")
    return value


def _blob(value: object, name: str) -> Blob:
    row = value if isinstance(value, dict) else {}
    size = row.get("size")
    return Blob(checked(row.get("digest"), name), size if isinstance(size, int) else 0)


def _platform(told: Mapping[str, Any]) -> str:
    return "/".join(filter(None, (told.get("os"), told.get("architecture"), told.get("variant"))))
