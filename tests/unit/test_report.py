"""What people read of a run: exact text."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import (
    ConfigurationError,
    CrosswheelError,
    Fault,
    ProvisionError,
    StepError,
    VerificationError,
)
from crosswheel.model import (
    Estimate,
    Job,
    Outcome,
    Part,
    Plan,
    Project,
    Python,
    StepDown,
    StepTime,
    Target,
    Wheel,
)
from crosswheel.options import Options
from crosswheel.report import failure, plan_table, summary
from crosswheel.report.text import clean, duration, size

NAME = "markupsafe-3.0.2-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"
BUILT = Outcome(
    "cp311-manylinux_aarch64",
    "hybrid",
    Wheel(Path("wheelhouse") / NAME, 24_123, "manylinux_2_17"),
    None,
    steps=(StepTime("build", 5.0, peak=123_000_000), StepTime("repair", 0.3), StepTime("test", 61.0)),
    step_downs=(StepDown("cross", "hybrid", "the build imports a module of the target"),),
    tested=True,
    floor_note="the root's libstdc++ needs glibc 2.34",
)
FAILED = Outcome(
    "cp313-manylinux_aarch64",
    "emulated",
    None,
    StepError("build", "python -m build", 1, ("cc: error",)),
    steps=(StepTime("build", 1.0),),
    log=Path("/cache/logs/cp313.log"),
)


def test_a_wheel_that_serves_two_targets_is_one_wheel() -> None:
    again = replace(BUILT, identifier="cp312-manylinux_aarch64", reused=True)
    text = summary.render((BUILT, again, FAILED), 67.4, output_dir=Path("wheelhouse"))
    assert "\nok      cp312-manylinux_aarch64  reused    tested  1 min 6 s\n" in text
    assert text.endswith("\n1 of 2 wheels for 2 targets in wheelhouse after 1 min 7 s; 1 failed")


def test_the_summary_says_what_became_of_every_job_and_ends_with_the_total() -> None:
    assert (
        summary.render((BUILT, FAILED), 67.4, output_dir=Path("wheelhouse"))
        == """\
ok      cp311-manylinux_aarch64  hybrid    tested  1 min 6 s
  markupsafe-3.0.2-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl
  24.1 kB, manylinux_2_17
  build 5.0 s, repair 0.3 s, test 1 min 1 s; peak memory 123 MB
  stepped down from cross to hybrid: the build imports a module of the target
  note: the root's libstdc++ needs glibc 2.34
FAILED  cp313-manylinux_aarch64  emulated          1.0 s
  build 1.0 s
  the build step failed with status 1
  log: /cache/logs/cp313.log

1 of 2 wheels in wheelhouse after 1 min 7 s; 1 failed"""
    )


def test_the_summary_of_a_wheel_without_a_test_says_so() -> None:
    outcome = Outcome("cp311-manylinux_aarch64", "cross", BUILT.wheel, None)
    text = summary.render((outcome,), 4.0, output_dir=Path("out"))
    assert text.splitlines()[0] == "ok      cp311-manylinux_aarch64  cross  not tested  0.0 s"
    assert text.splitlines()[-1] == "1 wheel in out after 4.0 s"


def test_the_summary_never_breaks_a_step_from_its_time() -> None:
    steps = tuple(StepTime(f"step-number-{number}", 10.0) for number in range(8))
    outcome = Outcome("cp311-manylinux_aarch64", "cross", None, None, steps=steps)
    lines = summary.render((outcome,), 4.0, output_dir=Path("out"), width=60).splitlines()
    steps_lines = lines[1 : lines.index("")]
    assert len(steps_lines) > 1
    assert all(len(line) <= 60 and line.endswith(("10.0 s,", "10.0 s")) for line in steps_lines)


def test_the_summary_names_every_problem_of_a_wheel_that_may_not_leave() -> None:
    error = VerificationError("a.whl", ("x.so is of x86-64", "y.so needs GLIBC_2.38"))
    text = summary.render((Outcome("id", "cross", None, error),), 1.0, output_dir=Path("out"))
    assert "x.so is of x86-64; y.so needs GLIBC_2.38" in " ".join(text.split())


def test_an_error_is_the_fact_the_cause_and_the_next_step() -> None:
    error = ProvisionError(
        "no mirror answered", cause="the name does not resolve", remedy="check the network"
    )
    assert failure.render(error) == (
        "crosswheel: error: no mirror answered\n  cause: the name does not resolve\n  next: check the network"
    )


def test_an_error_that_knows_only_the_fact_is_one_line() -> None:
    assert failure.render(CrosswheelError("it rains")) == "crosswheel: error: it rains"


def test_every_fault_of_a_configuration_has_a_line_of_its_own() -> None:
    error = ConfigurationError(
        (
            Fault("tool.cibuildwheel.buidl", "there is no such option", "did you mean build?"),
            Fault("CIBW_ARCHS", "'arm' is not an architecture"),
        )
    )
    assert failure.render(error) == (
        "crosswheel: error: tool.cibuildwheel.buidl: there is no such option (did you mean build?)\n"
        "crosswheel: error: CIBW_ARCHS: 'arm' is not an architecture"
    )


def test_a_failed_step_shows_its_command_its_last_lines_and_its_log() -> None:
    error = StepError(
        "build",
        "python -m build",
        -9,
        ("\x1b[31mcc: error\x1b[0m", ""),
        log=Path("/l/build.log"),
        cause="out of memory",
        remedy="give it more",
    )
    assert (
        failure.render(error, label="cp311-manylinux_aarch64  FAILED")
        == """\
