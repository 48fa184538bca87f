"""How long the wrapper takes over zig's own time, for each call of a compiler.

Run by ``make bench``. A pair is the wrapper, and the very command that it makes for zig, one right after the other
on the same small file, so that both meet the same machine; the figure is the median of the pairs' differences.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import CACHE

from crosswheel.architectures import ARCHITECTURES
from crosswheel.provision.toolchains import wrappers, zig
from crosswheel.store import Store

PAIRS = 40
_ARCH = ARCHITECTURES["aarch64"]
# As setuptools calls it for one file of an extension module.
_OPTIONS = ("-Wsign-compare", "-DNDEBUG", "-fwrapv", "-O2", "-Wall", "-fPIC", "-I/crosswheel/include", "-c")


def installed(directory: Path) -> Path:
    """The C compiler's name in a directory, with zig of the store behind it."""
    store = Store(CACHE)
    own = zig.fetch(store, lambda _: None).directory
    wrappers.install(
        wrappers.compiled(store, own),
        directory,
        _ARCH.triplet,
        {
            "zig": str(own / "zig"),
            "target": zig.target_name(_ARCH, _ARCH.floor),
            "triplet": _ARCH.triplet,
            "cache": str(directory / "cache"),
            "record": str(directory / "record"),
        },
    )
    return directory / "cc"


def seconds(command: list[str], place: Path) -> float:
    """The time of a command, compiling what no compiler has seen."""
    (place / "one.c").write_text(f"int one(void) {{ return {time.monotonic_ns() % 1_000_000_007}; }}\n")
    started = time.monotonic()
    subprocess.run(command, check=True, cwd=place)
    return time.monotonic() - started


def compare(pairs: int = PAIRS) -> str:
    """A sentence with zig's own time and what the wrapper adds.

    :param pairs: how many times each runs; one pair before them is not counted.
    """
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        ours = [str(installed(place)), *_OPTIONS, "one.c", "-o", "one.o"]
        printed = subprocess.run(
            [ours[0], "--crosswheel-print", *ours[1:]], check=True, capture_output=True, text=True
        )
        theirs = printed.stdout.splitlines()
        measured = [(seconds(ours, place), seconds(theirs, place)) for _ in range(pairs + 1)][1:]
    alone = statistics.median(zigs for _, zigs in measured)
    more = statistics.median(wrapped - zigs for wrapped, zigs in measured)
    return f"zig compiles a small file in {alone * 1000:.0f} ms; the wrapper adds {more * 1000:.1f} ms"


if __name__ == "__main__":
    sys.stdout.write(compare() + "\n")
