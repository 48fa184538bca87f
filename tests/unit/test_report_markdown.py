"""The summary on GitHub: exact Markdown, in which a build's text is only text."""

import re
from dataclasses import replace
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from crosswheel.errors import StepError
from crosswheel.model import Outcome, StepDown, StepTime, Wheel
from crosswheel.report import markdown
from crosswheel.report.text import clean

NAME = "a_b-1.0-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"
PATH = Path("wheelhouse") / NAME
BUILT = Outcome(
    "cp311-manylinux_aarch64",
    "hybrid",
    Wheel(PATH, 24_123, "manylinux_2_17", "0123abcd"),
    None,
    steps=(StepTime("build", 5.0), StepTime("test", 61.0)),
    step_downs=(StepDown("cross", "hybrid", "the build imports <_core>"),),
    notes=("debug information is still in _x.so",),
)
REUSED = replace(BUILT, identifier="cp312-manylinux_aarch64", reused=True, steps=(), step_downs=(), notes=())
FAILED = Outcome(
    "cp313-manylinux_aarch64",
    "emulated",
    None,
    StepError("build", "make", 1, cause="a|b does not compile", remedy="mend it"),
    steps=(StepTime("build", 1.0),),
)
GFM = MarkdownIt("commonmark").enable("table")


def test_what_a_report_found_stands_before_the_total() -> None:
    text = markdown.render((FAILED,), 1.0, {"Faster": ("a_b is slow", "<b>"), "Other": ()})
    assert text.endswith(
        "- next: mend it\n\nFaster:\n\n- a_b is slow\n- &#60;b&#62;\n\n0 of 1 wheel after 1.0 s; 1 failed\n"
    )


def test_the_whole_summary() -> None:
    assert (
        markdown.render((BUILT, REUSED, FAILED), 67.4)
        == """\
### crosswheel

| Wheel | Size | Identifier | Engine | Time | SHA-256 |
| :--- | ---: | :--- | :--- | ---: | :--- |
| a_b-1.0-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl | 24.1 kB | cp311-manylinux_aarch64 | \
hybrid | 1 min 6 s | `0123abcd` |
| a_b-1.0-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl | 24.1 kB | cp312-manylinux_aarch64 | \
reused | 0.0 s | `0123abcd` |
| **FAILED** |  | cp313-manylinux_aarch64 | emulated | 1.0 s |  |

- cp311-manylinux_aarch64: stepped down from cross to hybrid: the build imports &#60;&#95;core&#62;
- cp311-manylinux_aarch64: note: debug information is still in &#95;x.so

**cp313-manylinux_aarch64 FAILED**: the build step failed with status 1
- cause: a&#124;b does not compile
- next: mend it

1 of 2 wheels for 2 targets after 1 min 7 s; 1 failed
"""
    )


def test_a_run_without_a_hitch_is_the_table_and_the_total() -> None:
    plain = replace(BUILT, step_downs=(), notes=())
    blocks = markdown.render((plain,), 4.0).split("\n\n")
    assert [len(block.strip().splitlines()) for block in blocks] == [1, 3, 1]


def shown(text: str) -> str:
    """The text that a page shows, without its tags."""
    return re.sub(r"<[^>]*>", "", text).replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace(
        "&amp;", "&"
    )  # fmt: skip


PARTS = ("|", "`", "```", "<b>", "</td>", "<!--", "&lt;", "*a*", "__a__", "~~a~~", "[a](b)", "![a](b)", "\\", "\\|",
         "#", "- ", "1. ", "\n", "\n\n", "$x$", "a", " ", "&#124;")  # fmt: skip
hostile = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), min_size=1, max_size=10).map("".join)


@given(hostile)
@example("\\|")
@example("<script>alert(1)</script>")
def test_a_text_in_a_table_is_shown_as_it_is_and_in_one_cell(text: str) -> None:
    html = GFM.render(f"| a | b |\n| --- | --- |\n| x{markdown.escape(text)}x | y |\n")
    body = html[html.index("<tbody>") :]
    assert re.findall(r"<(\w+)", body) == ["tbody", "tr", "td", "td"]
    first = re.findall(r"<td>(.*?)</td>", body)[0]
    assert shown(first) == f"x{' '.join(clean(text).split())}x"


@given(name=hostile, reason=hostile)
def test_nothing_of_a_build_changes_what_the_summary_is_made_of(name: str, reason: str) -> None:
    def tags(name: str, reason: str) -> list[str]:
        path = Path("wheelhouse") / f"a{name.replace('/', '')}.whl"
        error = StepError("build", "make", 1, cause=f"a{reason}", remedy=f"a{reason}")
        outcomes = (
            replace(BUILT, wheel=Wheel(path, 1, "m"), notes=(f"a{reason}",)),
            replace(FAILED, failure=error),
        )
        return re.findall(r"</?\w+", GFM.render(markdown.render(outcomes, 1.0)))

    assert tags(name, reason) == tags("", "")