cp311-manylinux_aarch64  FAILED: the build step was killed by signal 9
  cause: out of memory
  command: python -m build
  the last lines of its output:
    | cc: error
    |
  whole log: /l/build.log
  next: give it more"""
    )


def test_a_wheel_that_may_not_leave_shows_each_problem_on_a_line() -> None:
    error = VerificationError("a.whl", ("x.so is of x86-64", "y.so needs GLIBC_2.38"), remedy="report it")
    assert (
        failure.render(error)
        == """\
crosswheel: error: a.whl is not a correct wheel for its target
  - x.so is of x86-64
  - y.so needs GLIBC_2.38
  next: report it"""
    )


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("bell\x07 and back\x08", "bell and back"),
        ("a\u202eb", "ab"),
        ("tab\tstop  ", "tab     stop"),
        ("größe 大", "größe 大"),
    ],
)
def test_a_foreign_line_loses_what_could_move_the_cursor(line: str, shown: str) -> None:
    assert clean(line) == shown


def test_sizes_and_times_are_for_people() -> None:
    sizes = [size(n) for n in (0, 999, 1_000, 24_123, 98_400_000, 412_000_000, 1_200_000_000)]
    assert sizes == ["0 bytes", "999 bytes", "1.0 kB", "24.1 kB", "98.4 MB", "412 MB", "1.2 GB"]
    times = [duration(s) for s in (0.04, 59.94, 59.96, 84.2, 7380)]
    assert times == ["0.0 s", "59.9 s", "1 min 0 s", "1 min 24 s", "2 h 3 min"]


def job(minor: int, libc: str = "manylinux") -> Job:
    target = Target(Python("cp", 3, minor), libc, ARCHITECTURES["aarch64"])  # type: ignore[arg-type]
    return Job(target, Options(), ("cross", "hybrid", "emulated"), "debian", (2, 17))


QEMU, ZIG = Part("QEMU 10.0", 30_000_000, False), Part("zig", 100_000_000, True)
ROOT, PYTHON = Part("bookworm root", 250_000_000, False), Part("CPython 3.13", 0, False)
PLAN = Plan(
    Project(Path("/p"), Path("/p"), "."),
    (job(11), job(13)),
    {"cp311-manylinux_aarch64": (QEMU, ZIG, ROOT), "cp313-manylinux_aarch64": (QEMU, ZIG, PYTHON)},
    left_out=(
        ("cp312-manylinux_aarch64", "no source has CPython 3.12: debian has 3.9, 3.11, 3.13, 3.14 and 3.15"),
        ("cp314t-manylinux_aarch64", "debian has no CPython 3.14 without the GIL"),
    ),
)


def test_the_plan_is_a_table_and_a_shared_part_is_counted_once() -> None:
    assert (
        plan_table.render(PLAN)
        == """\
identifier               engines                  source  libc        to fetch
cp311-manylinux_aarch64  cross, hybrid, emulated  debian  glibc 2.17  280 MB
cp313-manylinux_aarch64  cross, hybrid, emulated  debian  glibc 2.17  30.0 MB + 1 part of unknown size

who can install the wheels, each or newer:
  manylinux_2_17: pip 19.3, Debian 8, Ubuntu 14.04, RHEL 7, Amazon Linux 2

to fetch, each once:
  QEMU 10.0      30.0 MB
  bookworm root  250 MB
  CPython 3.13   size not known

2 wheels to build, 280 MB + 1 part of unknown size to fetch

