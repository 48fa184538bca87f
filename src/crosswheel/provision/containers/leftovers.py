"""Containers of runs that are no more, by a name that tells their process.

A container ends by itself with the run that made it; what an engine kept all the same goes at the next start.
"""

import contextlib
import os
import re
import uuid
from pathlib import Path

from crosswheel.errors import CrosswheelError
from crosswheel.provision.containers.client import Client

LABEL = "crosswheel.container"  # every container of ours has it
_NAME = re.compile(r"crosswheel-(\w+)\.(\d+)\.(\d*)-\w+")


def new_name(*, keep: bool = False) -> str:
    """A name that says whose a container is: this machine's start, this process and when it started (proc(5)).

    :param keep: whether no later run is to remove it.
    """
    pid = os.getpid()
    return f"crosswheel-{'kept' if keep else _boot()}.{pid}.{_started(pid)}-{uuid.uuid4().hex[:8]}"


def remove(client: Client) -> None:
    """Remove containers whose process on this machine has ended; those of other machines stay.

    :raises ProvisionError: the engine does not list them.
    """
    listing = ("ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}")
    for name in client.ask("list its containers", *listing).split():
        match = _NAME.fullmatch(name)
        if match and match[1] == _boot() and _started(int(match[2])) != match[3]:
            with contextlib.suppress(CrosswheelError):  # what cannot be removed is in nobody's way
                client.ask("remove a container", "rm", "--force", "--volumes", name)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().split("-")[0]


def _started(pid: int) -> str:
    """The start of a process in clock ticks since boot; empty where there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]
