"""What a job's commands did, as events, figures and a log."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from crosswheel.events import Event, Noted, Printed, StepFinished, StepStarted
from crosswheel.pipeline.recorder import Recorder
from crosswheel.process import Completed


class Sandbox:
    """Prints two lines and says what it used."""

    def __init__(self, cpu: float = 0.0, peak: int = 0) -> None:
        self.done = Completed(3, 1.0, cpu, peak, ("tail",), "output")
        self.calls: list[dict[str, object]] = []

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        binds: Mapping[str, Path] | None = None,
        on_line: Callable[[str], None] | None = None,
        capture: bool = False,
    ) -> Completed:
        self.calls.append({"argv": argv, "cwd": cwd, "env": env, "binds": binds, "capture": capture})
        assert on_line is not None
        on_line("one")
        on_line("two")
        return self.done


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def recorder(events: list[Event], log: io.StringIO) -> Recorder:
    return Recorder("cp311-manylinux_aarch64", events.append, log)


def test_a_step_is_told_at_both_ends_and_timed(recorder: Recorder, events: list[Event]) -> None:
    with recorder.step("build"):
        pass
    started, finished = events
    assert started == StepStarted("cp311-manylinux_aarch64", "build")
    assert isinstance(finished, StepFinished)
    assert (finished.step, finished.ok) == ("build", True)
    assert finished.seconds >= 0
    assert [step.step for step in recorder.steps] == ["build"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_step_that_fails_is_told_as_failed(
    recorder: Recorder, events: list[Event], error: type[BaseException]
) -> None:
    with pytest.raises(error), recorder.step("build"):
        raise error
    finished = events[-1]
    assert isinstance(finished, StepFinished)
    assert not finished.ok
    assert [step.step for step in recorder.steps] == ["build"]


def test_cpu_is_added_up_and_of_memory_the_peak_is_kept_for_each_step(recorder: Recorder) -> None:
    with recorder.step("build"):
        for sandbox in (Sandbox(1.0, 300), Sandbox(2.0, 200)):
            recorder.around(sandbox).run(["cc"], cwd="/", env={})
    with recorder.step("test"):
        recorder.around(Sandbox(0.5, 100)).run(["python"], cwd="/", env={})
    assert [(step.step, step.cpu, step.peak) for step in recorder.steps] == [
        ("build", 3.0, 300),
        ("test", 0.5, 100),
    ]


def test_lines_go_to_the_events_and_to_whoever_asked(recorder: Recorder, events: list[Event]) -> None:
    own: list[str] = []
    done = recorder.around(Sandbox()).run(["cc"], cwd="/", env={}, on_line=own.append)
    assert own == ["one", "two"]
    assert [event.line for event in events if isinstance(event, Printed)] == ["one", "two"]
    assert (done.returncode, done.output) == (3, "output")


def test_lines_of_steps_whose_output_was_asked_for_are_marked(events: list[Event], log: io.StringIO) -> None:
    recorder = Recorder("x", events.append, log, frozenset({"build"}))
    for step in ("requirements", "build"):
        with recorder.step(step):
            recorder.around(Sandbox()).run(["cc"], cwd="/", env={})
    marks = [vars(event) for event in events if isinstance(event, Printed)]
    assert [True in mark.values() for mark in marks] == [False, False, True, True]


def test_a_command_reaches_the_sandbox_as_it_was_given(recorder: Recorder, tmp_path: Path) -> None:
    sandbox = Sandbox()
    recorder.around(sandbox).run(
        ["cc", "a b"], cwd="/x", env={"A": "1"}, binds={"/control": tmp_path}, capture=True
    )
    assert sandbox.calls == [
        {
            "argv": ["cc", "a b"],
            "cwd": "/x",
            "env": {"A": "1"},
            "binds": {"/control": tmp_path},
            "capture": True,
        }
    ]


def test_the_log_names_steps_and_commands_but_no_variables(recorder: Recorder, log: io.StringIO) -> None:
    with recorder.step("build"):
        recorder.around(Sandbox()).run(["cc", "-c", "a.c"], cwd="/", env={"TOKEN": "secret"})
    assert log.getvalue() == "--- build\n$ cc -c a.c\n"


def test_a_note_is_told_logged_and_kept_for_the_summary(
    recorder: Recorder, events: list[Event], log: io.StringIO
) -> None:
    recorder.note("it is large")
    recorder.note("it lacks a module", warning=True)
    assert recorder.notes == ["it is large", "it lacks a module"]
    assert events[1] == Noted("it lacks a module", True, "cp311-manylinux_aarch64")
    assert log.getvalue() == "note: it is large\nwarning: it lacks a module\n"


def test_the_output_of_the_last_step_is_kept(recorder: Recorder) -> None:
    sandbox = recorder.around(Sandbox())
    for _ in range(2):
        with recorder.step("build"):
            sandbox.run(["true"], cwd="/", env={})
    assert list(recorder.output) == ["one", "two"]