left out:
  cp312-manylinux_aarch64   no source has CPython 3.12: debian has 3.9, 3.11,
                            3.13, 3.14 and 3.15
  cp314t-manylinux_aarch64  debian has no CPython 3.14 without the GIL"""
    )


def test_a_plan_with_all_parts_at_hand_fetches_nothing() -> None:
    musl = replace(job(11, "musllinux"), floor=(1, 2))
    plan = Plan(PLAN.project, (musl,), {"cp311-musllinux_aarch64": (ZIG,)})
    assert json.loads(plan_table.to_json(plan))["jobs"][0]["glibc_floor"] is None
    assert (
        plan_table.render(plan)
        == """\
identifier               engines                  source  libc      to fetch
cp311-musllinux_aarch64  cross, hybrid, emulated  debian  musl 1.2  nothing

who can install the wheels, each or newer:
  musllinux_1_2: pip 21.2, Alpine 3.13

1 wheel to build, nothing to fetch"""
    )


def test_a_ladder_that_begins_below_its_top_says_why() -> None:
    cut = replace(job(11), ladder=("hybrid", "emulated"), skipped=(StepDown("cross", "hybrid", "it ran x"),))
    plan = Plan(PLAN.project, (cut,))
    assert (
        plan_table.render(plan)
        == """\
identifier               engines           source  libc        to fetch
cp311-manylinux_aarch64  hybrid, emulated  debian  glibc 2.17  nothing

cp311-manylinux_aarch64 begins at hybrid: cross failed before, it ran x
--engine NAME tries one again

who can install the wheels, each or newer:
  manylinux_2_17: pip 19.3, Debian 8, Ubuntu 14.04, RHEL 7, Amazon Linux 2

1 wheel to build, nothing to fetch"""
    )
    assert json.loads(plan_table.to_json(plan))["jobs"][0]["engines_skipped"] == [
        {"engine": "cross", "reason": "it ran x"}
    ]


def test_notes_of_the_wheel_are_in_the_summary_and_those_of_a_failure_are_not() -> None:
    noted = replace(BUILT, notes=("debug information is still in _x.so",), floor_note="")
    text = summary.render((noted, replace(FAILED, notes=("of no wheel",))), 1, output_dir=Path("w"))
    assert "  note: debug information is still in _x.so\n" in text
    assert "of no wheel" not in text


def test_the_summary_says_which_engine_was_left_out() -> None:
    outcome = replace(BUILT, step_downs=(), skipped=BUILT.step_downs)
    text = summary.render((outcome,), 1, output_dir=Path("wheelhouse"), width=200)
    assert "cross was left out, since it failed before: the build imports a module of the target\n" in text


def test_the_plan_as_json_has_the_documented_keys() -> None:
    document = json.loads(plan_table.to_json(PLAN))
    assert list(document) == [
        "schema_version",
        "project",
        "jobs",
        "takes",
        "to_fetch",
        "left_out",
        "warnings",
    ]
    assert document["schema_version"] == 1
    assert document["project"] == {"label": ".", "path": "/p"}
    assert document["to_fetch"] == {
        "bytes": 280_000_000,
        "unknown": 1,
        "parts": ["QEMU 10.0", "bookworm root", "CPython 3.13"],
    }
    assert document["left_out"][0]["identifier"] == "cp312-manylinux_aarch64"
    assert document["jobs"][1] == {
        "identifier": "cp313-manylinux_aarch64",
        "python": "cp313",
        "libc": "manylinux",
        "architecture": "aarch64",
        "engines": ["cross", "hybrid", "emulated"],
        "engines_skipped": [],
        "source": "debian",
        "source_reason": "",
        "glibc_floor": "2.17",
        "installable": {
            "policy": "manylinux_2_17",
            "pip": "19.3",
            "systems": ["Debian 8", "Ubuntu 14.04", "RHEL 7", "Amazon Linux 2"],
        },
        "parts": [
            {"name": "QEMU 10.0", "bytes": 30_000_000, "present": False},
            {"name": "zig", "bytes": 100_000_000, "present": True},
            {"name": "CPython 3.13", "bytes": None, "present": False},
        ],
        "seconds": None,
        "kept": False,
    }
    assert document["takes"] == {"seconds": None, "jobs_at_once": 1}


def test_a_plan_tells_how_long_it_may_take_where_earlier_runs_do() -> None:
    first, second = (job.identifier for job in PLAN.jobs)
    some = plan_table.render(PLAN, Estimate({first: 75.0}, None, 2)).splitlines()
    assert [line.split()[-1] for line in some[:3]] == ["takes", "s", "-"]
    assert not any("as earlier runs tell" in line for line in some)
    all_known = plan_table.render(PLAN, Estimate({first: 75.0, second: 5.0}, 75.0, 2))
    assert "to fetch; about 1 min 15 s, 2 at once, as earlier runs tell" in all_known
    assert "takes" not in plan_table.render(PLAN)
