"""What zig does once for a target: its C library's stubs, its libc++."""

import shutil
import time
from pathlib import Path

from crosswheel.architectures import ARCHITECTURES
from crosswheel.events import Event
from crosswheel.provision.toolchains import zig
from crosswheel.store import Store

_AARCH64 = ARCHITECTURES["aarch64"]


def measured(work: Path) -> dict[str, float]:
    """Seconds for C and for C++, in an empty cache; zig itself is fetched before.

    :param work: takes the cache for the time being.
    """

    def quiet(_: Event) -> None:
        pass

    store = Store(work / "cold")
    shutil.rmtree(store.root, ignore_errors=True)
    program = zig.fetch(store, quiet)
    seconds = {}
    for language, cxx in (("C", False), ("C++", True)):
        started = time.monotonic()
        zig.warm(store, program, arch=_AARCH64, floor=_AARCH64.floor, progress=quiet, cxx=cxx)
        seconds[language] = round(time.monotonic() - started, 1)
    shutil.rmtree(store.root)
    return seconds
