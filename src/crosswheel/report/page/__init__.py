"""``report.html``: one page that needs no network and no script.

Whatever a build wrote is text in it: the template escapes all values, and the page's own policy forbids scripts and
requests besides (https://www.w3.org/TR/CSP3).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crosswheel.report.page import charts
from crosswheel.report.page.advice import advice
from crosswheel.report.page.comparison import compared
from crosswheel.report.run.values import JobReport, Report, Step
from crosswheel.report.text import count, duration, size

# Word for people and sign: colour is never the only one.
WORDS = {"passed": "passed", "failed": "failed", "interrupted": "interrupted", "not begun": "not begun"}
SIGNS = {"passed": "✓", "failed": "✗", "interrupted": "!", "not begun": "–"}
_SLOWEST = 8  # steps in the table of them
_ROWS = 12  # of a chart; further ones are folded


@dataclass(frozen=True)
class _Cell:
    """A job in the matrix of results."""

    number: int
    job: JobReport


@dataclass(frozen=True)
class _Cpu:
    """The CPU time of an architecture's jobs, in seconds and in hundredths of the most that any has."""

    name: str
    own: float
    emulated: float
    own_wide: float
    emulated_wide: float

    @property
    def share(self) -> float:
        whole = self.own + self.emulated
        return self.emulated / whole if whole else 0.0


def link_to_file(log: str) -> str:
    """The address of a log on this machine; none where it is no path of a file."""
    return Path(log).as_uri() if Path(log).is_absolute() else ""


def render(
    report: Report, previous: Report | None = None, *, link: Callable[[str], str] = link_to_file
) -> str:
    """The page of a report.

    :param previous: the report to compare with.
    :param link: the address of a log by its path; empty where there is none.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"duration": duration, "size": size, "moment": _moment, "wbr": _breakable}
    jobs = list(enumerate(report.jobs))
    longest = sorted((row for row in jobs if row[1].steps), key=lambda row: -row[1].seconds)
    return environment.get_template("page.html").render(
        report=report,
        jobs=jobs,
        title=_title(report),
        state=_state(report),
        facts=_facts(report),
        failed=[row for row in jobs if row[1].result == "failed"],
        words=WORDS,
        signs=SIGNS,
        matrix=_matrix(report),
        advice=advice(report),
        timelines=charts.timelines(report),
        families=(*charts.FAMILIES, "other"),
        longest=longest,
        rows=_ROWS,
        stacked=_stacked(longest),
        cpu=_cpu(report),
        slowest=_slowest(report),
        comparison=compared(report, previous) if previous else None,
        link=link,
        count=count,
    )


def _title(report: Report) -> str:
    """How it ended: ``7 of 8 targets passed, 1 failed``."""
    total = len(report.jobs)
    numbers = {word: sum(job.result == word for job in report.jobs) for word in WORDS}
    if numbers["passed"] == total:
        return f"all {count(total, 'target')} passed" if total > 1 else "passed"
    others = [f"{number} {word}" for word, number in numbers.items() if number and word != "passed"]
    return ", ".join([f"{numbers['passed']} of {count(total, 'target')} passed", *others])


def _state(report: Report) -> str:
    """The worst that became of a job; one that did not begin is for the run what an interrupted one is."""
    results = {job.result for job in report.jobs}
    return "failed" if "failed" in results else "passed" if results <= {"passed"} else "interrupted"


def _facts(report: Report) -> list[tuple[str, str, str]]:
    """The figures at the top: a name, a figure, what else there is to say of it."""
    wheels = {job.wheel.name: job.wheel.size for job in report.jobs if job.wheel}
    working = sum(job.seconds for job in report.jobs)
    own, emulated = charts.cpu(report.jobs)
    rows = [("wheels", str(len(wheels)), size(sum(wheels.values())) + " in all")]
    if len(report.runs) == 1:
        run = report.runs[0]
        rows.append(("time", duration(run.seconds), f"{count(run.at_once, 'job')} at once"))
    else:
        rows.append(
            (
                "time",
                duration(max(run.seconds for run in report.runs)),
                f"the longest of {len(report.runs)} runs",
            )
        )
    rows.append(("work", duration(working), "of all jobs, one after the other"))
    if own + emulated > 0:
        rows.append(
            ("emulated", f"{emulated / (own + emulated):.0%}", f"of {duration(own + emulated)} of CPU time")
        )
    kept = sum(job.kept for job in report.jobs)
    if kept:
        rows.append(("kept", str(kept), "built by an earlier run from the same"))
    return rows


def _matrix(report: Report) -> tuple[list[str], list[tuple[str, list[_Cell | None]]]]:
    """Platforms, and for each Python its jobs by platform."""
    cells = {_split(job.identifier): _Cell(number, job) for number, job in enumerate(report.jobs)}
    platforms = list(dict.fromkeys(platform for _, platform in cells))
    pythons = sorted({python for python, _ in cells}, key=_age)  # shards come in any order
    return platforms, [
        (python, [cells.get((python, platform)) for platform in platforms]) for python in pythons
    ]


def _split(identifier: str) -> tuple[str, str]:
    python, _, platform = identifier.partition("-")
    return python, platform


def _age(python: str) -> tuple[str, int, int, str]:
    """``cp39`` before ``cp311``."""
    found = re.fullmatch(r"([a-z]+)([0-9])([0-9]{1,3})(.*)", python)
    return (found[1], int(found[2]), int(found[3]), found[4]) if found else (python, 0, 0, "")


def _stacked(longest: list[tuple[int, JobReport]]) -> dict[int, tuple[charts.Segment, ...]]:
    whole = max((sum(step.seconds for step in job.steps) for _, job in longest), default=0.0)
    return {number: charts.stacked(job, whole) for number, job in longest}


def _cpu(report: Report) -> list[_Cpu]:
    """By platform, the most emulated first."""
    by_platform: dict[str, list[JobReport]] = {}
    for job in report.jobs:
        by_platform.setdefault(_split(job.identifier)[1], []).append(job)
    sums = {name: charts.cpu(jobs) for name, jobs in by_platform.items()}
    most = max((own + emulated for own, emulated in sums.values()), default=0.0)
    rows = [
        _Cpu(name, own, emulated, own / most * 100, emulated / most * 100)
        for name, (own, emulated) in sums.items()
        if own + emulated > 0
    ]
    return sorted(rows, key=lambda row: -row.emulated)


def _slowest(report: Report) -> list[tuple[int, JobReport, Step]]:
    steps = [(number, job, step) for number, job in enumerate(report.jobs) for step in job.steps]
    return sorted(steps, key=lambda row: -row[2].seconds)[:_SLOWEST]


def _moment(unix: float) -> str:
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _breakable(name: str) -> list[str]:
    """The pieces of a name between which a line may end."""
    return name.replace("-", "-\0").replace("_", "_\0").replace(".", ".\0").split("\0")
