"""Reports as data: made from events, written and read by a schema, merged, kept."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import report_maker as make
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from crosswheel.errors import ConfigurationError, StepError, VerificationError
from crosswheel.events import (
    EmulatorFound,
    EngineChosen,
    Event,
    JobFinished,
    JobStarted,
    RunFinished,
    RunStarted,
    StepFinished,
)
from crosswheel.model import Limited, Outcome, Project, StepDown, StepTime, Wheel
from crosswheel.report.page import render
from crosswheel.report.run import form, keeping, merge
from crosswheel.report.run.keeping import Keeping
from crosswheel.report.run.ledger import Ledger
from crosswheel.report.run.values import Machine, Report, Run, Step
from crosswheel.store import Store

SCHEMA = Draft7Validator(form.schema())
ONE, TWO, THREE = (f"cp31{minor}-manylinux_aarch64" for minor in (1, 2, 3))
MACHINE = Machine(2, 16_000_000_000, "6.18.5")
PROJECT = Project(Path("/p"), Path("/p"), "/p")


def written(path: Path, report: Report) -> Path:
    path.write_text(form.to_json(report), encoding="utf-8")
    return path


def faults(path: Path, document: object) -> list[str]:
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        form.read(path)
    return [f"{fault.place}: {fault.problem}".replace(str(path), "FILE") for fault in raised.value.faults]


# form


def test_the_schema_in_the_package_is_the_one_that_the_values_make() -> None:
    committed = files("crosswheel.report.run") / "report.schema.json"
    assert committed.read_text() == form.text(), "run tools/make-schema"
    Draft7Validator.check_schema(form.schema())


@pytest.mark.parametrize("report", [make.report(), make.hostile(), Report("1", "p", (), ())])
def test_a_report_that_was_written_is_valid_and_reads_as_it_was(report: Report, tmp_path: Path) -> None:
    path = written(tmp_path / "report.json", report)
    SCHEMA.validate(json.loads(path.read_text()))
    assert form.read(path) == report


@given(st.builds(Step, st.text(), *[st.floats(0, 1e9)] * 4, *[st.integers(0)] * 3), st.text())
def test_whatever_a_build_says_comes_back_from_json(step: Step, note: str) -> None:
    job = replace(make.job(ONE), steps=(step,), notes=(note,))
    document = json.loads(form.to_json(replace(make.report(), jobs=(job,))))
    SCHEMA.validate(document)
    assert document["jobs"][0]["notes"] == [note]


def test_a_report_of_another_version_is_refused_with_a_sentence(tmp_path: Path) -> None:
    assert faults(tmp_path / "r", {"schema_version": 2, "jobs": "otherwise"}) == [
        "FILE: is a report of version 2, and this crosswheel reads version 1"
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is no report: it is not JSON"),
        ("[" * 100_000, "is no report: it is not JSON"),
        ('{"schema_version": NaN}', "is no report: it is not JSON"),
        ("[]", "is no report: it has no schema_version"),
        ('{"schema_version": true}', "is no report: it has no schema_version"),
    ],
)
def test_what_is_no_report_is_refused(text: str, fault: str, tmp_path: Path) -> None:
    assert faults(tmp_path / "r", text) == [f"FILE: {fault}"]
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        form.read(tmp_path / "missing")


def test_all_that_is_wrong_with_a_report_is_told_at_once(tmp_path: Path) -> None:
    document = json.loads(form.to_json(make.report()))
    del document["project"]
    document["runs"][0]["seconds"] = "long"
    document["jobs"][0]["result"] = "lost"
    document["jobs"][1]["steps"][2]["cpu"] = 1e300
    document["jobs"][2]["wheel"] = []
    assert faults(tmp_path / "r", document) == [
        "FILE: project: is missing",
        'FILE: runs[0].seconds: is "long" where a number is wanted',
        'FILE: jobs[0].result: is "lost" where one of passed, failed, interrupted, not begun is wanted',
        "FILE: jobs[1].steps[2].cpu: is 1e+300 where a number is wanted",
        "FILE: jobs[2].wheel: is [] where an object is wanted",
    ]


def test_a_job_of_a_run_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    document = json.loads(form.to_json(make.report()))
    document["jobs"][3]["run"] = 1
    assert faults(tmp_path / "r", document) == ["FILE: jobs[3].run: is 1, and there are 1 runs"]


def test_keys_that_a_later_crosswheel_adds_do_no_harm(tmp_path: Path) -> None:
    document = {**json.loads(form.to_json(make.report())), "colour": "green"}
    path = tmp_path / "r"
    path.write_text(json.dumps(document))
    assert form.read(path) == make.report()


# ledger


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ledger_of(*script: tuple[float, Event]) -> tuple[Ledger, list[Event]]:
    """A ledger that heard these events, each so many seconds after it was made."""
    clock, heard = Clock(), list[Event]()
    ledger = Ledger(heard.append, clock=clock, unix=lambda: 1.79e9)
    for after, event in script:
        clock.now = 1000.0 + after
        ledger(event)
    return ledger, heard


def outcome(identifier: str, **more: Any) -> Outcome:
    wheel = Wheel(Path("/out/a.whl"), 5, "manylinux_2_17", "abc")
    return Outcome(identifier, "cross", wheel, None, **more)


SCRIPT: tuple[tuple[float, Event], ...] = (
    (0.5, RunStarted((ONE, TWO, THREE))),
    (1.0, JobStarted(ONE, 1, 3, 1)),
    (1.0, JobStarted(TWO, 2, 3, 2)),
    (1.5, EmulatorFound("aarch64", "11.1.2")),
    (2.0, EngineChosen(TWO, "hybrid")),
    (3.0, StepFinished(TWO, "fetch", 0.75)),
    (4.0, JobFinished(outcome(ONE, steps=(StepTime("build", 2.0, began=1001.5),), tested=True))),
    (5.0, JobStarted(THREE, 3, 3, 1)),
)


def test_a_run_that_was_cut_short_is_told_as_far_as_it_went() -> None:
    ledger, heard = ledger_of(*SCRIPT[:-1], (6.0, StepFinished(TWO, "build", 2.5)))
    assert heard[:-1] == [event for _, event in SCRIPT[:-1]]
    report = ledger.report("p", MACHINE, 2)
    assert report.runs == (Run(1.79e9, 6.0, 2, replace(MACHINE, qemu="11.1.2"), interrupted=True),)
    one, two, three = report.jobs
    assert (one.result, one.began, one.seconds, one.slot, one.tested) == ("passed", 1.0, 3.0, 0, True)
    assert one.steps == (Step("build", 1.5, 2.0),)
    assert (two.result, two.engine, two.seconds, two.slot, two.cores) == ("interrupted", "hybrid", 5.0, 1, 2)
    assert two.steps == (Step("fetch", 2.25, 0.75), Step("build", 3.5, 2.5))
    assert (three.result, three.began, three.slot) == ("not begun", None, None)


def test_a_job_takes_the_first_place_that_is_free() -> None:
    ledger, _ = ledger_of(*SCRIPT)
    assert [job.slot for job in ledger.report("p", MACHINE, 2).jobs] == [0, 1, 0]


def test_a_clock_before_its_time_makes_a_report_that_can_be_read(tmp_path: Path) -> None:
    ledger = Ledger(lambda _: None, clock=Clock(), unix=lambda: -5.0)
    ledger(RunStarted((ONE,)))
    ledger(JobStarted(ONE, 1, 1))
    report = ledger.report("p", MACHINE, 1)
    assert form.read(written(tmp_path / "r", report)) == report


def test_a_run_that_ended_is_whole() -> None:
    ledger, _ = ledger_of(*SCRIPT, (9.0, RunFinished((), 8.0)))
    assert not ledger.report("p", MACHINE, 2).runs[0].interrupted


@pytest.mark.parametrize(
    ("error", "cause", "output"),
    [
        (StepError("build", "make", 1, ("\x1b[31mred\x07",), cause="it\x00 fails"), "it fails", ("red",)),
        (VerificationError("a.whl", ("one", "two")), "one\ntwo", ()),
    ],
)
def test_a_failure_is_told_with_its_last_lines_and_without_control_characters(
    error: Any, cause: str, output: tuple[str, ...]
) -> None:
    down = StepDown("cross", "hybrid", "it imports \x1b[1mitself")
    failed = replace(outcome(ONE, step_downs=(down,), log=Path("/l")), wheel=None, failure=error)
    ledger, _ = ledger_of(*SCRIPT[:2], (2.0, JobFinished(failed)))
    job = ledger.report("p", MACHINE, 1).jobs[0]
    assert job.failure is not None
    assert (job.result, job.failure.cause, job.failure.output, job.log) == ("failed", cause, output, "/l")
    assert job.step_downs[0].reason == "it imports itself"


def test_the_limits_of_a_run_and_what_held_them_are_reported() -> None:
    ledger = Ledger(lambda _: None)
    ledger(RunStarted((ONE,), limited=Limited(4_000_000_000, 1800.0, "cgroup v2")))
    ledger(JobStarted(ONE, 1, 1))

    written = json.loads(form.to_json(ledger.report("c-hello", MACHINE, 2)))

    assert written["runs"][0]["limits"] == {"memory": 4_000_000_000, "seconds": 1800.0, "guard": "cgroup v2"}


# merge


def test_shards_are_merged_to_one_report_with_all_their_runs(tmp_path: Path) -> None:
    first, second = make.report(("cp311",)), make.report(("cp313",), began=1.78e9)
    whole = merge.merged({tmp_path / "1": first, tmp_path / "2": second})
    assert whole.runs == (*first.runs, *second.runs)
    assert [(job.identifier, job.run) for job in whole.jobs] == [
        *((job.identifier, 0) for job in first.jobs),
        *((job.identifier, 1) for job in second.jobs),
    ]
    SCHEMA.validate(json.loads(form.to_json(whole)))


@pytest.mark.parametrize("turn", [lambda pair: pair, reversed])
def test_of_two_jobs_of_one_identifier_the_later_one_counts_whatever_their_order(
    turn: Callable[..., Any],
) -> None:
    early, late = make.report(("cp311",), began=1.7e9), make.report(("cp311",), began=1.8e9)
    early = replace(early, jobs=(replace(early.jobs[0], result="failed"), *early.jobs[1:]))
    late = replace(late, jobs=(replace(late.jobs[0], notes=("mine",)), replace(late.jobs[1], began=None)))
    whole = merge.merged(dict(turn([(Path("early"), early), (Path("late"), late)])))
    assert [job.identifier for job in whole.jobs] == [job.identifier for job in early.jobs]
    first, second, *_ = whole.jobs
    assert first.result == "passed"
    note = "the run of 2023-11-14 22:13:20 UTC had it too (failed); this is what the later one says"
    assert first.notes == ("mine", note)
    assert (whole.runs[second.run].began, second.notes) == (1.7e9, ())  # the later one did not begin it


def test_reports_of_several_projects_are_not_merged() -> None:
    a, b, c = make.report(), replace(make.report(), project="b"), replace(make.report(), project="c")
    with pytest.raises(ConfigurationError) as raised:
        merge.merged({Path("a"): a, Path("b"): b, Path("c"): c})
    assert [str(fault.place) for fault in raised.value.faults] == ["b", "c"]


# keeping


@pytest.fixture
def kept(tmp_path: Path) -> Keeping:
    return Keeping(Store(tmp_path / "cache"), PROJECT)


def keep_numbered(kept: Keeping, number: int) -> Path:
    path = kept.keep(make.report(("cp311",), began=1.7e9 + number), f"page {number}")
    os.utime(path, (1_000_000 + number,) * 2)
    return path


def test_the_last_five_reports_of_a_project_are_kept_each_whole(kept: Keeping, tmp_path: Path) -> None:
    paths = [keep_numbered(kept, number) for number in range(7)]
    assert [path.exists() for path in paths] == [False] * 2 + [True] * 5
    assert sorted(path.name for path in paths[-1].iterdir()) == ["report.html", "report.json"]
    assert list((tmp_path / "cache" / "scratch").iterdir()) == []


def test_a_clock_that_was_set_back_costs_no_report_that_was_just_written(kept: Keeping) -> None:
    for number in range(5):
        os.utime(keep_numbered(kept, number), (4e9, 4e9))
    assert keep_numbered(kept, 9).exists()


def test_the_newest_report_with_a_job_in_common_is_the_previous_one(kept: Keeping) -> None:
    assert kept.previous(make.report()) is None
    for number in (1, 2):
        keep_numbered(kept, number)
    found = kept.previous(make.report())
    assert found is not None
    assert found.runs[0].began == 1.7e9 + 2
    assert kept.previous(make.report(("cp315",))) is None


def test_a_kept_report_that_cannot_be_read_is_passed_over(kept: Keeping) -> None:
    keep_numbered(kept, 1)
    (keep_numbered(kept, 2) / "report.json").write_text('{"schema_version": 99}')
    found = kept.previous(make.report())
    assert found is not None
    assert found.runs[0].began == 1.7e9 + 1


def test_a_report_replaces_an_older_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    for page in ("old", "new \udc80"):
        keeping.write(tmp_path / "report", make.report(), page)
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["report.html", "report.json"]
    assert (tmp_path / "report" / "report.html").read_text() == "new \\udc80"


def test_the_report_of_five_hundred_jobs_has_them_all(kept: Keeping) -> None:
    report = make.report([f"cp3{minor}" for minor in range(50)], [f"arch{number}" for number in range(10)])
    assert len(report.jobs) == 500
    keep_numbered(kept, 1)
    page = render(report, kept.previous(report))
    kept.keep(report, page)
    assert all(job.identifier in page for job in report.jobs)
