"""How long ``crosswheel doctor`` takes, warm, and what it measures.

Run by ``make bench``. Warm: the cache has what an aarch64 build fetches, and one run before is not counted.
"""

import json
import statistics
import subprocess
import sys
import time

COMMAND = (sys.executable, "-m", "crosswheel", "doctor", "--json")


def examined() -> tuple[float, dict[str, dict[str, dict[str, float] | None]]]:
    """Seconds of one run, and what it tells of each architecture."""
    started = time.monotonic()
    done = subprocess.run(COMMAND, check=False, stdout=subprocess.PIPE, text=True)
    return time.monotonic() - started, json.loads(done.stdout)["architectures"]


def measure(runs: int = 5) -> str:
    """A sentence with the median and the slowest, and the median ratio of each architecture that is sampled.

    :param runs: how many times the command runs; one more before them is not counted.
    """
    examined()
    found = [examined() for _ in range(runs)]
    seconds = [taken for taken, _ in found]
    ratios = [
        f"{arch} {statistics.median(sampled):.0f} x"
        for arch in found[0][1]
        if (sampled := [sample["ratio"] for _, archs in found if (sample := archs[arch]["sample"])])
    ]
    slower = f"; emulated Python is slower: {', '.join(ratios)}" if ratios else ""
    return f"doctor: {statistics.median(seconds):.1f} s, at most {max(seconds):.1f} s{slower}"


if __name__ == "__main__":
    sys.stdout.write(measure() + "\n")
