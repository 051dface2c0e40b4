"""The page in a real browser: no request, no error, and everything on it works.

Needs a Chromium or Chrome on the machine; none is ever downloaded. ``FLANKSIM_BROWSER=required`` turns the skip into a
failure; screenshots and the A4 page go to the folder ``FLANKSIM_ARTEFACTS``, else to a temporary one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip


def refuse(reason: str) -> None:
    """Skip, or fail where a browser is required."""
    if os.environ.get("FLANKSIM_BROWSER") == "required":
        pytest.fail(f"FLANKSIM_BROWSER=required, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        refuse("playwright is not installed: pip install 'flanksim[browser]'")
    path = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if path is None:
        refuse(f"none of {', '.join(BROWSERS)} is on this machine")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    stated = os.environ.get("FLANKSIM_ARTEFACTS")
    folder = Path(stated) if stated else tmp_path_factory.mktemp("artefacts")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Watched:
    """A page with everything that it asked for and complained of."""

    def __init__(self, browser: Browser, file: Path, **options: Any) -> None:
        self.page: Page = browser.new_page(**options)
        self.asked: list[str] = []
        self.errors: list[str] = []
        own = file.resolve().as_uri()
        self.page.on("request", lambda request: self._note(request.url, own))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.goto(own)

    def _note(self, url: str, own: str) -> None:
        if url.split("#", maxsplit=1)[0] != own and not url.startswith("data:"):
            self.asked.append(url)


@pytest.fixture
def shown(browser: Browser, run_folder: Path) -> Iterator[Watched]:
    found = Watched(browser, run_folder / "report.html", viewport={"width": 1200, "height": 900})
    yield found
    assert not found.asked
    assert not found.errors
    found.page.close()


@pytest.mark.parametrize("kind", ["run_folder", "sweep_folder", "compare_folder", "reach_folder"])
def test_no_request_and_no_error(kind: str, browser: Browser, request: pytest.FixtureRequest, artefacts: Path) -> None:
    folder: Path = request.getfixturevalue(kind)
    for scheme in ("light", "dark"):
        watched = Watched(
            browser, folder / "report.html", color_scheme=scheme, viewport={"width": 1200, "height": 900}
        )  # fmt: skip
        watched.page.wait_for_timeout(300)
        watched.page.screenshot(path=artefacts / f"report-{kind.removesuffix('_folder')}-{scheme}.png", full_page=True)
        assert watched.asked == []
        assert watched.errors == []
        watched.page.close()


def test_a_request_would_be_counted_and_blocked(browser: Browser, run_folder: Path, tmp_path: Path) -> None:
    """The count can fail, and the page's own policy stops what it counts."""
    text = (run_folder / "report.html").read_text(encoding="utf-8")
    image = '<img src="https://example.invalid/a.png" alt="">'
    file = tmp_path / "bad.html"
    file.write_text(text.replace("<main>", f"<main>{image}"), encoding="utf-8")
    watched = Watched(browser, file)
    watched.page.wait_for_timeout(300)
    assert any("Content Security Policy" in error for error in watched.errors)
    policy = text[text.index("<meta http-equiv") : text.index('<meta name="viewport"')]
    file.write_text(text.replace("<main>", f"<main>{image}").replace(policy, ""), encoding="utf-8")
    watched = Watched(browser, file)
    watched.page.wait_for_timeout(300)
    assert watched.asked == ["https://example.invalid/a.png"]


def test_a_click_and_a_key_sort_a_table(shown: Watched) -> None:
    page = shown.page
    folded = page.locator("#why details", has_text="as a table").filter(has_text="Causes of")
    folded.locator("summary").click()
    head = folded.locator("th").nth(2)

    def values() -> list[float]:
        return [float(cell.get_attribute("data-v") or "nan") for cell in folded.locator("td:nth-child(3)").all()]

    before = values()
    assert len(set(before)) > 4
    assert before != sorted(before)
    head.locator("button").click()
    assert values() == sorted(before)
    assert head.get_attribute("aria-sort") == "ascending"
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert values() == sorted(before, reverse=True)
    assert head.get_attribute("aria-sort") == "descending"
    assert folded.locator("th").first.get_attribute("aria-sort") == "none"


def busiest(page: Page) -> str:
    """Id of the widest line of the map that is well inside of it."""
    found: str = page.evaluate(
        """() => {
          const lines = [...document.querySelectorAll('#chart line')].filter(l => !l.classList.contains('m-sea'));
          lines.sort((a, b) => b.getAttribute('stroke-width') - a.getAttribute('stroke-width'));
          return lines[0].id;
        }"""
    )
    return found


def test_the_slider_moves_widths_and_troops(shown: Watched) -> None:
    page = shown.page
    line = page.locator(f"#{busiest(page)}")
    last, closed = float(line.get_attribute("stroke-width") or 0), page.locator("#closed").inner_text()
    assert last > 20
    slider = page.locator("#slider")
    slider.focus()
    page.keyboard.press("Home")
    assert page.locator("#day").inner_text() == "0"
    assert float(line.get_attribute("stroke-width") or 0) < last
    assert page.locator("#closed").inner_text() == f"0 of {closed.split(' of ')[1]}"
    page.keyboard.press("End")
    assert float(line.get_attribute("stroke-width") or 0) == last
    assert page.locator("#closed").inner_text() == closed
    page.select_option("#mode", "week")
    assert float(line.get_attribute("stroke-width") or 0) < last  # nothing moves at the very end


