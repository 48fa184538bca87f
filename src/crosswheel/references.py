"""Names of images: in a registry, in a directory or a file, or among those of docker and podman.

The forms are those of skopeo (containers-transports(5)) and of docker (distribution/reference, ``reference.go``).
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["FORMS", "Kind", "Reference", "parse"]

Kind = Literal["registry", "oci", "docker-archive", "docker-daemon", "containers-storage"]
FORMS = "REGISTRY/NAME:TAG, NAME@sha256:DIGEST, oci:DIRECTORY[:TAG], docker-archive:FILE"

_LOCAL = get_args(Kind)[1:]
_DOCKER = "docker.io"  # the registry of names that name none
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(
    rf"(?:(?P<host>{_HOST})/)?(?P<path>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Reference:
    """What the name of an image says.

    :param kind: where it is: ``docker-daemon`` and ``containers-storage`` are the images of docker and podman.
    :param host: the registry (``quay.io``, ``127.0.0.1:5000``); empty for all other kinds.
    :param place: the repository in the registry (``pypa/manylinux_2_28_aarch64``); a directory; a file; a name.
    :param tag: in a registry ``latest`` where the name says neither tag nor digest; in a layout it may be empty.
    :param digest: ``sha256:`` and 64 digits; empty where the name has none.
    """

    kind: Kind
    host: str
    place: str
    tag: str = ""
    digest: str = ""

    @property
    def repository(self) -> str:
        """The name in a registry without tag and digest."""
        return f"{self.host}/{self.place}"

    @property
    def loopback(self) -> bool:
        """Whether the registry is on this machine, where it may speak plain HTTP."""
        name = re.sub(r":\d+$", "", self.host).strip("[]")
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return name == "localhost"


def parse(name: str) -> Reference | None:
    """What a name says; None where it is no name of an image.

    :param name: as a user writes it: ``quay.io/pypa/manylinux_2_28_aarch64:latest``, ``oci:images:own``. A name
        without a registry is docker's (``docker.io/library/debian``).
    """
    kind, colon, rest = name.partition(":")
    if colon and kind in _LOCAL:
        return _local(kind, rest)
    match = _NAME.fullmatch(name.removeprefix("docker://"))
    if match is None:
        return None
    host, path, digest = match["host"] or "", match["path"], match["digest"] or ""
    if host and not ("." in host or ":" in host or host == "localhost"):
        if host != host.lower():  # a repository's name has small letters
            return None
        host, path = "", f"{host}/{path}"
    if not host:
        host, path = _DOCKER, path if "/" in path else f"library/{path}"
    return Reference("registry", host, path, match["tag"] or ("" if digest else "latest"), digest)


def _local(kind: str, rest: str) -> Reference | None:
    known: Kind = next(one for one in _LOCAL if one == kind)
    if kind in ("docker-daemon", "containers-storage"):
        return Reference(known, "", rest) if _NAME.fullmatch(rest) else None
    place, _, tag = rest.partition(":")  # in both a path must not hold a colon
    return Reference(known, "", place, tag) if place else None
