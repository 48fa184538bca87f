"""The readers of events: lines with times, and the live view."""

import io
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crosswheel.errors import StepError
from crosswheel.events import (
    Downloading,
    EngineChosen,
    Event,
    JobFinished,
    JobStarted,
    Noted,
    Printed,
    RunFinished,
    RunStarted,
    StepFinished,
    SteppedDown,
    StepStarted,
    Used,
)
from crosswheel.model import Estimate, Outcome, StepDown, Wheel
from crosswheel.report.outlook import Outlook
from crosswheel.report.plain import PlainReporter
from crosswheel.report.reporter import reporter
from crosswheel.report.terminal import TerminalReporter

ID = "cp311-manylinux_aarch64"
OK = Outcome(ID, "cross", Wheel(Path("wheelhouse/a-1-cp311-cp311-linux.whl"), 24_100, "manylinux_2_17"), None)
RUN: tuple[Event, ...] = (
    RunStarted((ID,)),
    StepStarted("", "fetch", "QEMU 10.0"),
    StepFinished("", "fetch", 2.0),
    JobStarted(ID, 1, 1),
    EngineChosen(ID, "cross"),
    StepStarted(ID, "build", "python -m build"),
    Printed(ID, "\x1b[31mcc -c a.c\x1b[0m"),
    StepFinished(ID, "build", 5.0),
    SteppedDown(ID, StepDown("cross", "hybrid", "it ran a target program")),
    StepStarted(ID, "test"),
    Noted("QEMU 7.2 is old", warning=True, identifier=ID),
    StepFinished(ID, "test", 1.0),
    JobFinished(OK),
    RunFinished((OK,), 8.0),
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def plain(*, verbose: bool = False) -> tuple[PlainReporter, io.StringIO, Clock]:
    stream, clock = io.StringIO(), Clock()
    return PlainReporter(stream, verbose=verbose, clock=clock), stream, clock


def test_every_line_in_a_pipe_has_its_time_its_job_and_its_step() -> None:
    progress, stream, clock = plain()
    for event in RUN:
        clock.now += 1
        progress(event)
    assert (
        stream.getvalue()
        == """\
[   1.0s] 1 wheel to build
[   2.0s] fetch: QEMU 10.0 ...
[   3.0s] fetch done in 2.0 s
[   4.0s] cp311-manylinux_aarch64  1 of 1
[   6.0s] cp311-manylinux_aarch64  build (cross): python -m build ...
[   8.0s] cp311-manylinux_aarch64  build (cross) done in 5.0 s
[   9.0s] cp311-manylinux_aarch64  cross steps down to hybrid: it ran a target program
[  10.0s] cp311-manylinux_aarch64  test ...
[  11.0s] cp311-manylinux_aarch64  warning: QEMU 7.2 is old
[  12.0s] cp311-manylinux_aarch64  test done in 1.0 s
[  13.0s] cp311-manylinux_aarch64  ok: a-1-cp311-cp311-linux.whl (24.1 kB)
"""
    )


def test_verbose_shows_what_the_commands_write_without_its_colours() -> None:
    progress, stream, _ = plain(verbose=True)
    progress(Printed(ID, "\x1b[31mcc -c a.c\x1b[0m"))
    assert stream.getvalue() == "[   0.0s]   | cc -c a.c\n"


def test_a_failed_job_shows_the_last_lines_of_its_output() -> None:
    progress, stream, _ = plain()
    error = StepError("build", "make", 2, ("cc: error",), log=Path("/l/b.log"))
    progress(JobFinished(Outcome(ID, "cross", None, error)))
    assert (
        stream.getvalue()
        == """\
[   0.0s] cp311-manylinux_aarch64  FAILED: the build step failed with status 2
  command: make
  the last lines of its output:
    | cc: error
  whole log: /l/b.log
"""
    )


def test_a_failed_step_is_not_said_to_be_done() -> None:
    progress, stream, _ = plain()
    progress(StepFinished(ID, "build", 5.0, ok=False))
    assert stream.getvalue() == f"[   0.0s] {ID}  build failed after 5.0 s\n"
    assert re.search(r"(✗|no) build +5\.0 s", text(screen(StepFinished(ID, "build", 5.0, ok=False))))


def test_a_step_that_is_silent_for_a_minute_is_said_to_run_still() -> None:
    progress, stream, clock = plain()
    progress(EngineChosen(ID, "cross"))
    progress(StepStarted(ID, "build"))
    for clock.now in (30.0, 59.0, 60.0, 90.0, 120.0):
        progress.tick()
    assert stream.getvalue().splitlines()[1:] == [
        "[  60.0s] cp311-manylinux_aarch64  build (cross) still runs after 1 min 0 s, silent for 1 min 0 s",
        "[ 120.0s] cp311-manylinux_aarch64  build (cross) still runs after 2 min 0 s, silent for 2 min 0 s",
    ]


def test_the_heartbeat_shows_the_last_line_of_a_step_that_is_not_silent() -> None:
    progress, stream, clock = plain()
    progress(StepStarted(ID, "build"))
    clock.now = 50.0
    progress(Printed(ID, "cc -c b.c"))
    clock.now = 61.0
    progress.tick()
    assert stream.getvalue().splitlines()[1:] == [
        "[  61.0s] cp311-manylinux_aarch64  build still runs after 1 min 1 s; it last wrote: cc -c b.c"
    ]


def test_nothing_is_said_of_a_step_that_ended_with_its_job() -> None:
    progress, stream, clock = plain()
    progress(StepStarted(ID, "build"))
    progress(JobFinished(OK))
    clock.now = 600.0
    progress.tick()
    assert "still" not in stream.getvalue()


def test_a_long_download_has_a_line_every_ten_seconds() -> None:
    progress, stream, clock = plain()
    for clock.now in (0.0, 5.0, 10.0, 12.0, 21.0):
        progress(Downloading("zig", int(clock.now * 1_000_000), 98_000_000))
    assert stream.getvalue() == (
        "[  10.0s] fetching zig: 10.0 MB of 98.0 MB\n[  21.0s] fetching zig: 21.0 MB of 98.0 MB\n"
    )


def test_the_heartbeat_ends_with_its_block() -> None:
    stream = io.StringIO()
    with reporter(stream, interactive=False, color=True) as progress:
        progress(RunStarted((ID,)))
    stream.close()  # a thread that still ran would write to it
    assert isinstance(progress, PlainReporter)
    assert not progress._timer.is_alive()


def screen(*events: Event, color: bool = True, width: int = 80, verbose: bool = False) -> str:
    stream = io.StringIO()
    with reporter(stream, interactive=True, color=color, width=width, verbose=verbose) as progress:
        assert isinstance(progress, TerminalReporter)
        for event in events:
            progress(event)
        time.sleep(0.2)  # longer than a refresh
    return stream.getvalue()


def text(output: str) -> str:
    return re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", output).replace("\r", "\n")


def test_the_live_view_shows_the_running_step_and_its_last_line() -> None:
    shown = text(screen(EngineChosen(ID, "cross"), StepStarted(ID, "build"), Printed(ID, "cc -c a.c")))
    assert f"{ID}  build (cross)" in shown
    assert "    cc -c a.c" in shown
    assert "0:00" in shown


def test_the_live_view_never_wraps_a_line() -> None:
    shown = text(screen(StepStarted(ID, "build"), Printed(ID, "x" * 500), width=80))
    assert max(map(len, shown.splitlines())) <= 76  # with room for an echoed ^C


def test_the_live_view_shows_how_far_downloads_are() -> None:
    shown = text(screen(StepStarted("", "fetch"), Downloading("zig", 40_000_000, 98_000_000)))
    assert "40.0 MB of 98.0 MB  zig" in shown


def test_finished_steps_stay_above_the_live_view() -> None:
    shown = text(screen(*RUN))
    assert re.search(r"build \(cross\) +5\.0 s  python -m build\n", shown)
    assert re.search(r"cross (→|->) hybrid: it ran a target program\n", shown)
    assert "warning: QEMU 7.2 is old\n" in shown
    assert "a-1-cp311-cp311-linux.whl\n" in shown


def test_output_of_commands_scrolls_only_when_asked_for() -> None:
    step: tuple[Event, ...] = (
        StepStarted(ID, "build"),
        *(Printed(ID, f"line {number}") for number in range(3)),
    )
    assert "line 0\n" not in text(screen(*step))
    assert "    line 0\n" in text(screen(*step, verbose=True))


def test_the_cursor_is_back_when_the_run_is_cut_short() -> None:
    stream = io.StringIO()
    with (
        pytest.raises(KeyboardInterrupt),
        reporter(stream, interactive=True, color=True, width=80) as progress,
    ):
        progress(StepStarted(ID, "build"))
        raise KeyboardInterrupt
    assert stream.getvalue().rindex("\x1b[?25h") > stream.getvalue().rindex("\x1b[?25l")


def test_no_colour_is_used_where_none_is_wanted() -> None:
    colours = re.compile(r"\x1b\[(?:\d+;)*3[0-8]")
    assert colours.search(screen(*RUN, color=True))
    assert not colours.search(screen(*RUN, color=False))


def test_rich_is_not_imported_where_lines_are_written() -> None:
    program = (
        "import sys, crosswheel.report.reporter as r\n"
        "r.reporter(sys.stderr, interactive=False, color=False)\n"
        "sys.exit('rich' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# how far a run is

NAMES = ("cp311-x", "cp312-x", "cp313-x", "cp314-x")


def done(identifier: str) -> JobFinished:
    return JobFinished(Outcome(identifier, "cross", None, None))


def outlook(estimate: Estimate, *script: tuple[float, Event]) -> Outlook:
    outlook = Outlook()
    for now, event in ((0.0, RunStarted(NAMES, estimate)), *script):
        outlook.see(event, now)
    return outlook


def test_the_rest_of_a_run_is_what_its_open_jobs_still_take_at_so_many_at_once() -> None:
    known = Estimate(dict.fromkeys(NAMES, 20.0), 40.0, 2)
    assert outlook(known).line(0.0) == "0 of 4 wheels done, about 0:40 to go"
    begun = [(0.0, JobStarted(name, 1, 4)) for name in NAMES[:2]]
    assert outlook(known, *begun).line(10.0) == "0 of 4 wheels done, about 0:30 to go"
    further = [(12.0, done(NAMES[0])), (12.0, done(NAMES[1])), (12.0, JobStarted(NAMES[2], 3, 4))]
    assert outlook(known, *begun, *further).line(22.0) == "2 of 4 wheels done, about 0:20 to go"
    assert outlook(known, *begun, *further).of(NAMES[2], 17.0) == "0:05 of about 0:20"


def test_a_job_that_takes_longer_than_before_makes_no_negative_time() -> None:
    known = Estimate(dict.fromkeys(NAMES[:1], 5.0), 5.0, 1)
    view = Outlook()
    view.see(RunStarted(NAMES[:1], known), 0.0)
    view.see(JobStarted(NAMES[0], 1, 1), 0.0)
    assert (view.left(60.0), view.of(NAMES[0], 60.0)) == (0.0, "1:00 of about 0:05")
    assert view.line(60.0) == "", "one job needs no total"


def test_where_one_job_is_unknown_there_is_no_estimate() -> None:
    partly = Estimate({NAMES[0]: 20.0}, None, 2)
    assert outlook(partly).line(0.0) == "0 of 4 wheels done"
    assert outlook(partly, (0.0, JobStarted(NAMES[1], 1, 4))).of(NAMES[1], 5.0) == ""


def test_a_pipe_is_told_the_rest_after_each_job() -> None:
    progress, stream, clock = plain()
    progress(RunStarted(NAMES, Estimate(dict.fromkeys(NAMES, 20.0), 80.0, 1)))
    progress(JobStarted(NAMES[0], 1, 4))
    clock.now = 18.0
    progress(done(NAMES[0]))
    assert stream.getvalue().splitlines()[2:] == [
        "[  18.0s] cp311-x  ok",
        "[  18.0s] 1 of 4 wheels done, about 1:00 to go",
    ]


def test_the_live_view_has_a_line_for_each_job_and_one_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    started = [event for name in NAMES[:2] for event in (JobStarted(name, 1, 4), StepStarted(name, "build"))]
    known = Estimate(dict.fromkeys(NAMES, 20.0), 40.0, 2)
    events = (RunStarted(NAMES, known), *started, Used(NAMES[0], 123_000_000), Printed(NAMES[0], "cc -c a.c"))
    shown = text(screen(*events))
    assert re.search(r"cp311-x  build +0:00 +job 0:00 of about 0:20  123 MB", shown)
    assert re.search(r"cp312-x  build +0:00 +job 0:00 of about 0:20\n", shown)
    assert "0 of 4 wheels done, about 0:40 to go" in shown
    assert "    cc -c a.c" in shown
    assert max(map(len, text(screen(*events, width=40)).splitlines())) <= 40
    ended = text(screen(*events, StepFinished(NAMES[1], "build", 1.0), Noted("old", identifier=NAMES[1])))
    assert re.search(r"build +1\.0 s  cp312-x\n", ended)
    assert "  cp312-x  note: old\n" in ended
    monkeypatch.setenv("LINES", "4")
    low = text(screen(*events))
    assert "cc -c a.c" not in low, "jobs come before what they write"
    assert "cp312-x  build" in low
