"""How logs speak to CI services: marks, what folds, and that a build has no say in it."""

import io
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswheel.config.variables import FOLD_MODES
from crosswheel.errors import StepError, VerificationError
from crosswheel.events import (
    EngineChosen,
    Event,
    JobFinished,
    JobStarted,
    Noted,
    Printed,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
)
from crosswheel.model import Outcome, Wheel
from crosswheel.report.folding import AZURE, GITHUB, GITLAB, MODES, TRAVIS, Dialect, spoken
from crosswheel.report.plain import PlainReporter

ID = "cp311-manylinux_aarch64"
OK = Outcome(ID, "cross", Wheel(Path("wheelhouse/a-1-cp311-cp311-linux.whl"), 24_100, "manylinux_2_17"), None)
BAD = Outcome(
    ID,
    "cross",
    None,
    StepError("build", "make", 2, ("::error::mine",), cause="100% broken", remedy="mend\nit"),
)
RUN: tuple[Event, ...] = (
    RunStarted((ID,)),
    JobStarted(ID, 1, 1),
    EngineChosen(ID, "cross"),
    StepStarted(ID, "build", "python -m build"),
    StepStarted("", "fetch", "zig"),
    StepFinished("", "fetch", 2.0),
    Printed(ID, "cc -c a.c"),
    Noted("100% slow", warning=True, identifier=ID),
    StepFinished(ID, "build", 5.0, ok=False),
    JobFinished(BAD),
    RunFinished((BAD,), 8.0),
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def said(dialect: Dialect, *events: Event) -> str:
    """What the reporter writes of events a second apart."""
    stream, clock = io.StringIO(), Clock()
    with PlainReporter(
        stream, clock=clock, dialect=dialect, unix=lambda: 1_700_000_000.9 + clock.now
    ) as show:
        for event in events:
            clock.now += 1
            show(event)
    return stream.getvalue()


def test_the_whole_log_on_github() -> None:
    assert (
        said(GITHUB, *RUN)
        == """\
[   1.0s] 1 wheel to build
[   2.0s] cp311-manylinux_aarch64  1 of 1
::group::cp311-manylinux_aarch64  build (cross): python -m build
[   5.0s] fetch: zig ...
[   6.0s] fetch done in 2.0 s
[   7.0s]   | cc -c a.c
::warning::cp311-manylinux_aarch64  100%25 slow
::endgroup::
[   9.0s] cp311-manylinux_aarch64  build (cross) failed after 5.0 s
[  10.0s] cp311-manylinux_aarch64  FAILED: the build step failed with status 2
  cause: 100% broken
  command: make
  the last lines of its output:
    | ::error::mine
  next: mend
    it
::error title=cp311-manylinux_aarch64 FAILED::the build step failed with status 2\
%0Acause: 100%25 broken%0Anext: mend it
"""
    )


AS_ON_GITHUB = [
    (
        AZURE,
        "##[group]cp311-manylinux_aarch64  build (cross): python -m build",
        "##vso[task.logissue type=warning]cp311-manylinux_aarch64  100%AZP25 slow",
        "##[endgroup]",
        "##vso[task.logissue type=error]cp311-manylinux_aarch64 FAILED: the build step failed with status 2"
        "%0Acause: 100%AZP25 broken%0Anext: mend it\n",
    ),
    (
        GITLAB,
        "\x1b[0Ksection_start:1700000004:crosswheel_1700000004_1[collapsed=true]\r\x1b[0K"
        "cp311-manylinux_aarch64  build (cross): python -m build",
        "[   8.0s] cp311-manylinux_aarch64  warning: 100% slow",
        "\x1b[0Ksection_end:1700000009:crosswheel_1700000004_1\r\x1b[0K",
        "",
    ),
    (
        TRAVIS,
        "travis_fold:start:crosswheel_1700000004_1\r\x1b[0K"
        "cp311-manylinux_aarch64  build (cross): python -m build",
        "[   8.0s] cp311-manylinux_aarch64  warning: 100% slow",
        "travis_fold:end:crosswheel_1700000004_1\r\x1b[0K",
        "",
    ),
]


@pytest.mark.parametrize(("dialect", "start", "warning", "end", "error"), AS_ON_GITHUB)
def test_the_whole_log_on_other_services(
    dialect: Dialect, start: str, warning: str, end: str, error: str
) -> None:
    text = said(GITHUB, *RUN)
    text = text.replace("::group::cp311-manylinux_aarch64  build (cross): python -m build", start)
    text = text.replace("::warning::cp311-manylinux_aarch64  100%25 slow", warning)
    text = text.replace("::endgroup::", end)
    text = re.sub(r"^::error title=.*\n", lambda _: error, text, flags=re.MULTILINE)
    assert said(dialect, *RUN) == text


def test_a_group_that_an_error_left_open_is_closed() -> None:
    assert said(GITHUB, StepStarted(ID, "test")) == f"::group::{ID}  test\n::endgroup::\n"


@pytest.mark.parametrize("end", [JobFinished(OK), RunFinished((OK,), 1.0)])
def test_a_group_ends_with_its_job_and_with_the_run(end: Event) -> None:
    lines = said(GITHUB, StepStarted(ID, "test"), end).splitlines()
    assert lines[:2] == [f"::group::{ID}  test", "::endgroup::"]
    assert lines.count("::endgroup::") == 1


def test_a_step_of_another_job_does_not_end_a_group() -> None:
    other = ID.replace("311", "313")
    events = (StepStarted(ID, "test"), StepStarted(other, "test"), StepFinished(other, "test", 1.0))
    assert said(GITHUB, *events).splitlines() == [
        f"::group::{ID}  test",
        "::endgroup::",  # an error ended the run amid it
        f"::group::{other}  test",
        "::endgroup::",
        f"[   3.0s] {other}  test done in 1.0 s",
    ]


def test_groups_of_one_log_have_names_of_their_own() -> None:
    steps = [event for step in "ab" for event in (StepStarted(ID, step), StepFinished(ID, step, 1.0))]
    names = re.findall(r"section_start:\d+:(\w+)\[", said(GITLAB, *steps))
    assert names == ["crosswheel_1700000001_1", "crosswheel_1700000003_2"]


def test_a_title_is_one_line() -> None:
    assert said(GITHUB, StepStarted("", "fetch", "a\nb")).splitlines()[0] == "::group::fetch: a b"


def test_an_annotation_names_every_problem_of_a_wheel() -> None:
    error = VerificationError("a.whl", ("x.so is of x86-64", "y.so needs GLIBC_2.38"))
    last = said(GITHUB, JobFinished(Outcome(ID, "cross", None, error))).splitlines()[-1]
    assert last.endswith("%0Acause: x.so is of x86-64; y.so needs GLIBC_2.38")


# What a build writes, and what of it a service would obey

TRICKS = (
    "::", ":", "##[", "##", "#", "[", "]", "error", "add-mask", "stop-commands::", "set-output name=a::b",
    "##vso[task.setvariable variable=a]b", "##VSO[", "section_start:1:a\r", "section_end:1:a", "travis_fold:end:a",
    "travis_time:start:a", "\n::", "\n \t::error::", "\x1b[0K", "\r", "\n", " ", "\t",
    "\N{NO-BREAK SPACE}", "%0A", "|",
)  # fmt: skip
hostile = st.lists(st.sampled_from(TRICKS) | st.text(max_size=3), max_size=12).map("".join)


def github_obeys(line: str) -> bool:
    return line.lstrip().startswith("::") or "##[" in line


OBEYS = (
    (GITHUB, github_obeys),
    (AZURE, lambda line: "##vso" in line.lower() or "##[" in line),
    (GITLAB, lambda line: re.search("section_(start|end):", line)),
    (TRAVIS, lambda line: re.search("travis_(fold|time):", line)),
)


@pytest.mark.parametrize(("dialect", "obeys"), OBEYS)
@given(text=hostile)
def test_no_text_of_a_build_is_a_command(dialect: Dialect, obeys: object, text: str) -> None:
    assert callable(obeys)
    error = StepError("build", text, 1, (text,), cause=text, remedy=text)
    events = (
        StepStarted(ID, "build", text),
        Printed(ID, text),
        Noted(text, warning=False),
        Noted(text, warning=True),
        StepFinished(ID, "build", 1.0),
        JobFinished(Outcome(ID, "cross", None, error)),
    )
    expected = 2 + (2 if dialect.warning else 0)  # the group's, and what ours has been said to mark
    # The services end a line at a lone CR too, except in GitLab's and Travis' own marks.
    commands = [line for line in re.split(r"\n|\r(?!\x1b\[0K)", said(dialect, *events)) if obeys(line)]
    assert len(commands) == expected, commands


@given(title=hostile, text=hostile)
def test_an_annotation_comes_back_as_it_was_said(title: str, text: str) -> None:
    """Read by the rules of the runner's TryParseV2."""
    assert GITHUB.error is not None
    line = GITHUB.error(title, text)
    assert "\n" not in line
    assert "\r" not in line
    head, _, data = line.removeprefix("::").partition("::")
    command, _, properties = head.partition(" ")
    assert command == "error"
    name, _, value = properties.partition("=")
    assert (name, "," in value) == ("title", False)
    assert (unescaped(value), unescaped(data)) == (title, text)


def unescaped(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


@given(text=st.text(alphabet=st.characters(blacklist_characters=":#")))
def test_a_line_without_a_command_stays_as_it_is(text: str) -> None:
    assert GITHUB.safe(text) == AZURE.safe(text) == text


# Which dialect

SPOKEN: tuple[tuple[Mapping[str, str], Dialect | None], ...] = (
    ({}, None),
    ({"CI": "true"}, None),
    ({"GITHUB_ACTIONS": "true"}, GITHUB),
    ({"GITLAB_CI": "true"}, GITLAB),
    ({"AZURE_HTTP_USER_AGENT": "x"}, AZURE),
    ({"TRAVIS": "true"}, TRAVIS),
    ({"APPVEYOR": "True"}, None),
    ({"CIRCLECI": "true"}, None),
    ({"GITHUB_ACTIONS": "true", "AZURE_HTTP_USER_AGENT": ""}, GITHUB),  # after azure/login
    ({"GITHUB_ACTIONS": "true", "CIBW_LOG_FOLD_MODE": "gitlab"}, GITLAB),
    ({"GITHUB_ACTIONS": "true", "CIBW_LOG_FOLD_MODE": "disabled"}, None),
    ({"GITHUB_ACTIONS": "true", "CIBW_LOG_FOLD_MODE": ""}, GITHUB),
    ({"CIBW_LOG_FOLD_MODE": "azure"}, AZURE),
)


@pytest.mark.parametrize(("environ", "dialect"), SPOKEN)
def test_the_service_is_known_by_its_variable_and_the_mode_wins(
    environ: Mapping[str, str], dialect: Dialect | None
) -> None:
    assert spoken(environ, watched=False) is dialect


def test_on_a_terminal_only_the_mode_folds() -> None:
    assert spoken({"GITHUB_ACTIONS": "true"}, watched=True) is None
    assert spoken({"CIBW_LOG_FOLD_MODE": "github"}, watched=True) is GITHUB


def test_every_mode_that_may_be_set_is_known() -> None:
    assert set(MODES) == set(FOLD_MODES)
