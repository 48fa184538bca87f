"""Times as bars: where each begins and how long it is, in hundredths of the whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from crosswheel.report.run.values import JobReport, Report, Run, Step
from crosswheel.report.text import clock, duration

# What a step is for. There are few colours that all people can tell apart, on both backgrounds.
FAMILIES = {
    "set-up": ("fetch", "prepare"),
    "requirements": ("before-all", "before-build", "requirements"),
    "build": ("build",),
    "checks": ("repair", "verify", "audit"),
    "test": ("test",),
}
_FAMILY = {step: family for family, steps in FAMILIES.items() for step in steps}
_STRIPED = 0.5  # the part of a step's CPU time that was QEMU's, from which it is drawn striped
_TOLD = 0.2  # from which it is told
_NARROWEST = 0.15  # hundredths: a bar is seen, however short it is
_TICKS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400)  # seconds
_MOST_TICKS = 6


@dataclass(frozen=True)
class Segment:
    """A part of a bar.

    :param at: where it begins, and :param wide: how wide it is, both in hundredths of the whole.
    :param family: what it is for, which is its colour.
    """

    at: float
    wide: float
    family: str
    striped: bool
    text: str


@dataclass(frozen=True)
class Bar:
    """A job on the timeline: as :class:`Segment`, with its steps in hundredths of itself."""

    at: float
    wide: float
    number: int
    job: JobReport
    steps: tuple[Segment, ...]

    @property
    def label(self) -> str:
        """What tells it from others where there is little room: ``cp311-aarch64``."""
        return self.job.identifier.replace("manylinux_", "").replace("musllinux_", "musl_")


@dataclass(frozen=True)
class Tick:
    """A time on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Timeline:
    """What ran when in a run.

    :param lanes: a row of bars for each place.
    """

    run: Run
    ticks: tuple[Tick, ...]
    lanes: tuple[tuple[Bar, ...], ...]


def family(step: str) -> str:
    """What a step is for; a step of a later crosswheel is ``other``."""
    return _FAMILY.get(step, "other")


def timelines(report: Report) -> list[Timeline]:
    """One for each run."""
    return [_timeline(report, number) for number in range(len(report.runs))]


def _timeline(report: Report, number: int) -> Timeline:
    run = report.runs[number]
    ran = [
        (index, job) for index, job in enumerate(report.jobs) if job.run == number and job.began is not None
    ]
    end = max([run.seconds, *((job.began or 0.0) + job.seconds for _, job in ran)])
    lanes: dict[int, list[Bar]] = {}
    for index, job in sorted(ran, key=lambda row: row[1].began or 0.0):
        at, wide = _within(job.began or 0.0, job.seconds, end)
        lanes.setdefault(job.slot or 0, []).append(Bar(at, wide, index, job, _placed(job)))
    return Timeline(run, ticks(end), tuple(tuple(lanes[slot]) for slot in sorted(lanes)))


def _placed(job: JobReport) -> tuple[Segment, ...]:
    """A job's steps where they were in it."""
    began = job.began or 0.0
    return tuple(
        _segment(step, *_within(step.began - began, step.seconds, job.seconds)) for step in job.steps
    )


def stacked(job: JobReport, longest: float) -> tuple[Segment, ...]:
    """A job's steps one after the other.

    :param longest: the seconds of a bar of the whole width.
    """
    result, at = [], 0.0
    for step in job.steps:
        segment = _segment(step, *_within(at, step.seconds, longest))
        result.append(segment)
        at += step.seconds
    return tuple(result)


def _segment(step: Step, at: float, wide: float) -> Segment:
    emulated = f" ({step.emulated:.0%} emulated)" if step.emulated >= _TOLD else ""
    text = f"{step.step} {duration(step.seconds)}{emulated}"
    return Segment(at, wide, family(step.step), step.emulated >= _STRIPED, text)


def _within(at: float, seconds: float, whole: float) -> tuple[float, float]:
    """Hundredths, never outside the whole."""
    if whole <= 0:
        return 0.0, 0.0
    begin = min(max(0.0, at / whole * 100), 100 - _NARROWEST)
    return round(begin, 3), round(min(max(seconds / whole * 100, _NARROWEST), 100 - begin), 3)


def ticks(seconds: float) -> tuple[Tick, ...]:
    """Round times for an axis that ends after so many seconds."""
    last = _TICKS[-1]
    apart = next(
        (one for one in _TICKS if seconds / one <= _MOST_TICKS), last * max(1, int(seconds / last / 5))
    )
    number = int(seconds // apart) if seconds > 0 else 0
    return tuple(
        Tick(round(n * apart / seconds * 100, 3) if n else 0.0, clock(n * apart)) for n in range(number + 1)
    )


def cpu(jobs: Sequence[JobReport]) -> tuple[float, float]:
    """CPU seconds of jobs: this machine's own, and those of QEMU."""
    steps = [step for job in jobs for step in job.steps]
    emulated = sum(step.cpu * min(step.emulated, 1.0) for step in steps)
    return sum(step.cpu for step in steps) - emulated, emulated
