"""Whether what has to be fetched could be: Debian's mirror and the package index, asked for next to nothing."""

from collections.abc import Sequence

from crosswheel.architectures import Architecture
from crosswheel.doctor.machine import Machine, Probed
from crosswheel.errors import ProvisionError
from crosswheel.findings import Finding
from crosswheel.provision.debian.suites import suites
from crosswheel.provision.toolchains import fetching

_UNASKED = "not asked: the cache cannot be written"


def mirror(machine: Machine, archs: Sequence[Architecture]) -> Probed:
    """Fetches the signed lists of the oldest and the newest suite: what a mirror lacks is one of these."""
    offered = {suite.name: arch for suite in suites() for arch in archs if arch.name in suite.download}
    wanted = {suite: offered[suite] for suite in (next(iter(offered)), next(reversed(offered)))}
    try:
        uri = machine.debian.ask(wanted)
    except ProvisionError as error:
        return Probed(Finding("mirror", "note", error.fact, error.cause, error.remedy, {"answers": False}))
    except OSError as error:
        return Probed(Finding("mirror", "unknown", _UNASKED, str(error.strerror), details={"answers": None}))
    details = {"answers": True, "uri": uri, "suites": list(wanted)}
    fact = f"it answers for {' and '.join(wanted)}"
    return Probed(Finding("mirror", "good", fact, details=details))


def index(machine: Machine, archs: Sequence[Architecture]) -> Probed:  # noqa: ARG001
    """Asks the package index for zig, as a build would."""
    try:
        fetching.ask(machine.store)
    except ProvisionError as error:
        return Probed(Finding("index", "note", error.fact, error.cause, error.remedy, {"answers": False}))
    except OSError as error:
        return Probed(Finding("index", "unknown", _UNASKED, str(error.strerror), details={"answers": None}))
    return Probed(Finding("index", "good", "it answers", details={"answers": True}))
