"""Reports as a run of several jobs would make them."""

from collections.abc import Iterable
from itertools import product

from crosswheel.report.run.values import (
    Down,
    Failure,
    JobReport,
    Machine,
    Report,
    Result,
    Run,
    Step,
    WheelFile,
)

MACHINE = Machine(2, 16_000_000_000, "6.18.5", "11.1.2")
PYTHONS = ("cp39", "cp311", "cp313", "cp314", "cp314t")
ARCHITECTURES = ("aarch64", "armv7l", "ppc64le", "s390x")
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&lt;{{ 7*7 }}{% raw %}"
_TAIL = (
    "cc -O2 -c c_hello.c",
    "c_hello.c:12:5: error: 'PyFoo' was not declared",
    "error: command 'cc' failed",
)


def step(name: str, began: float, seconds: float, emulated: float = 0.0) -> Step:
    return Step(name, began, seconds, seconds * 0.9, emulated, 123_000_000, 4_000_000, 2_000_000)


def job(
    identifier: str, *, began: float = 0.0, slot: int = 0, scale: float = 1.0, result: Result = "passed"
) -> JobReport:
    """A job that fetched, built and, where it passed, tested."""
    rows: Iterable[tuple[str, float, float]] = (
        ("fetch", 0.4, 0.0), ("prepare", 0.1, 0.0), ("requirements", 1.3, 0.1), ("build", 4.2, 0.05),
        ("repair", 0.8, 0.0), ("verify", 0.3, 0.0), ("test", 6.5, 0.93),
    )  # fmt: skip
    steps, at = [], began
    for name, seconds, emulated in rows if result == "passed" else tuple(rows)[:4]:
        steps.append(step(name, round(at, 3), round(seconds * scale, 3), emulated))
        at += seconds * scale
    wheel = WheelFile(f"c_hello-1.0-{identifier}.whl", 24_123, "0" * 64, "manylinux_2_17")
    failure = Failure(
        "the build step failed with status 1", "c_hello.c uses PyFoo, which this Python does not have",
        "mend it, or leave the target out (--skip)", _TAIL,
    )  # fmt: skip
    passed = result == "passed"
    return JobReport(
        identifier, result, began=round(began, 3), seconds=round(at - began, 3), slot=slot, cores=1, engine="cross",
        wheel=wheel if passed else None, tested=passed, failure=failure if result == "failed" else None,
        log=f"/cache/logs/c-hello-{identifier}.log", steps=tuple(steps),
    )  # fmt: skip


def report(
    pythons: Iterable[str] = PYTHONS,
    architectures: Iterable[str] = ARCHITECTURES,
    *,
    at_once: int = 2,
    began: float = 1.79e9,
) -> Report:
    """A run of all Pythons for all architectures, of which one failed."""
    ends, jobs = [0.3] * at_once, []
    for number, (python, arch) in enumerate(product(pythons, architectures)):
        slot = ends.index(min(ends))
        failed = (python, arch) == ("cp314t", "armv7l")
        made = job(
            f"{python}-manylinux_{arch}", began=ends[slot], slot=slot, scale=0.7 + number % 7 / 6,
            result="failed" if failed else "passed",
        )  # fmt: skip
        ends[slot] += made.seconds + 0.05
        jobs.append(made)
    run = Run(began, round(max(ends) + 0.2, 3), at_once, MACHINE)
    return Report("0.6.0", "c-hello", (run,), tuple(jobs))


def hostile() -> Report:
    """A report whose every text is an attack."""
    down = Down(HOSTILE, HOSTILE, HOSTILE)
    bad = JobReport(
        f"cp311-{HOSTILE}", "failed", began=0.0, seconds=1.0, slot=0, engine=HOSTILE,
        step_downs=(down,), skipped=(down,), notes=(HOSTILE,),
        failure=Failure(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,)),
        log=f"javascript:{HOSTILE}",
        steps=(step(HOSTILE, 0.0, 1.0),), wheel=WheelFile(HOSTILE, 1, HOSTILE, HOSTILE),
    )  # fmt: skip
    return Report(HOSTILE, HOSTILE, (Run(0.0, 1.0, 1, Machine(1, 1, HOSTILE, HOSTILE)),), (bad,))
