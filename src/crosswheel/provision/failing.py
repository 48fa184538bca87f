"""Programs of crosswheel's own that fail: an error that says why, where it is known."""

import errno
import os
from pathlib import Path

from crosswheel.architectures import HOST
from crosswheel.errors import ProvisionError
from crosswheel.process import Completed
from crosswheel.provision.this_machine import ThisMachine
from crosswheel.recognition import Kind, Scene, explain, recognise

_WORDS = 3  # lines of output that stand for a cause that is not known


def failed(fact: str, done: Completed, *, place: Path | None = None, remedy: str = "") -> ProvisionError:
    """The error for a program of this machine that ended badly.

    :param fact: what could not be done.
    :param place: the directory that it wrote to.
    :param remedy: the next step where the cause is not known.
    :raises OSError: the disk is full (``ENOSPC``): the edge knows which.
    """
    found = recognise(done.tail, done.returncode)
    if found is None:
        return ProvisionError(fact, cause=" ".join(done.tail[-_WORDS:]), remedy=remedy)
    if found.kind is Kind.SPACE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), place and str(place))
    told = explain(found, Scene(HOST), ThisMachine())
    return ProvisionError(fact, cause="\n".join(filter(None, (found.fact, told.why))), remedy=told.remedy)
