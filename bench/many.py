"""What parallel jobs, kept wheels and reports save and cost: ratios from one run on one machine.

Run by ``make bench``. Eight wheels of regex, a C project, by cross and natively: one after the other, then as many
at once as there are cores, then again with nothing changed. Compilers have seen none of the sources before each of
the first two. The overhead is what a run takes beyond the steps of its jobs.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import large_plan
from engines import regex
from machine import CACHE, described

from crosswheel import pipeline

WORK = Path(__file__).resolve().parent / "work"
SELECTED = {
    "CIBW_BUILD": "cp39-* cp311-* cp313-* cp314-* cp315-manylinux_aarch64",
    "CIBW_SKIP": "cp39-manylinux_x86_64 *musllinux*",
    "CIBW_ARCHS": "x86_64 aarch64",
    "CIBW_ENABLE": "cpython-prerelease",
}


def unpacked(sdist: Path) -> Path:
    """The project of an sdist whose C sources nobody has compiled yet."""
    place = WORK / "many" / uuid.uuid4().hex
    place.mkdir(parents=True)
    with pipeline.open_project(sdist, place) as opened:
        project = opened.path
    for source in project.rglob("*.c"):
        source.write_text(f"/* {uuid.uuid4()} */\n{source.read_text(encoding='utf-8')}", encoding="utf-8")
    return project


def built(project: Path, *args: str) -> dict[str, object]:
    """The report of a build, with the seconds of the whole command as ``whole``."""
    report = WORK / "many" / "report"
    shutil.rmtree(report, ignore_errors=True)
    places = {"--cache-dir": CACHE, "--report": report, "--output-dir": WORK / "many" / "wheels"}
    options = [str(word) for pair in places.items() for word in pair]
    command = [sys.executable, "-m", "crosswheel", "build", str(project), *args, *options]
    started = time.monotonic()
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **SELECTED},
    )
    whole = time.monotonic() - started
    if done.returncode != 0:
        sys.exit(done.stderr)
    return {**json.loads((report / "report.json").read_text(encoding="utf-8")), "whole": whole}


def in_steps(report: dict[str, object]) -> float:
    """The seconds of all steps of all jobs."""
    jobs: list[dict[str, list[dict[str, float]]]] = report["jobs"]  # type: ignore[assignment]
    return sum(step["seconds"] for job in jobs for step in job["steps"])


def main() -> None:
    sdist = regex()
    built(unpacked(sdist), "--no-cache")  # fetches what is not there yet
    alone = built(unpacked(sdist), "--no-cache", "--jobs", "1")
    project = unpacked(sdist)
    at_once = built(project, "--no-cache", "--jobs", "auto")
    again = built(project)
    one, many, kept = (float(str(found["whole"])) for found in (alone, at_once, again))
    jobs = len(alone["jobs"])  # type: ignore[arg-type]
    sys.stdout.write(
        f"{described()}\n"
        f"{jobs} wheels of regex, one after the other: {one:.1f} s\n"
        f"as many at once as there are cores: {many:.1f} s, {one / many:.2f} x faster\n"
        f"again, nothing changed: {kept:.2f} s\n"
        f"beyond the steps of its jobs: {100 * (one - in_steps(alone)) / one:.1f} % of the first\n"
        f"{large_plan.compare()}\n"
    )
    shutil.rmtree(WORK / "many")


if __name__ == "__main__":
    main()
