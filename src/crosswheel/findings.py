"""What is found out about a machine: values for the reports, as ``crosswheel doctor`` shows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from crosswheel.model import EngineName

Status = Literal["good", "note", "bad", "unknown"]
WayName = Literal["native", "namespace", "host", "docker", "podman"]


@dataclass(frozen=True)
class Finding:
    """What one probe found.

    :param name: of the probe (``user-namespaces``): one key for ever.
    :param status: ``good``; ``note``: builds do without it; ``bad``: they do not;
        ``unknown``: it could not be found out.
    :param fact: what is the case, one sentence without a full stop.
    :param cause: why, where it is known.
    :param remedy: the next step, an exact command where there is one.
    :param details: the same for programs: numbers, names, paths.
    :param seconds: that the probe took.
    """

    name: str
    status: Status
    fact: str
    cause: str = ""
    remedy: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True)
class Way:
    """One way to run programs of an architecture.

    :param name: ``native``: as they are; ``namespace``: emulation of one's own; ``host``: what is registered
        for the whole machine; ``docker``, ``podman``: in a container.
    :param works: None where it was not tried.
    :param reason: why it does not work or was not tried; for one that works, what with.
    :param remedy: the command that would make it work.
    """

    name: WayName
    works: bool | None
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Sample:
    """The same small program of Python's, on this machine's processor and emulated.

    :param program: what ran it (``CPython 3.11``).
    :param native: seconds of this machine's own Python.
    :param emulated: seconds of the target's.
    """

    program: str
    native: float
    emulated: float

    @property
    def ratio(self) -> float:
        """How many times as long the emulated one takes."""
        return self.emulated / self.native


@dataclass(frozen=True)
class Ability:
    """What this machine can do for an architecture.

    :param engines: those that can build, best first.
    :param ways: to run its programs, best first.
    :param roots: the Pythons of its roots that are in the cache (``3.11``).
    :param sample: how fast its programs run; None where that was not measured.
    :param no_sample: why it was not.
    :param obstacles: why the default build would not work, a sentence each.
    :param improvements: commands that would make more work, or the same faster.
    """

    arch: str
    engines: tuple[EngineName, ...]
    ways: tuple[Way, ...]
    roots: tuple[str, ...]
    sample: Sample | None = None
    no_sample: str = ""
    obstacles: tuple[str, ...] = ()
    improvements: tuple[str, ...] = ()

    @property
    def tests_by(self) -> Way | None:
        """The way by which its programs are run here; None where there is none."""
        return next((way for way in self.ways if way.works), None)


@dataclass(frozen=True)
class Examination:
    """A machine.

    :param findings: in the order of the table of probes.
    :param abilities: of the architectures asked for.
    :param obstacles: why the default build would not work for one of them; none where it would.
    :param seconds: that all of it took.
    """

    findings: tuple[Finding, ...]
    abilities: tuple[Ability, ...]
    obstacles: tuple[str, ...]
    seconds: float
