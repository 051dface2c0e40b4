"""The page in a real browser: no request, no error, and everything on it works.

Needs a Chromium or Chrome on the machine; none is ever downloaded. ``FLANKSIM_BROWSER=required`` turns the skip into a
failure; screenshots and the A4 page go to the folder ``FLANKSIM_ARTEFACTS``, else to a temporary one.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import flanksim as fs
from tests.study.test_from_tables import roads

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
    assert page.locator("#day").inner_text() == "30", "it begins at the deadline"
    line = page.locator(f"#{busiest(page)}")
    page.locator("#slider").focus()
    page.keyboard.press("End")
    last, closed = float(line.get_attribute("stroke-width") or 0), page.locator("#closed").inner_text()
    assert last > 20
    page.locator("#slider").focus()
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


@pytest.mark.parametrize(("width", "touch"), [(1440, False), (390, True)])
def test_sliders_and_steps_show_what_was_simulated_and_nothing_else(
    width: int, touch: bool, browser: Browser, reach_folder: Path, artefacts: Path
) -> None:
    size = {"width": width, "height": 900}
    watched = Watched(browser, reach_folder / "report.html", viewport=size, has_touch=touch)
    page = watched.page
    data = page.evaluate("JSON.parse(document.getElementById('explorer-data').textContent)")
    levers = [page.locator(f"[data-lever='{number}']") for number in range(len(data["levels"]))]

    def here() -> str:
        return ",".join(lever.input_value() for lever in levers)

    assert here() in data["points"]
    for lever in levers:  # to today, by keyboard
        lever.focus()
        page.keyboard.press("Home")
    today = data["points"][here()]
    assert page.locator("#x-closed").inner_text() == today["closed"]
    assert page.locator("#x-curve").get_attribute("d") == page.locator("#x-today").get_attribute("d")
    steps = page.locator("#x-steps button")
    assert steps.count() == len(data["steps"]) > 2
    assert page.locator("#x-steps [aria-current=step]").count() == 1
    last = data["steps"][-1][0]
    (steps.last.tap if touch else steps.last.click)()
    assert here() == last
    assert page.locator("#x-closed").inner_text() == data["points"][last]["closed"] != today["closed"]
    areas = page.locator("#x-areas b").all_text_contents()
    assert areas == [
        f"{there:,} of {wanted:,}"
        for there, (_, wanted) in zip(data["points"][last]["there"], data["areas"], strict=True)
    ]
    unknown = next(
        place
        for place in itertools.product(*(range(len(levels)) for levels in data["levels"]))
        if ",".join(map(str, place)) not in data["points"]
    )
    for lever, value in zip(levers, unknown, strict=True):
        lever.focus()
        page.keyboard.press("Home")
        for _ in range(value):
            page.keyboard.press("ArrowRight")
    assert here() == ",".join(map(str, unknown))
    assert page.locator("#x-closed").inner_text() == "?"
    assert page.locator("#x-curve").get_attribute("d") == ""
    assert "not simulated" in page.locator("#x-note").inner_text()
    page.screenshot(path=artefacts / f"explorer-{width}.png", full_page=True)
    page.locator("#x-near").click()
    assert here() in data["points"]
    assert sum(abs(int(a) - b) for a, b in zip(here().split(","), unknown, strict=True)) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("window.print = () => {}; document.getElementById('print').click()")
    page.emulate_media(media="print")
    assert not levers[0].is_visible()
    assert page.locator("svg:has(#x-curve)").is_visible(), "the picture of the point is printed"
    assert page.locator("#lever-0").is_visible(), "with the levels that it is of"
    assert not watched.asked
    assert not watched.errors


def test_a_level_of_spending_changes_curve_steps_and_map_together(browser: Browser, tmp_path: Path) -> None:
    found = fs.sweep(roads(), [0, 1], [2026, 2030], replications=8, jobs=1, results=tmp_path)
    assert found.folder is not None
    page = Watched(browser, found.report(), viewport={"width": 1440, "height": 900}).page
    data = page.evaluate("JSON.parse(document.getElementById('explorer-data').textContent)")
    page.locator("[data-lever='1']").focus()
    page.keyboard.press("End")
    last = len(data["levels"][1]) - 1
    titles = page.locator("#x-steps button span:first-child").all_inner_texts()
    assert titles == data["levels"][0]
    steps = page.locator("#x-steps button")
    said = page.locator("#x-steps b").all_inner_texts()
    points = [data["points"][f"{level},{last}"] for level in range(len(titles))]
    assert said == [f"{point['share']} · {point['closed']}" for point in points]
    curve = page.locator("#x-curve")
    lowest = curve.get_attribute("d")
    assert lowest == page.locator("#x-today").get_attribute("d")
    steps.last.click()
    assert page.locator("[data-lever='0']").input_value() == str(len(titles) - 1)
    assert curve.get_attribute("d") != lowest
    (area,) = page.locator("#x-areas b").all_text_contents()
    assert area == f"{points[-1]['there'][0]} of 500" != f"{points[0]['there'][0]} of 500"
    assert page.locator("#x-built").inner_text() == "second"
    circle = page.locator("#x-area-0")
    radius, wanted = (float(circle.get_attribute(name) or "nan") for name in ("r", "data-r"))
    assert (radius / wanted) ** 2 == pytest.approx(points[-1]["there"][0] / 500)


@pytest.mark.parametrize("kind", ["run_folder", "sweep_folder", "compare_folder", "reach_folder"])
def test_nothing_sticks_out_on_a_telephone(
    kind: str, browser: Browser, request: pytest.FixtureRequest, artefacts: Path
) -> None:
    folder: Path = request.getfixturevalue(kind)
    page = Watched(browser, folder / "report.html", viewport={"width": 390, "height": 844}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.screenshot(path=artefacts / f"phone-{kind.removesuffix('_folder')}.png")
    page.close()


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


@pytest.mark.parametrize("kind", ["run_folder", "compare_folder"])
def test_the_first_screen_answers_without_scrolling(
    kind: str, browser: Browser, request: pytest.FixtureRequest, artefacts: Path
) -> None:
    """Verdict, curve, figures, why, what helps and how sure end above the lower edge of 1440 x 900."""
    folder: Path = request.getfixturevalue(kind)
    for scheme in ("light", "dark"):
        size = {"width": 1440, "height": 900}
        page = Watched(browser, folder / "report.html", color_scheme=scheme, viewport=size).page
        page.screenshot(path=artefacts / f"first-screen-{kind.removesuffix('_folder')}-{scheme}.png")
        ends = [
            page.locator(part).bounding_box()
            for part in (".verdict", "figure.curve svg", ".first .tiles", "header .columns")
        ]
        assert all(box is not None and box["height"] > 10 for box in ends)
        assert max(box["y"] + box["height"] for box in ends if box is not None) <= 900
        heads = page.locator("header .columns h2").all_inner_texts()
        assert (heads[0], heads[2], len(heads)) == ("Why", "How far to trust it", 3)
        page.close()


def test_words_and_lines_of_the_first_screen_stand_out(browser: Browser, run_folder: Path) -> None:
    """Words have a contrast of 4.5 to their ground at least, lines of 3, in light and in dark."""
    for scheme in ("light", "dark"):
        page = Watched(browser, run_folder / "report.html", color_scheme=scheme).page
        found: list[list[Any]] = page.evaluate(
            """() => {
              const light = c => { const p = c.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
                .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                return .2126 * p[0] + .7152 * p[1] + .0722 * p[2]; };
              const ground = e => { for (; e; e = e.parentElement) {
                const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)|transparent/.test(c)) return c; } };
              const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((m, n) => n - m);
                return (x + .05) / (y + .05); };
              const all = chosen => [...document.querySelectorAll(chosen)];
              const told = (e, kind, name, of, under) => [kind, name, ratio(getComputedStyle(e)[of], ground(under))];
              const words = all('header p, header li, header span, header small, header b')
                .filter(e => e.textContent.trim()).map(e => told(e, 'word', e.textContent, 'color', e));
              const texts = all('.curve text')
                .map(e => told(e, 'word', e.textContent, 'fill', e.closest('figure')));
              const lines = all('.curve path:not(.band), .curve .limit')
                .map(e => told(e, 'line', e.getAttribute('class'), 'stroke', e.closest('figure')));
              return [...words, ...texts, ...lines];
            }"""
        )
        assert {kind for kind, _, _ in found} == {"word", "line"}
        faint = [entry for entry in found if entry[2] < {"word": 4.5, "line": 3.0}[entry[0]]]
        assert faint == []
        page.close()


def _pages(file: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", file.read_bytes()))


def test_two_pages_of_a4_are_printed_and_with_a_button_everything(
    browser: Browser, run_folder: Path, artefacts: Path
) -> None:
    paper = {"width": 680, "height": 1000}  # 180 mm between the margins
    watched = Watched(browser, run_folder / "report.html", viewport=paper)
    page, file = watched.page, artefacts / "report-a4.pdf"
    closed = page.locator("details:not([open])").count()
    assert closed > 3
    page.pdf(path=file, format="A4", print_background=True)
    assert _pages(file) == 2
    assert page.locator("details:not([open])").count() == closed
    page.evaluate("window.print = () => {}")
    page.locator("#print").click()
    page.pdf(path=artefacts / "report-a4-whole.pdf", format="A4", print_background=True)
    assert _pages(artefacts / "report-a4-whole.pdf") > 6
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    page.locator("#print").evaluate("button => button.click()")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    wide: list[str] = page.evaluate(
        """[...document.querySelectorAll('h1, h2, p, td')].filter(e => e.scrollWidth > e.clientWidth + 2)
             .map(e => e.textContent)"""
    )
    assert not wide
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() == closed  # as it was before printing
