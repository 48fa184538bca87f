"""The page of a report: what it says, what it advises, and that nothing in it is more than text."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import report_maker as make
from hypothesis import given, settings
from hypothesis import strategies as st

from crosswheel.report.page import charts, link_to_file, render
from crosswheel.report.page.advice import advice
from crosswheel.report.page.comparison import Change, compared
from crosswheel.report.run import form
from crosswheel.report.run.values import Down, JobReport, Report, Run, Step

CSS = (files("crosswheel.report.page") / "page.css").read_text()
ONE = "cp311-manylinux_aarch64"


class Page(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.data: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.data.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.data).split())


def of(*jobs: JobReport, seconds: float = 100.0, at_once: int = 2) -> Report:
    return Report("1", "p", (Run(1.79e9, seconds, at_once, make.MACHINE),), jobs)


def job(identifier: str, *steps: Step, **more: object) -> JobReport:
    took = sum(step.seconds for step in steps)
    base = JobReport(identifier, "passed", began=0.0, seconds=took, slot=0, engine="cross", steps=steps)
    return replace(base, **more)  # type: ignore[arg-type]


# the page


def test_the_page_tells_of_every_job() -> None:
    report = make.report()
    text = Page(render(report)).text
    assert "19 of 20 targets passed, 1 failed" in text
    assert "c_hello.c uses PyFoo, which this Python does not have" in text
    assert "c_hello.c:12:5: error: 'PyFoo' was not declared" in text
    for one in report.jobs:
        assert one.identifier in text
        assert one.wheel is None or one.wheel.name in text


@pytest.mark.parametrize(
    ("results", "sign", "title"),
    [
        (("passed",), "✓", "passed"),
        (("passed", "passed"), "✓", "all 2 targets passed"),
        (("passed", "not begun"), "!", "1 of 2 targets passed, 1 not begun"),
        (("interrupted", "failed"), "✗", "0 of 2 targets passed, 1 failed, 1 interrupted"),
    ],
)
def test_the_first_words_say_how_it_ended(results: tuple[Any, ...], sign: str, title: str) -> None:
    jobs = [job(f"cp31{number}-x", result=result) for number, result in enumerate(results)]
    assert f" {sign} {title} 2026-09-21 14:13 UTC" in Page(render(of(*jobs))).text


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = Page(render(make.report(), make.report()))
    assert not {"script", "iframe", "object", "embed", "img", "form", "base"} & set(page.tags)
    links = {value for name, value in page.attributes if name in ("href", "src") and value}
    assert all(link.startswith(("#", "file:///cache/logs/", "data:,")) for link in links)
    assert "url(" not in CSS and "@import" not in CSS


def test_every_place_that_is_linked_is_there_once() -> None:
    page = Page(render(make.report(), make.report()))
    names = [value for name, value in page.attributes if name == "id"]
    wanted = {value for name, value in page.attributes if name == "aria-labelledby"}
    wanted |= {value[1:] for name, value in page.attributes if name == "href" and value and value[0] == "#"}
    assert len(names) == len(set(names))
    assert wanted <= set(names)


def test_nothing_that_a_build_wrote_is_more_than_text(tmp_path: Path) -> None:
    report = make.hostile()
    page, harmless = Page(render(report, report)), Page(render(*[plain(report, tmp_path)] * 2))
    assert page.tags == harmless.tags
    assert [name for name, _ in page.attributes] == [name for name, _ in harmless.attributes]
    assert "{{ 7*7 }}" in page.text and "alert(1)" in page.text
    assert not any(value and value.startswith("javascript:") for _, value in page.attributes)


def plain(report: Report, directory: Path) -> Report:
    """A report with words in place of attacks."""
    quoted = json.dumps(make.HOSTILE)[1:-1]
    path = directory / "report.json"
    path.write_text(form.to_json(report).replace(quoted, "word"))
    return form.read(path)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.builds(
            JobReport,
            st.text(),
            st.sampled_from(["passed", "failed", "interrupted", "not begun"]),
            began=st.none() | st.floats(0, 2e11),
            seconds=st.floats(0, 2e11),
            slot=st.none() | st.integers(0),
            log=st.none() | st.text(),
            steps=st.lists(
                st.builds(Step, st.text(), *[st.floats(0, 2e11)] * 4, *[st.integers(0)] * 3), max_size=3
            ).map(tuple),
        ),
        max_size=3,
    ),
    st.floats(0, 2.5e11, exclude_max=True),
)
def test_whatever_a_report_holds_there_is_a_page(jobs: list[JobReport], began: float) -> None:
    report = replace(of(*jobs), runs=(Run(began, 1.0, 1, make.MACHINE),))
    widths = re.findall(r"left:([^%]*)%;width:([^%]*)%", render(report, report))
    assert all(float(at) >= 0 and 0 <= float(at) + float(wide) <= 100.1 for at, wide in widths)


def test_a_log_is_linked_where_it_is_a_path() -> None:
    assert link_to_file("/cache/a b.log") == "file:///cache/a%20b.log"
    assert link_to_file("javascript:alert(1)") == ""
    assert link_to_file("//host/share") == "file:////host/share"


def test_a_merged_report_has_a_timeline_for_each_run() -> None:
    report = of(job(ONE, make.step("build", 0, 5)), job("cp313-x", make.step("build", 0, 5), run=1))
    report = replace(report, runs=(*report.runs, Run(1.8e9, 50.0, 1, make.MACHINE)))
    text = Page(render(report)).text
    assert "Run 1, 2026-09-21 14:13 UTC" in text
    assert "Run 2, 2027-01-15 08:00 UTC" in text


def test_pythons_stand_in_their_order_whatever_that_of_the_shards() -> None:
    names = ("cp314t", "pp311", "cp39", "cp314", "what", "cp311")
    page = render(of(*[job(f"{name}-x") for name in names]))
    rows = re.findall(r'<tr><th scope="row">(\w+)</th>', page)
    assert rows == ["cp39", "cp311", "cp314", "cp314t", "pp311", "what"]


# colours: WCAG 2.2, 1.4.3 and 1.4.11


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_bars_stand_out_from_what_is_behind_them(scheme: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", blocks[scheme == "dark"]))
    backs = ("page", "card", "good-back", "bad-back", "half-back")
    for ink in ("ink", "quiet"):
        assert all(contrast(colours[ink], colours[back]) >= 4.5 for back in backs), ink
    for ink, back in (("link", "card"), ("good", "good-back"), ("bad", "bad-back"), ("half", "half-back")):
        assert all(contrast(colours[ink], colours[each]) >= 4.5 for each in (back, "page", "card")), ink
    for family in charts.FAMILIES:
        assert all(contrast(colours[family], colours[back]) >= 3 for back in ("page", "card")), family


# charts


@pytest.mark.parametrize(
    ("seconds", "texts"),
    [
        (0.0, ["0:00"]),
        (4.2, ["0:00", "0:01", "0:02", "0:03", "0:04"]),
        (158.0, ["0:00", "0:30", "1:00", "1:30", "2:00", "2:30"]),
        (9000.0, ["0:00", "30:00", "1:00:00", "1:30:00", "2:00:00", "2:30:00"]),
    ],
)
def test_an_axis_has_a_few_round_times(seconds: float, texts: list[str]) -> None:
    assert [tick.text for tick in charts.ticks(seconds)] == texts


def test_bars_are_where_their_jobs_ran() -> None:
    first = job(ONE, make.step("build", 0.0, 25.0), make.step("test", 25.0, 25.0, 0.9))
    second = job("cp313-x", make.step("build", 50.0, 25.0), began=50.0, slot=0)
    third = job("cp314-x", make.step("build", 0.0, 100.0), slot=1)
    (timeline,) = charts.timelines(of(first, second, third))
    assert [[(bar.at, bar.wide) for bar in lane] for lane in timeline.lanes] == [
        [(0.0, 50.0), (50.0, 25.0)],
        [(0.0, 100.0)],
    ]
    build, test = timeline.lanes[0][0].steps
    assert (build.at, build.wide, build.family, build.striped) == (0.0, 50.0, "build", False)
    assert (test.at, test.wide, test.family, test.striped) == (50.0, 50.0, "test", True)
    assert test.text == "test 25.0 s (90% emulated)"


# advice


def test_emulated_tests_that_take_most_of_a_job_are_told_once_for_all_jobs() -> None:
    slow = [
        job(name, make.step("build", 0, 20), make.step("test", 20, 80 + number, 0.9))
        for number, name in enumerate((ONE, "cp313-manylinux_aarch64"))
    ]
    (told,) = advice(of(*slow))
    assert told.sentence == (
        "The tests of cp313-manylinux_aarch64 took 1 min 21 s under emulation, 80% of the job "
        "(and 1 other likewise, 2 min 41 s in all): run fewer of them there (test-command in an override), "
        "or leave some targets out (test-skip)"
    )


def test_native_tests_and_short_ones_are_not_worth_a_word() -> None:
    native = job(ONE, make.step("build", 0, 20), make.step("test", 20, 80))
    short = job(ONE, make.step("build", 0, 2), make.step("test", 2, 8, 0.9))
    assert advice(of(native, short)) == ()


def test_an_emulated_build_is_told_with_what_stopped_the_faster_engine() -> None:
    down = Down("cross", "emulated", "the build imports a module of the target")
    (told,) = advice(of(job(ONE, make.step("build", 0, 300, 0.9), step_downs=(down,))))
    assert told.sentence.endswith(
        "mend what stopped the cross engine (the build imports a module of the target)"
    )
    (told,) = advice(of(job(ONE, make.step("build", 0, 300, 0.9))))
    assert told.sentence.endswith("build with --engine auto, which begins with the fastest engine")


@pytest.mark.parametrize(
    ("step", "emulated", "word"),
    [("fetch", 0.0, "actions/cache"), ("before-all", 0.9, "install less"), ("requirements", 0.0, "wheels")],
)
def test_each_slow_step_has_its_own_advice(step: str, emulated: float, word: str) -> None:
    (told,) = advice(of(job(ONE, make.step(step, 0, 60, emulated))))
    assert word in told.sentence


def test_cores_that_nobody_used_are_told() -> None:
    two = [job(f"cp31{n}-x", make.step("build", n * 50, 50), began=n * 50.0) for n in (0, 1)]
    (told,) = advice(of(*two, at_once=1))
    assert told.sentence == "1 job at once ran on 2 cores: build with --jobs auto"


def test_a_job_that_ends_long_after_all_others_is_told() -> None:
    jobs = [job(f"cp31{n}-x", make.step("build", 0, 20)) for n in (0, 1)]
    (told,) = advice(of(*jobs, job("cp312-x", make.step("build", 20, 80), began=20.0)))
    assert told.sentence.startswith("cp312-x ran alone for the last 1 min 20 s: ")


# comparison


def test_a_run_is_compared_with_the_one_before() -> None:
    then, now = make.job(ONE, scale=1.0), make.job(ONE, scale=2.0)
    gone, new = make.job("cp39-x"), make.job("cp315-x")
    broken = make.job("cp313-x", result="failed")
    found = compared(of(now, new, make.job("cp313-x")), of(then, gone, broken))
    assert (found.added, found.gone) == (("cp315-x",), ("cp39-x",))
    mended, slower = found.changes
    assert mended.result == "failed before, passed now"
    assert slower == Change(
        ONE, "13.6 s → 27.2 s".replace(" s", "\N{NO-BREAK SPACE}s"), "100% slower", "slower",
        "24.1\N{NO-BREAK SPACE}kB, the same bytes", "",
    )  # fmt: skip


def test_differences_that_are_noise_are_none() -> None:
    then = make.job(ONE)
    for now in (replace(then, seconds=then.seconds * 1.04), replace(then, seconds=then.seconds + 0.4)):
        (change,) = compared(of(now), of(then)).changes
        assert (change.percent, change.trend) == ("about the same", "")


@pytest.mark.parametrize(
    ("size", "sha256", "shown"), [(24_123, "1", "24.1 kB, other bytes"), (30_000, "1", "24.1 kB → 30.0 kB")]
)
def test_another_wheel_is_seen(size: int, sha256: str, shown: str) -> None:
    then = make.job(ONE)
    assert then.wheel is not None
    now = replace(then, wheel=replace(then.wheel, size=size, sha256=sha256))
    (change,) = compared(of(now), of(then)).changes
    assert change.wheel.replace("\N{NO-BREAK SPACE}", " ") == shown
