"""What goes wrong with a container engine, in its own words and in ours."""

import re
from dataclasses import dataclass

from crosswheel.errors import CrosswheelError, EngineTooOldError, ProvisionError


@dataclass(frozen=True)
class Cause:
    """A row of the table.

    :param pattern: found in what the engine printed; case does not matter.
    :param fact: what is the case; ``{engine}`` is the engine's name, and groups of the pattern may be used.
    :param remedy: the next step.
    """

    pattern: str
    fact: str
    remedy: str


# fmt: off
_TABLE = (
    Cause(r"permission denied while trying to connect|dial unix \S+: connect: permission denied",
          "this user may not speak to the daemon of {engine}",
          "sudo usermod -aG docker $USER and log in anew, or take --sandbox namespace, which needs none"),
    Cause(r"(?:cannot|unable to) connect to (?:the docker daemon|podman)|is the docker daemon running",
          "the daemon of {engine} does not answer",
          "start it (sudo systemctl start {engine}), or take --sandbox namespace, which needs none"),
    Cause(r"no space left on device|disk quota exceeded",
          "the disk of {engine} is full",
          "free space there: {engine} system prune"),
    Cause(r"client version (?P<version>\S+) is too (?:old|new)|error response from daemon: client version",
          "the client and the daemon of {engine} do not understand each other",
          "update the older of the two"),
    Cause(r"unknown flag: (?P<flag>--\S+)",
          "{engine} does not know {flag}",
          "correct create_args in container-engine, or update {engine}"),
    Cause(r"does not match the specified platform",
          "the image that {engine} has is for another architecture",
          "remove it: {engine} image prune --all --filter label=crosswheel.image"),
    Cause(r"(?:image|reference) .*(?:not known|does not exist|not found)|no such image|unable to find image",
          "{engine} has not got the image",
          "run it again: it is made anew"),
    Cause(r"newuidmap|newgidmap|cannot find mappings for user|no subuid ranges|potentially insufficient UIDs",
          "{engine} has no range of user ids for this user",
          "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER, then podman system migrate"),
    Cause(r"bind source path does not exist|statfs .*no such file or directory|invalid mount config for type",
          "{engine} does not see the files of this machine",
          "set disable_host_mount in container-engine: files are then copied in and out"),
)
# fmt: on
_FORMAT = re.compile(r"exec format error|cannot execute binary file", re.IGNORECASE)


def explained(engine: str, done: str, lines: tuple[str, ...]) -> CrosswheelError:
    """What an engine that failed printed, as an error.

    :param done: what was to be done, for people: ``create a container``.
    :param lines: what it printed.
    """
    for row in _TABLE:
        for line in lines:
            if match := re.search(row.pattern, line, re.IGNORECASE):
                words = {"engine": engine, **match.groupdict()}
                return ProvisionError(
                    row.fact.format(**words), cause=line.strip(), remedy=row.remedy.format(**words)
                )
    return ProvisionError(f"{engine} cannot {done}", cause=_cause(lines))


def _cause(lines: tuple[str, ...]) -> str:
    """What follows the last ``Error:``, with all that it is made of; else the last line."""
    said = [line.strip() for line in lines if line.strip()]
    errors = [number for number, line in enumerate(said) if line.lower().startswith("error")]
    return " ".join(said[errors[-1] :] if errors else said[-1:])


def is_foreign(lines: tuple[str, ...]) -> bool:
    """Whether the kernel refused a program of another architecture."""
    return any(_FORMAT.search(line) for line in lines)


def silent(engine: str, seconds: float) -> ProvisionError:
    """An engine that does not answer at all."""
    return ProvisionError(
        f"{engine} does not answer",
        cause=f"it said nothing in {seconds:.0f} s",
        remedy=f"see what {engine} version says, or take --sandbox namespace, which needs no engine",
    )


def absent(engine: str) -> ProvisionError:
    """An engine that is not installed."""
    return ProvisionError(
        f"{engine} is not installed",
        cause="there is no such program on PATH",
        remedy=f"install {engine}, name the other one in container-engine, or take --sandbox namespace, "
        "which needs none",
    )


def too_old(engine: str, found: str, wanted: str) -> EngineTooOldError:
    """An engine that has no ``--platform`` yet."""
    return EngineTooOldError(
        f"{engine} is too old",
        cause=f"it is {found}, and images of other architectures need {wanted}",
        remedy=f"update {engine}, or take --sandbox namespace, which needs none",
    )
