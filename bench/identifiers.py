"""How long ``--print-build-identifiers`` takes beside the real cibuildwheel, in pairs of one run.

Run by ``make bench``. A pair is one command of each, one right after the other, so that both meet the same machine;
the ratio is the median of the pairs' own.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent / "examples" / "c-hello"
_ARGUMENTS = ("--print-build-identifiers", "--archs", "all", str(_PROJECT))
OURS = (sys.executable, "-m", "crosswheel", "build", *_ARGUMENTS)
THEIRS = (sys.executable, "-m", "cibuildwheel", "--platform", "linux", *_ARGUMENTS)


def seconds(command: tuple[str, ...]) -> float:
    started = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def compare(pairs: int = 15) -> str:
    """A sentence with both medians and their ratio.

    :param pairs: how many times each command runs; one pair before them is not counted.
    """
    for command in (OURS, THEIRS):
        seconds(command)  # compiles what it imports
    measured = [(seconds(OURS), seconds(THEIRS)) for _ in range(pairs)]
    ours, theirs = (statistics.median(times) for times in zip(*measured, strict=True))
    ratio = statistics.median(theirs / ours for ours, theirs in measured)
    return f"--print-build-identifiers: {ours:.2f} s, cibuildwheel {theirs:.2f} s, {ratio:.1f} x"


if __name__ == "__main__":
    sys.stdout.write(compare() + "\n")
