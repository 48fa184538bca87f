"""A run beside the one before it: what became faster, larger, or another result."""

from dataclasses import dataclass

from crosswheel.report.run.values import JobReport, Report
from crosswheel.report.text import NO_BREAK, duration, size

_NOISE = 0.05  # two runs of the same differ by so much
_LEAST = 0.5  # seconds; less is noise whatever part it is


@dataclass(frozen=True)
class Change:
    """A job in two runs.

    :param time: ``12.0 s → 9.0 s``; ``faster``, ``slower`` or nothing is the trend.
    :param wheel: the sizes of its wheel; empty where there is none now.
    :param result: a sentence where it ended otherwise; else empty.
    """

    identifier: str
    time: str
    percent: str
    trend: str
    wheel: str
    result: str


@dataclass(frozen=True)
class Comparison:
    """Two runs.

    :param before: Unix time of the earlier one.
    :param changes: jobs of both, those first that ended otherwise.
    :param added: identifiers that the earlier one did not have; ``gone`` those that this one does not have.
    """

    before: float
    changes: tuple[Change, ...]
    added: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def otherwise(self) -> tuple[Change, ...]:
        """The jobs that ended otherwise than before."""
        return tuple(change for change in self.changes if change.result)


def compared(report: Report, previous: Report) -> Comparison:
    """What is different from the previous report."""
    now = {job.identifier: job for job in report.jobs if job.began is not None}
    then = {job.identifier: job for job in previous.jobs if job.began is not None}
    changes = [_change(then[name], job) for name, job in now.items() if name in then]
    return Comparison(
        max(run.began for run in previous.runs),
        tuple(sorted(changes, key=lambda change: not change.result)),
        tuple(name for name in now if name not in then),
        tuple(name for name in then if name not in now),
    )


def _change(before: JobReport, now: JobReport) -> Change:
    percent, trend = _trend(before.seconds, now.seconds)
    times = f"{_took(before)} → {_took(now)}"
    result = f"{before.result} before, {now.result} now" if before.result != now.result else ""
    return Change(now.identifier, times, percent, trend, _sizes(before, now), result)


def _took(job: JobReport) -> str:
    kept = f"{NO_BREAK}(kept)" if job.kept else ""
    return duration(job.seconds).replace(" ", NO_BREAK) + kept


def _trend(before: float, now: float) -> tuple[str, str]:
    part = (now - before) / before if before > 0 else 0.0
    if abs(part) < _NOISE or abs(now - before) < _LEAST:
        return "about the same", ""
    return f"{abs(part):.0%} {'slower' if part > 0 else 'faster'}", "slower" if part > 0 else "faster"


def _sizes(before: JobReport, now: JobReport) -> str:
    if now.wheel is None:
        return ""
    shown = size(now.wheel.size).replace(" ", NO_BREAK)
    if before.wheel is None:
        return shown
    if before.wheel.sha256 and before.wheel.sha256 == now.wheel.sha256:
        return f"{shown}, the same bytes"
    if before.wheel.size == now.wheel.size:
        return f"{shown}, other bytes"
    return f"{size(before.wheel.size).replace(' ', NO_BREAK)} → {shown}"
