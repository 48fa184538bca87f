"""What cross takes for each foreign architecture, against aarch64: ratios from one run on one machine.

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

from engines import regex
from machine import CACHE, described
from many import WORK, unpacked

from crosswheel.architectures import ARCHITECTURES, HOST
from crosswheel.plan.identifiers import TARGETS
from crosswheel.provision.debian.suites import suite_with

ROUNDS = 3  # the quickest counts: others use the machine too
FIRST = "aarch64"


def identifiers() -> dict[str, str]:
    """For each foreign architecture the oldest target from cp313 on that Debian has."""
    found: dict[str, str] = {}
    for target in TARGETS:
        recent = (target.python.implementation, target.python.suffix) == (
            "cp",
            "",
        ) and target.python.minor >= 13
        foreign = HOST.name not in target.arch.runs_on and target.libc == "manylinux"
        if recent and foreign and suite_with(target.python, target.arch):
            found.setdefault(target.arch.name, target.identifier)
    return dict(sorted(found.items(), key=lambda item: item[0] != FIRST))


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
    rows: dict[str, tuple[float, float]] = {}
    wanted = identifiers()
    for identifier in wanted.values():
        steps(unpacked(sdist), identifier)  # fetches what is not there yet
    for _ in range(ROUNDS):
        for name, identifier in wanted.items():
            taken = steps(unpacked(sdist), identifier)
            test = taken.pop("test", 0.0)
            build = sum(seconds for step, seconds in taken.items() if step != "fetch")
            rows[name] = min(rows.get(name, (build, test)), (build, test))
    sys.stdout.write(f"{described()}\nregex by cross, seconds and how many times those of {FIRST}\n")
    for name, (build, test) in rows.items():
        against, of_test = rows[FIRST]
        sys.stdout.write(
            f"{ARCHITECTURES[name].name:12} {wanted[name]:28} build {build:5.1f} s {build / against:5.2f} x"
            f"   test {test:5.1f} s {test / of_test:5.2f} x\n"
        )
    shutil.rmtree(WORK / "architectures")


if __name__ == "__main__":
    main()
