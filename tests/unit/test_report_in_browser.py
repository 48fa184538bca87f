"""The page of a report in a real Chromium: on a phone and on a wide screen, light and dark, by keyboard.

It needs Debian's package chromium; playwright only drives it.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import report_maker as make
from playwright.sync_api import Browser, Page, sync_playwright

from crosswheel.report.page import render
from crosswheel.report.run.values import Report

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHROMIUM = "/usr/bin/chromium"
PHONE, WIDE = 360, 1280
INK = {"light": "rgb(29, 33, 37)", "dark": "rgb(231, 233, 235)"}
# What can have the focus, and can be seen: not what is folded away.
_FOCUSABLE = """[...document.querySelectorAll("a[href], summary, [tabindex='0']")]
    .filter(one => one.checkVisibility())"""
_NUMBER_THEM = f"{_FOCUSABLE}.forEach((one, number) => one.dataset.number = number)"
_FOCUSED = "document.activeElement.dataset.number ?? null"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not os.access(CHROMIUM, os.X_OK):
        pytest.fail("these tests need Debian's chromium: apt install chromium", pytrace=False)
    with sync_playwright() as playwright:
        # Its own sandbox wants what machines of CI do not give; all it opens is a page of ours.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Seen:
    """A page that is open, with what it asked for and complained of."""

    def __init__(self, browser: Browser, path: Path, width: int, scheme: str) -> None:
        self.page: Page = browser.new_page(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=True,
        )
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        self.address = path.as_uri()
        self.page.goto(self.address)


def reported(directory: Path, report: Report) -> Path:
    path = directory / "report.html"
    path.write_text(render(report, replace(report, jobs=report.jobs[::2])), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, WIDE])
@pytest.mark.parametrize("report", [make.report(), make.report(("cp311",), ("aarch64",)), make.hostile()])
def test_a_page_fits_its_screen_asks_for_nothing_and_complains_of_nothing(
    browser: Browser, tmp_path: Path, report: Report, width: int, scheme: str
) -> None:
    seen = Seen(browser, reported(tmp_path, report), width, scheme)
    seen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    assert seen.page.evaluate("getComputedStyle(document.body).color") == INK[scheme]
    assert {url for url in seen.requests if not url.startswith("data:")} == {seen.address}
    assert seen.complaints == []
    shot = seen.page.screenshot(path=tmp_path / f"{width}-{scheme}.png", full_page=True)
    assert len(shot) > 10_000, "a page with nothing on it"
    seen.page.close()


@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_the_keyboard_reaches_everything_in_the_order_of_the_page(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    seen = Seen(browser, reported(tmp_path, make.report()), width, "light")
    number = seen.page.evaluate(f"{_NUMBER_THEM}; {_FOCUSABLE}.length")
    assert number > 60
    reached = []
    for _ in range(number):
        seen.page.keyboard.press("Tab")
        reached.append(seen.page.evaluate(_FOCUSED))
    assert reached == [str(one) for one in range(number)]
    seen.page.close()


def test_the_skip_link_is_first_is_seen_and_leads_to_the_results(browser: Browser, tmp_path: Path) -> None:
    seen = Seen(browser, reported(tmp_path, make.report()), PHONE, "light")
    skip = seen.page.get_by_role("link", name="Skip to the results")
    assert (skip.bounding_box() or {"y": 0.0})["y"] < 0
    seen.page.keyboard.press("Tab")
    assert (skip.bounding_box() or {"y": -1.0})["y"] >= 0
    seen.page.keyboard.press("Enter")
    assert seen.page.evaluate("document.activeElement.id") == "results"
    seen.page.close()


def test_a_link_to_a_job_opens_it_and_a_key_closes_it(browser: Browser, tmp_path: Path) -> None:
    seen = Seen(browser, reported(tmp_path, make.report()), WIDE, "light")
    wheel = seen.page.get_by_text("c_hello-1.0-cp311-manylinux_s390x.whl", exact=False)
    assert not wheel.is_visible()
    seen.page.get_by_role("table").first.get_by_role("row", name="cp311 ").get_by_role("link").nth(3).focus()
    seen.page.keyboard.press("Enter")
    assert wheel.is_visible()
    summary = seen.page.locator("details[open] > summary", has_text="cp311-manylinux_s390x")
    summary.focus()
    seen.page.keyboard.press("Space")
    assert not wheel.is_visible()
    seen.page.close()


def test_tables_and_charts_have_names_for_those_who_do_not_see_them(browser: Browser, tmp_path: Path) -> None:
    seen = Seen(browser, reported(tmp_path, make.report()), WIDE, "light")
    page = seen.page
    assert page.get_by_role("columnheader", name="manylinux_aarch64").count() == 1
    assert page.get_by_role("rowheader", name="cp314t", exact=True).count() == 1
    assert page.get_by_role("list", name="Place 1").get_by_role("listitem").count() >= 5
    bar = page.get_by_role("link", name="cp314t-armv7l, failed, began after")
    assert bar.count() == 1
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(one => +one.tagName[1])")
    assert all(after - before <= 1 for before, after in pairwise(levels))
    page.close()


def test_no_element_that_is_seen_is_cut_off_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    seen = Seen(browser, reported(tmp_path, make.report()), PHONE, "light")
    cut = seen.page.evaluate(
        """[...document.querySelectorAll("main *, header *")].filter(one => {
            if (one.closest(".scroll, .timeline, .bar, .skip, pre") || !one.checkVisibility()) return false;
            const box = one.getBoundingClientRect();
            return box.width && (box.right > innerWidth + 0.5 || box.left < -0.5);
        }).map(one => one.outerHTML.slice(0, 100))"""
    )
    assert cut == []
    seen.page.close()
