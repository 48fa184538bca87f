"""What would make the next run faster: a sentence for each thing that took long, from a table of rules."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from crosswheel.report.run.values import JobReport, Report, Step
from crosswheel.report.text import count, duration

_LEAST = 15.0  # seconds: less is not worth a person's time
_MOSTLY = 0.5  # a step is called emulated when this part of its CPU time was QEMU's


@dataclass(frozen=True)
class Advice:
    """Something to do.

    :param seconds: what it is about, summed over the jobs.
    :param why: why it is so.
    """

    seconds: float
    sentence: str
    why: str


@dataclass(frozen=True)
class Slow:
    """Steps of one job that a rule is about.

    :param share: of the job's time, 0 to 1.
    """

    job: JobReport
    seconds: float
    share: float


@dataclass(frozen=True)
class Rule:
    """When a job's steps are worth a sentence, and which.

    :param steps: those that are meant.
    :param share: of a job's time that they take at least.
    :param emulated: whether only emulated steps count.
    :param what: what took long, the beginning of a sentence.
    :param remedy: the end of it, made from the jobs, the slowest first.
    """

    steps: tuple[str, ...]
    share: float
    emulated: bool
    what: str
    remedy: Callable[[Sequence[Slow]], str]
    why: str


def advice(report: Report) -> tuple[Advice, ...]:
    """What to do about the time that the jobs took, the longest first."""
    found = [told for rule in RULES if (told := _by(rule, report.jobs))]
    return tuple(sorted((*found, *_few_at_once(report), *_alone(report)), key=lambda one: -one.seconds))


def _mended(slow: Sequence[Slow]) -> str:
    """What to do where a slower engine served: whatever stopped the faster one."""
    job = slow[0].job
    downs = (*job.step_downs, *job.skipped)
    if downs:
        return f"mend what stopped the {downs[0].engine} engine ({downs[0].reason})"
    return "build with --engine auto, which begins with the fastest engine"


RULES: tuple[Rule, ...] = (
    Rule(
        ("test",), 0.4, True, "the tests",
        lambda _: "run fewer of them there (test-command in an override), or leave some targets out (test-skip)",
        "emulated code runs several times slower, and a short test shows as well that a wheel works on its target",
    ),
    Rule(
        ("before-build", "build"), 0.3, True, "the build", _mended,
        "a compiler of this machine makes the same code several times faster than an emulated one",
    ),
    Rule(
        ("before-all",), 0.2, True, "before-all",
        lambda _: "install less in it: what only compiles is there already",
        "it runs in the target's root, new for each job, and its programs are emulated",
    ),
    Rule(
        ("requirements",), 0.3, False, "installing what the build requires",
        lambda _: "see that it has wheels for the build's Python (a version that is not too new)",
        "a requirement without a wheel is built first, for every job anew",
    ),
    Rule(
        ("fetch",), 0.3, False, "fetching",
        lambda _: "keep the cache between runs (on GitHub with actions/cache)",
        "roots, compilers and QEMU are fetched once for as long as the cache is there",
    ),
)  # fmt: skip


def _by(rule: Rule, jobs: Iterable[JobReport]) -> Advice | None:
    slow = [one for job in jobs if (one := _slow(rule, job)).seconds >= _LEAST and one.share >= rule.share]
    if not slow:
        return None
    slow.sort(key=lambda one: -one.seconds)
    first, total = slow[0], sum(one.seconds for one in slow)
    others = len(slow) - 1
    also = f" (and {count(others, 'other')} likewise, {duration(total)} in all)" if others else ""
    how = " under emulation" if rule.emulated else ""
    sentence = (
        f"{rule.what} of {first.job.identifier} took {duration(first.seconds)}{how}, "
        f"{first.share:.0%} of the job{also}: {rule.remedy(slow)}"
    )
    return Advice(total, sentence[0].upper() + sentence[1:], rule.why)


def _slow(rule: Rule, job: JobReport) -> Slow:
    seconds = sum(step.seconds for step in job.steps if step.step in rule.steps and _counts(rule, step))
    return Slow(job, seconds, min(1.0, seconds / job.seconds) if job.seconds > 0 else 0.0)


def _counts(rule: Rule, step: Step) -> bool:
    return not rule.emulated or step.emulated >= _MOSTLY


def _few_at_once(report: Report) -> Iterable[Advice]:
    for run in report.runs:
        jobs = sum(1 for job in report.jobs if report.runs[job.run] is run and job.steps)
        if run.at_once < min(run.machine.cores, jobs) and run.seconds >= _LEAST:
            yield Advice(
                run.seconds * (1 - run.at_once / min(run.machine.cores, jobs)),
                f"{count(run.at_once, 'job')} at once ran on {run.machine.cores} cores: build with --jobs auto",
                "much of a job waits or uses one core",
            )


def _alone(report: Report) -> Iterable[Advice]:
    """Where the longest job runs on when all others have ended, more places do not help."""
    for number, run in enumerate(report.runs):
        ends = sorted(
            (job.began + job.seconds, job.identifier)
            for job in report.jobs
            if job.run == number and job.began is not None
        )
        if run.at_once > 1 and len(ends) > run.at_once:
            waited = ends[-1][0] - ends[-2][0]
            if waited >= max(_LEAST, run.seconds / 4):
                yield Advice(
                    waited,
                    f"{ends[-1][1]} ran alone for the last {duration(waited)}: make that job shorter, "
                    "or build it on a machine of its own (--only)",
                    "a run ends with its longest job, however many go at once",
                )
