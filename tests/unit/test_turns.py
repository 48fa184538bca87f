"""Jobs that run beside each other are told in turns, a step at a time."""

import io

from hypothesis import given
from hypothesis import strategies as st

from crosswheel.events import Event, JobFinished, JobStarted, Printed, RunFinished, StepFinished, StepStarted
from crosswheel.model import Outcome
from crosswheel.report.folding import GITHUB
from crosswheel.report.plain import PlainReporter
from crosswheel.report.turns import Turns


def story(job: str, steps: int = 2) -> list[Event]:
    """All that a job says."""
    events: list[Event] = [JobStarted(job, 1, 2)]
    for step in map(str, range(steps)):
        events += [StepStarted(job, step), Printed(job, f"{job}{step}"), StepFinished(job, step, 1.0)]
    return [*events, JobFinished(Outcome(job, "cross", None, None))]


def told(events: list[Event]) -> list[Event]:
    turns = Turns()
    return [event for number, each in enumerate(events) for event, _ in turns.admit(each, float(number))]


def test_what_a_job_says_during_anothers_step_comes_after_it() -> None:
    a, b = story("a", 1), story("b", 1)
    mixed = [a[0], a[1], b[0], b[1], b[2], a[2], b[3], a[3], a[4], b[4]]
    assert told(mixed) == [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3], a[4], b[4]]


def test_what_serves_all_jobs_is_told_at_once() -> None:
    shared = StepStarted("", "fetch", "zig")
    assert told([StepStarted("a", "fetch"), shared]) == [StepStarted("a", "fetch"), shared]


@given(st.lists(st.sampled_from("abc"), min_size=60, max_size=90))
def test_nothing_is_lost_each_job_is_told_in_order_and_steps_never_overlap(order: list[str]) -> None:
    waiting = {job: story(job, 3) for job in "abc"}
    mixed = [waiting[job].pop(0) for job in order if waiting[job]]
    mixed += [event for rest in waiting.values() for event in rest]
    result = told([*mixed, RunFinished((), 1.0)])
    assert result[-1] == RunFinished((), 1.0)
    for job in "abc":
        own = [e for e in result[:-1] if getattr(e, "identifier", "") == job or getattr(e, "outcome", None)]
        assert [e for e in own if not isinstance(e, JobFinished) or e.outcome.identifier == job] == story(
            job, 3
        )
    open_step = ""
    for event in result:
        if isinstance(event, StepStarted):
            assert not open_step
            open_step = event.identifier
        elif isinstance(event, Printed):
            assert event.identifier == open_step
        elif isinstance(event, StepFinished):
            open_step = ""


def lines(events: list[Event], **settings: object) -> list[str]:
    stream = io.StringIO()
    with PlainReporter(stream, verbose=True, clock=lambda: 0.0, **settings) as show:  # type: ignore[arg-type]
        for event in events:
            show(event)
    return [line.removeprefix("[   0.0s] ") for line in stream.getvalue().splitlines()]


def test_groups_of_two_jobs_follow_each_other() -> None:
    a, b = story("a", 1), story("b", 1)
    found = lines([a[1], b[1], a[2], b[2], b[3], a[3]], dialect=GITHUB)
    assert found == [
        "::group::a  0", "  | a0", "::endgroup::", "a  0 done in 1.0 s",
        "::group::b  0", "  | b0", "::endgroup::", "b  0 done in 1.0 s",
    ]  # fmt: skip


def test_without_groups_a_line_of_output_names_its_job_where_several_run() -> None:
    a, b = story("a", 1), story("b", 1)
    assert lines([a[1], a[2], b[1], a[2], b[2]]) == ["a  0 ...", "  | a0", "b  0 ...", "a  | a0", "b  | b0"]
