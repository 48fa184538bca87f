"""What cross takes for each architecture and C library, against aarch64: ratios from one run on one machine.

Run by ``make bench``. regex, a C project whose sources no compiler has seen, built and tested for each. Roots,
emulators and zig's own libraries are there before. The build is all that runs natively: requirements, compilation,
repair, verification. The test is emulated, and its time QEMU's.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from cells import LIBCS
from engines import regex
from machine import CACHE, described
from many import WORK, unpacked

from crosswheel.architectures import HOST
from crosswheel.plan.identifiers import TARGETS
from crosswheel.provision.debian.suites import suite_with
from crosswheel.provision.musl.table import table

ROUNDS = 3  # the quickest counts: others use the machine too
FIRST = "aarch64"
NAMES = {libc: name for name, libc in LIBCS.items()}


def identifiers() -> dict[tuple[str, str], str]:
    """By C library and foreign architecture the oldest target from cp313 on that there is a Python for."""
    found: dict[tuple[str, str], str] = {}
    for target in TARGETS:
        python, arch = target.python, target.arch
        plain = (python.implementation, python.suffix) == ("cp", "") and python.minor >= 13
        offered = suite_with(python, arch) if target.libc == "manylinux" else table().has(python, arch)
        if plain and offered and HOST.name not in arch.runs_on:
            found.setdefault((NAMES[target.libc], arch.name), target.identifier)
    return dict(sorted(found.items(), key=lambda item: (item[0][0], item[0][1] != FIRST)))


def steps(project: Path, identifier: str) -> dict[str, float]:
    """Seconds of each step of a build by cross."""
    report = WORK / "architectures" / "report"
    shutil.rmtree(report, ignore_errors=True)
    options = ["--only", identifier, "--engine", "cross", "--no-cache", "--cache-dir", str(CACHE)]
    places = ["--report", str(report), "--output-dir", str(WORK / "architectures" / "wheels")]
    done = subprocess.run(
        [sys.executable, "-m", "crosswheel", "build", str(project), *options, *places],
        check=False, capture_output=True, text=True, env={**os.environ, "CIBW_ENABLE": "cpython-prerelease"},
    )  # fmt: skip
    if done.returncode != 0:
        sys.exit(done.stderr)
    (job,) = json.loads((report / "report.json").read_text(encoding="utf-8"))["jobs"]
    return {step["step"]: step["seconds"] for step in job["steps"]}


def main() -> None:
    sdist = regex()
    rows: dict[tuple[str, str], tuple[float, float]] = {}
    wanted = identifiers()
    for identifier in wanted.values():
        steps(unpacked(sdist), identifier)  # fetches what is not there yet
    for _ in range(ROUNDS):
        for key, identifier in wanted.items():
            taken = steps(unpacked(sdist), identifier)
            test = taken.pop("test", 0.0)
            build = sum(seconds for step, seconds in taken.items() if step != "fetch")
            rows[key] = min(rows.get(key, (build, test)), (build, test))
    sys.stdout.write(
        f"{described()}\nregex by cross, seconds and how many times those of {FIRST} with the same C library\n"
    )
    for key, (build, test) in rows.items():
        against, of_test = rows[key[0], FIRST]
        sys.stdout.write(
            f"{wanted[key]:28} build {build:5.1f} s {build / against:5.2f} x"
            f"   test {test:5.1f} s {test / of_test:5.2f} x\n"
        )
    shutil.rmtree(WORK / "architectures")


if __name__ == "__main__":
    main()