def test_play_goes_through_the_days(shown: Watched) -> None:
    page = shown.page
    page.click("#play")
    assert page.locator("#play").inner_text() == "Pause"
    for _ in range(100):  # wait_for_function would need eval, which the page forbids
        if int(page.locator("#day").inner_text()) >= 3:
            break
        page.wait_for_timeout(50)
    page.click("#play")
    assert page.locator("#play").inner_text() == "Play"
    day = page.locator("#day").inner_text()
    assert int(day) >= 3
    page.wait_for_timeout(300)
    assert page.locator("#day").inner_text() == day


def middle(page: Page, name: str) -> tuple[float, float]:
    """A point of the screen in the middle of an element of the map."""
    page.locator("#chart").scroll_into_view_if_needed()
    spot: list[float] = page.evaluate(
        """id => {
          const e = document.getElementById(id), m = document.getElementById('chart').getScreenCTM();
          const g = n => Number(e.getAttribute(n));
          const p = e.tagName === 'circle' ? [g('cx'), g('cy')] : [(g('x1') + g('x2')) / 2, (g('y1') + g('y2')) / 2];
          const q = new DOMPoint(p[0], p[1]).matrixTransform(m); return [q.x, q.y];
        }""",
        name,
    )
    return spot[0], spot[1]


def test_pointing_at_a_link_shows_its_figures(shown: Watched) -> None:
    page, name = shown.page, busiest(shown.page)
    page.mouse.move(*middle(page, name))
    told = page.locator("#readout").inner_text()
    entry = page.evaluate(
        "id => JSON.parse(document.getElementById('map-data').textContent).links[id.slice(2)]", name
    )  # fmt: skip
    assert entry["t"] in told
    assert f"{entry['f'][-1][1]:,} vehicles, containers and troops passed" in told
    assert "capacity" in told
    assert "confidence" in told
    assert page.locator(f"#{name}").get_attribute("class", timeout=500).split()[-1] == "chosen"  # type: ignore[union-attr]


def test_arrow_keys_and_touch_read_the_map_too(browser: Browser, run_folder: Path) -> None:
    watched = Watched(
        browser, run_folder / "report.html", viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
    )  # fmt: skip
    page = watched.page
    area = page.locator("circle.assembly").first.get_attribute("id")
    assert area is not None
    page.touchscreen.tap(*middle(page, area))
    assert "troops closed here" in page.locator("#readout").inner_text()
    tapped = page.locator("#readout").inner_text()
    page.locator("#chart").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#readout").inner_text() != tapped
    assert page.evaluate("document.documentElement.scrollWidth") <= 390  # nothing sticks out on a telephone
    assert not watched.asked
    assert not watched.errors


def test_dark_is_dark(browser: Browser, run_folder: Path) -> None:
    light, dark = (
        Watched(browser, run_folder / "report.html", color_scheme=scheme).page.evaluate(
            """getComputedStyle(document.body).backgroundColor.match(/\\d+/g)
                 .slice(0, 3).map(Number).reduce((a, b) => a + b)"""
        )
        for scheme in ("light", "dark")
    )
    assert light > 700
    assert dark < 150


def test_it_prints_on_a4_with_what_is_folded(browser: Browser, run_folder: Path, artefacts: Path) -> None:
    paper = {"width": 680, "height": 1000}  # 180 mm between the margins
    watched = Watched(browser, run_folder / "report.html", viewport=paper)
    page, file = watched.page, artefacts / "report-a4.pdf"
    closed = page.locator("details:not([open])").count()
    assert closed > 3
    page.pdf(path=file, format="A4", print_background=True)
    assert file.read_bytes()[:5] == b"%PDF-"
    assert page.locator("details:not([open])").count() == closed  # as it was before printing
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    wide: list[str] = page.evaluate(
        """[...document.querySelectorAll('h1, h2, p, td')].filter(e => e.scrollWidth > e.clientWidth + 2)
             .map(e => e.textContent)"""
    )
    assert not wide


@pytest.mark.parametrize(("kind", "width"), [("reach_folder", 1440), ("sweep_folder", 390)])
def test_sliders_show_other_points(
    kind: str, width: int, browser: Browser, request: pytest.FixtureRequest, artefacts: Path
) -> None:
    folder: Path = request.getfixturevalue(kind)
    watched = Watched(browser, folder / "report.html", viewport={"width": width, "height": 900})
    page = watched.page
    page.locator("#explorer").screenshot(path=artefacts / f"explorer-{kind.removesuffix('_folder')}-{width}.png")
    seen = set()
    for lever in page.locator("[data-lever]").all():
        lever.focus()
        for key in ("Home", "End"):
            page.keyboard.press(key)
            closed, note = page.locator("#x-closed").inner_text(), page.locator("#x-note").inner_text()
            assert (closed == "?") == bool(note), "what was not simulated says so"
            assert (page.locator("#x-curve").get_attribute("d") == "") == bool(note)
            seen.add(closed)
    assert len(seen) > 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    assert watched.errors == []
    page.close()
