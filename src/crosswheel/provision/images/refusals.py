"""What container engines and registries say when they refuse, and what it means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crosswheel.architectures import ARCHITECTURES, Architecture
from crosswheel.errors import ProvisionError

_NO_ENGINE = "or take --source debian, which needs no container engine"
# What stands before the cause itself.
_PREAMBLE = re.compile(r"^(?:Error(?: response from daemon)?: )?(?:initializing source \S+: )?")


@dataclass(frozen=True)
class _Refusal:
    """A pattern in what an engine says, what is the case, what to do.

    :param passes: whether it may be over in a moment.
    """

    pattern: str
    fact: str
    remedy: str
    passes: bool = False


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
        r"too ?many ?requests|\b429\b",
        "the registry of {image} takes no more requests for now",
        "wait, or log in with {engine} login",
        passes=True,
    ),
    _Refusal(
        r"unauthorized|denied|authentication required|\b40[13]\b",
        "the registry refuses {image}, or does not have it",
        "see its name, or log in with {engine} login",
    ),
    _Refusal(
        r"manifest unknown|name unknown|not found|repository does not exist|did not resolve to an alias|"
        r"no such image|invalid reference|short-name|StatusCode: 404",
        "there is no image {image}",
        "see its name; one of your own must be among the images of {engine}",
    ),
    _Refusal(
        r"connection refused|no such host|timeout|timed out|unreachable|\bEOF\b|reset by peer|misbehaving|"
        r"\b5\d\d\b|\btls\b|temporary failure|pinging container registry",
        "the registry of {image} cannot be reached",
        "see the network and the proxy, or pull it where there is one",
        passes=True,
    ),
)
_NOISE = re.compile(
    r"retrying in|^Trying to pull|graph driver|not a shared mount|^time=.*level=(?:info|warning)"
)


def of_pull(engine: str, image: str, arch: Architecture, tail: Sequence[str]) -> ProvisionError:
    """Why an image could not be pulled.

    :param tail: the last lines that the engine printed.
    """
    row = _row(tail) or _Refusal("", "{engine} cannot pull {image}", "read what it says")
    names = {"engine": engine, "image": image, "platform": arch.docker}
    return ProvisionError(
        row.fact.format(**names), cause=_last(tail), remedy=f"{row.remedy.format(**names)}, {_NO_ENGINE}"
    )


def of_absence(engine: str, image: str) -> ProvisionError:
    """An image that is nowhere but on this machine is not there."""
    return ProvisionError(
        f"there is no image {image}",
        cause=f"it is not among the images of {engine}, and names no registry",
        remedy=f"see its name by {engine} images, {_NO_ENGINE}",
    )


def tried_again(tail: Sequence[str]) -> bool:
    """Whether the engine has tried several times itself."""
    return any("retrying in" in line for line in tail)


def may_pass(tail: Sequence[str]) -> bool:
    """Whether it is worth a further try."""
    row = _row(tail)
    return row is not None and row.passes


def _row(tail: Sequence[str]) -> _Refusal | None:
    text = "\n".join(line for line in tail if not _NOISE.search(line))
    return next((row for row in _TABLE if re.search(row.pattern, text, re.IGNORECASE)), None)


def _last(tail: Sequence[str]) -> str:
    lines = [line.strip() for line in tail if line.strip() and not _NOISE.search(line)]
    return _PREAMBLE.sub("", lines[-1]) if lines else ""


def of_silence(image: str, seconds: float) -> ProvisionError:
    """The registry said nothing."""
    return ProvisionError(
        f"the registry of {image} cannot be reached",
        cause=f"nothing of the image came within {seconds:.0f} seconds",
        remedy=f"see the network and the proxy, {_NO_ENGINE}",
    )


def of_architecture(image: str, platform: str, arch: Architecture) -> ProvisionError:
    """The image is for another architecture, of which engines only warn."""
    said = platform.split("/")[1] if "/" in platform else platform
    known = next((name for name, row in ARCHITECTURES.items() if row.docker.split("/")[1] == said), said)
    return ProvisionError(
        f"{image} is an image for {known}, not for {arch.name}",
        cause=f"it says {platform}, and {arch.docker} is wanted",
        remedy=f"name one for {arch.name} with manylinux-{arch.name}-image, {_NO_ENGINE}",
    )


def of_engine(engine: str, tail: Sequence[str]) -> ProvisionError:
    """The engine is there, and does not answer."""
    return ProvisionError(
        f"{engine} does not answer",
        cause=_last(tail) or f"{engine} version failed",
        remedy=f"start its service, or set DOCKER_HOST, {_NO_ENGINE}",
    )


def of_export(engine: str, image: str, tail: Sequence[str]) -> ProvisionError:
    """The engine has the image and cannot hand out its files."""
    return ProvisionError(
        f"{engine} cannot export {image}",
        cause=_last(tail),
        remedy=f"see that {engine} runs with enough space, {_NO_ENGINE}",
    )
