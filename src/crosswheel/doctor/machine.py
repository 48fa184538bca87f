"""What the probes ask."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from crosswheel import process, sample
from crosswheel.architectures import Architecture
from crosswheel.findings import Finding, Sample, Way
from crosswheel.process import Completed
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.sandboxes import namespace
from crosswheel.store import Store


class ProbeSandbox(Protocol):
    """Finds out by doing whether sandboxes can be made; see :func:`namespace.probe`."""

    def __call__(self, *, emulate: bool) -> None: ...


class Run(Protocol):
    """Runs a program to its end; see :func:`crosswheel.process.run`."""

    def __call__(
        self, argv: Sequence[str | Path], *, env: Mapping[str, str] | None = ..., capture: bool = ...
    ) -> Completed: ...


@dataclass(frozen=True)
class Machine:
    """A machine, with what a user said of the cache and the output.

    :param platform: as ``sys.platform``.
    :param hardware: as ``uname -m``.
    :param kernel: its release (``6.18.0``).
    :param output: where wheels would go.
    :param as_root: how root would begin a command of crosswheel's.
    :param proc: where the kernel tells of itself; another place in tests.
    :param cgroups: where control groups are mounted.
    """

    platform: str
    hardware: str
    kernel: str
    environ: Mapping[str, str]
    store: Store
    debian: DebianSource
    output: Path
    as_root: str = "sudo crosswheel"
    proc: Path = Path("/proc")
    cgroups: Path = Path("/sys/fs/cgroup")
    run: Run = process.run
    probe_sandbox: ProbeSandbox = namespace.probe


@dataclass(frozen=True)
class Probed:
    """What a probe gave.

    :param ways: to run programs, by the architecture's name, where the probe tried one.
    :param samples: how fast they run, the same way; where there is none, why.
    """

    finding: Finding
    ways: Mapping[str, Way] = field(default_factory=dict)
    samples: Mapping[str, Sample | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Probe:
    """A row of the table of probes.

    :param subject: what does not answer where the probe takes too long.
    :param remedy: what to do then.
    :param seconds: that it is given.
    """

    name: str
    subject: str
    look: Callable[[Machine, Sequence[Architecture]], Probed]
    remedy: str = ""
    seconds: float = 7.0


def foreign(archs: Sequence[Architecture], hardware: str) -> list[Architecture]:
    """Those whose programs this machine does not run as they are."""
    return [arch for arch in archs if hardware not in arch.runs_on or not sample.runs_here(arch)]
