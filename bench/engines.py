"""How long every engine takes, from one run on one machine: seconds, and ratios between them.

Run by ``make bench``. The parts (roots, QEMU, zig and its C libraries) are fetched before anything is measured.
"Cold" means that no compiler has seen the sources: each cold build gets an sdist whose C files begin with a comment
of their own, so that zig's cache of objects misses while its C libraries stay. "Warm" is the same sdist once more;
gcc keeps nothing, so that it has no warm time.
"""

import io
import os
import re
import statistics
import subprocess
import sys
import tarfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import doctor
import identifiers
from machine import CACHE, described

HERE = Path(__file__).resolve().parent
WORK = HERE / "work"
HELLO = HERE.parent / "examples" / "c-hello"
REGEX = "regex==2024.11.6"
_SECONDS = re.compile(r"(?:(\d+) min )?(\d+(?:\.\d)?) s")


@dataclass(frozen=True)
class Way:
    """A way to build a wheel.

    :param caches: whether its compiler keeps objects between runs.
    """

    name: str
    identifier: str
    engine: str
    caches: bool = True


AARCH64, X86_64 = "cp311-manylinux_aarch64", "cp311-manylinux_x86_64"
NATIVE = Way("native gcc", X86_64, "emulated", caches=False)  # the root's own compiler, run as it is
EMULATED = Way("emulated", AARCH64, "emulated", caches=False)
WAYS = (NATIVE, Way("native zig", X86_64, "native"), Way("cross", AARCH64, "cross"),
        Way("hybrid", AARCH64, "hybrid"), EMULATED)  # fmt: skip


@dataclass(frozen=True)
class Times:
    """Seconds of one run.

    :param total: from the command to the tested wheel.
    :param build: the build step alone.
    """

    total: float
    build: float


def crosswheel(*args: str | Path) -> tuple[float, str]:
    """Seconds and standard output of a command.

    :raises SystemExit: it failed.
    """
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "crosswheel", *args, "--cache-dir", CACHE],
        check=False,
        capture_output=True,
        text=True,
    )
    seconds = time.monotonic() - started
    if done.returncode != 0:
        sys.exit(done.stderr)
    return seconds, done.stdout


def measured(package: Path, way: Way) -> Times:
    only = ("--only", way.identifier, "--engine", way.engine)
    seconds, out = crosswheel("build", package, *only, "--no-cache", "--output-dir", WORK / "wheels")
    found = re.search(r"\bbuild (\d[^,;]* s)", " ".join(out.split()))
    assert found is not None, out
    return Times(seconds, _seconds(found[1]))


def _seconds(text: str) -> float:
    found = _SECONDS.fullmatch(text)
    assert found is not None, text
    return 60 * int(found[1] or 0) + float(found[2])


def regex() -> Path:
    """The sdist, by pip and its own index."""
    if not list(WORK.glob("regex-*.tar.gz")):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*pip, "--dest", WORK, REGEX], check=True)
    return next(WORK.glob("regex-*.tar.gz"))


def unseen(sdist: Path) -> Path:
    """A copy whose C files no compiler has seen."""
    copy = WORK / "unseen" / sdist.name
    copy.parent.mkdir(exist_ok=True)
    comment = f"/* {uuid.uuid4()} */\n".encode()
    with tarfile.open(sdist) as old, tarfile.open(copy, "w:gz") as new:
        for member in old:
            content = old.extractfile(member)
            data = content.read() if content is not None else b""
            if member.name.endswith((".c", ".h")):
                data = comment + data
                member.size = len(data)
            new.addfile(member, io.BytesIO(data) if content is not None else None)
    return copy


def row(name: str, *cells: str) -> str:
    return f"{name:<12}" + "".join(f"{cell:>14}" for cell in cells)


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def engines() -> None:
    """The table of the engines."""
    sdist = regex()
    for way in WAYS:
        measured(HELLO, way)  # fetches the parts
    say(f"{REGEX}, seconds; ratios of cold totals")
    say(row("", "cold", "of that build", "warm", "of that build", "x native gcc", "emulated / it"))
    rows: list[tuple[Way, Times, Times | None]] = []
    for way in WAYS:
        package = unseen(sdist)
        cold = measured(package, way)
        rows.append((way, cold, measured(package, way) if way.caches else None))
    by_way = {way: cold for way, cold, _ in rows}
    for way, cold, warm in rows:
        say(
            row(
                way.name,
                f"{cold.total:.1f}",
                f"{cold.build:.1f}",
                f"{warm.total:.1f}" if warm else "-",
                f"{warm.build:.1f}" if warm else "-",
                f"{cold.total / by_way[NATIVE].total:.2f}",
                f"{by_way[EMULATED].total / cold.total:.1f}",
            )
        )


def small_things() -> None:
    """What a small project waits for; medians."""
    plans = [crosswheel("plan", HELLO, "--archs", "aarch64")[0] for _ in range(5)]
    hellos = [measured(HELLO, Way("", AARCH64, "auto")).total for _ in range(3)]
    say(f"crosswheel plan of a small project: {statistics.median(plans):.2f} s")
    say(f"one C file, from command to tested wheel: {statistics.median(hellos):.1f} s")
    say(identifiers.compare())
    say(doctor.measure())


def main() -> None:
    WORK.mkdir(exist_ok=True)
    say(f"{described()}, load average before it {os.getloadavg()[0]:.1f}")
    say()
    engines()
    say()
    small_things()


if __name__ == "__main__":
    main()
