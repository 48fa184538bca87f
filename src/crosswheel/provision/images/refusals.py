"""What container engines, skopeo and registries say when they refuse, and what it means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crosswheel.architectures import ARCHITECTURES, Architecture
from crosswheel.errors import ProvisionError

NO_IMAGE = "or take another --source, which needs no image"
# What stands before the cause itself.
_PREAMBLE = re.compile(
    r"^(?:Error(?: response from daemon)?: )?"
    r"(?:(?:Error|error) (?:parsing image name|determining manifest \S+ type) \"[^\"]*\": )?"
    r"(?:(?:initializing|parsing) (?:source|image) \S+: )?"
)
_SKOPEO = re.compile(r'^time="[^"]*" level=(?P<level>\w+) msg=(?P<said>".*")')
_LOGIN = "log in with docker login or podman login, or name a file of credentials in REGISTRY_AUTH_FILE"


_OTHER_BYTES = "the registry gives other bytes for {image} than its digest says"
_WHOSE = "tell whoever runs the registry or the proxy, or name another image"


class UnreachableError(ProvisionError):
    """A registry that may answer another time."""


class BusyError(UnreachableError):
    """A registry that takes no more requests: skopeo has waited for it as long as it bade."""


@dataclass(frozen=True)
class _Refusal:
    """A pattern in what an engine says, what is the case, what to do."""

    pattern: str
    fact: str
    remedy: str
    error: type[ProvisionError] = ProvisionError


# The first that is found counts.
_TABLE = (
    _Refusal(
        r"connect to the Docker daemon|docker daemon running|(?:docker|podman)\.sock",
        "{engine} does not answer",
        "start its service, or set DOCKER_HOST",
    ),
    _Refusal(
        r"no matching manifest|no image found in (?:manifest list|image index)",
        "there is no {image} for {platform}",
        "name an image that there is for it",
    ),
    _Refusal(
        r"no space left on device",
        "there is no space left for {image}",
        "free space where {engine} keeps its images",
    ),
    _Refusal(
        r"digest did not match|does not match (?:provided )?manifest digest|digest mismatch|"
        r"(?:invalid|does not match).* checksum|sha256 .*(?:mismatch|not match)",
        _OTHER_BYTES,
        _WHOSE,
    ),
    _Refusal(
        r"too ?many ?requests|\b429\b",
        "the registry of {image} takes no more requests for now",
        "wait, or {login}",
        BusyError,
    ),
    _Refusal(
        r"unauthorized|denied|authentication required|\b40[13]\b",
        "the registry refuses {image}, or does not have it",
        "see its name, or {login}",
    ),
    _Refusal(
        r"manifest unknown|name unknown|not found|repository does not exist|did not resolve to an alias|"
        r"no such image|invalid reference|short-name|StatusCode: 404",
        "there is no image {image}",
        "see its name{own}",
    ),
    _Refusal(
        r"connection refused|no such host|timeout|timed out|unreachable|\bEOF\b|reset by peer|misbehaving|"
        r"\b5\d\d\b|\btls\b|x509|temporary failure|pinging container registry|context deadline",
        "the registry of {image} cannot be reached",
        "see the network and the proxy",
        UnreachableError,
    ),
)
_NOISE = re.compile(
    r"retrying in|^Trying to pull|graph driver|not a shared mount|^time=.*level=(?:info|warning)"
)


def of_pull(engine: str, image: str, arch: Architecture, tail: Sequence[str]) -> ProvisionError:
    """Why an image could not be pulled.

    :param engine: ``docker``, ``podman`` or ``skopeo``.
    :param tail: the last lines that it printed.
    """
    row = _row(tail) or _Refusal("", "{engine} cannot pull {image}", "read what it says")
    login = _LOGIN if engine == "skopeo" else f"log in with {engine} login"
    own = "" if engine == "skopeo" else f"; one of your own must be among the images of {engine}"
    names = {"engine": engine, "image": image, "platform": arch.docker, "login": login, "own": own}
    return row.error(
        row.fact.format(**names), cause=_last(tail), remedy=f"{row.remedy.format(**names)}, {NO_IMAGE}"
    )


def of_absence(engine: str, image: str) -> ProvisionError:
    """An image that is nowhere but on this machine is not there."""
    return ProvisionError(
        f"there is no image {image}",
        cause=f"it is not among the images of {engine}, and names no registry",
        remedy=f"see its name by {engine} images, {NO_IMAGE}",
    )


def said(line: str) -> str:
    """What a line of skopeo says of a failure; empty for any other line."""
    match = _SKOPEO.match(line)
    if match is None:
        return line
    return match["said"][1:-1].replace('\\"', '"') if match["level"] in ("fatal", "error") else ""


def tried_again(tail: Sequence[str]) -> bool:
    """Whether the engine has tried several times itself."""
    return any("retrying in" in line for line in tail)


def may_pass(tail: Sequence[str]) -> bool:
    """Whether it is worth a further try."""
    row = _row(tail)
    return row is not None and issubclass(row.error, UnreachableError)


def _row(tail: Sequence[str]) -> _Refusal | None:
    text = "\n".join(line for line in tail if not _NOISE.search(line))
    return next((row for row in _TABLE if re.search(row.pattern, text, re.IGNORECASE)), None)


def _last(tail: Sequence[str]) -> str:
    lines = [line.strip() for line in tail if line.strip() and not _NOISE.search(line)]
    return _PREAMBLE.sub("", lines[-1]) if lines else ""


def of_silence(image: str, seconds: float) -> ProvisionError:
    """The registry said nothing."""
    return UnreachableError(
        f"the registry of {image} cannot be reached",
        cause=f"nothing of the image came within {seconds:.0f} seconds",
        remedy=f"see the network and the proxy, {NO_IMAGE}",
    )


def of_architecture(image: str, platform: str, arch: Architecture) -> ProvisionError:
    """The image is for another architecture, of which engines only warn."""
    said = platform.split("/")[1] if "/" in platform else platform
    known = next((name for name, row in ARCHITECTURES.items() if row.docker.split("/")[1] == said), said)
    return ProvisionError(
        f"{image} is an image for {known}, not for {arch.name}",
        cause=f"it says {platform}, and {arch.docker} is wanted",
        remedy=f"name one for {arch.name}, {NO_IMAGE}",
    )


def of_engine(engine: str, tail: Sequence[str]) -> ProvisionError:
    """The engine is there, and does not answer."""
    return ProvisionError(
        f"{engine} does not answer",
        cause=_last(tail) or f"{engine} version failed",
        remedy=f"start its service, or set DOCKER_HOST, {NO_IMAGE}",
    )


def of_export(engine: str, image: str, tail: Sequence[str]) -> ProvisionError:
    """The engine has the image and cannot hand out its files."""
    return ProvisionError(
        f"{engine} cannot export {image}",
        cause=_last(tail),
        remedy=f"see that {engine} runs with enough space, {NO_IMAGE}",
    )


def of_moved_tag(image: str, was: str, now: str) -> ProvisionError:
    """A tag that should stand for one image for ever stands for another."""
    return ProvisionError(
        f"{image} stands for another image than the one that is known by this name",
        cause=f"it was {was}, and its registry now has {now}",
        remedy=f"if you trust the new one, name it by its digest (NAME@{now})",
    )


def of_other_bytes(image: str, wanted: str, found: str) -> ProvisionError:
    """What a registry gave is not what it was asked for."""
    cause = f"{found} came for {wanted}"
    return ProvisionError(_OTHER_BYTES.format(image=image), cause=cause, remedy=f"{_WHOSE}, {NO_IMAGE}")
