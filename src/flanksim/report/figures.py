"""Figures of the folder, made small and safe to put side by side on one page, each with how to read it."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from markupsafe import Markup

from flanksim.draw.style import COAST, GRID, INK, LAND, MAIN, MUTED
from flanksim.report.context import Context
from flanksim.report.html import join

#: An SVG above this size is shown as its PNG, if that is there and smaller.
LARGE_BYTES = 350_000


@dataclass(frozen=True, slots=True)
class Reading:
    """Heading of a figure, how to read it, and what it shows in words."""

    heading: str
    how: str
    alt: str


READINGS = {
    "closure": Reading(
        "Who is there by when",
        "The line climbs by a unit's troops on the day on which the unit is closed; the band holds nine of ten runs. "
        "The dashed line is the deadline: what lies right of it comes too late.",
        "Troops in closed units by day, with the deadline",
    ),
    "clocks": Reading(
        "Ready, arrived, closed",
        "Three curves of the same troops: ready to move, at the assembly area, received and joined up. The shaded area "
        "between the first and the last is the mobility delay: it is what roads, lift and permissions cost.",
        "Troops ready, arrived and closed by day, with the deadline",
    ),
    "staircase": Reading(
        "Step by step",
        "From today downwards one lever more each time, in the order in which each brings soldiers in soonest; on the "
        "right the share of the troops in time.",
        "Closure day and troops in time, lever by lever",
    ),
    "grid": Reading(
        "Two levers",
        "The darker, the more troops in time; framed where the force is closed as often as is asked. Hatched fields "
        "were not simulated.",
        "Troops in time by the levels of two levers",
    ),
    "surface": Reading(
        "Spending and year",
        "Each field is a level of spending (upwards) in a year (to the right); the darker, the later the last day. "
        "The contour of the deadline is drawn where it exists.",
        "Closure day by spending level and year",
    ),
    "spending-curve": Reading(
        "What more money brings in the last year",
        "Closure day against spending; the band is the 95 % interval. A flat line says that money does not move the "
        "last day.",
        "Closure day against spending in the last year",
    ),
    "value": Reading(
        "What the alternatives save",
        "To the right costs more, upwards saves more days. A whisker that crosses zero has no measurable effect.",
        "Days saved against cost for each alternative",
    ),
    "timeline": Reading(
        "What is built when",
        "One bar a project, from the first money to the day in service.",
        "Projects by year of construction",
    ),
    "bottlenecks": Reading(
        "What holds the force up",
        "Days of the critical path by cause. The longest bar is where to look first, not what to buy first.",
        "Days on the critical path by cause",
    ),
    "journey": Reading(
        "Its journey",
        "One strip for each of its loads, from the order to the closure, coloured by what is going on.",
        "Strips of the loads of the unit that completes the force",
    ),
    "queues": Reading(
        "Where the force waits",
        "One row a place, one column a day; the darker, the more loads wait there at noon.",
        "Heat map of waiting loads by place and day",
    ),
    "fleets": Reading(
        "What the lift does",
        "For the busiest fleets, day by day: how many move loaded, load, come back empty, wait or stand idle.",
        "Use of the busiest fleets over time",
    ),
    "map": Reading(
        "Four moments",
        "Lines are as wide as what passed over them since the panel before; circles are loads that wait.",
        "Maps of the deployment on four days",
    ),
    "prices": Reading(
        "What one more takes off the bound",
        "The larger the mark, the more days the bound falls with one more berth, path or ship there; these are not "
        "days off the arrival.",
        "Map of what one more of each capacity takes off the bound",
    ),
}


def figure(context: Context, *names: str, finding: str = "") -> Markup:
    """The figures of these names that the folder holds, one after the other.

    Parameters
    ----------
    finding
        What they show, told to those who do not see them.
    """
    found = []
    for name in names:
        drawn = embedded(context.folder, name)
        if drawn is None:
            continue
        entry = READINGS[name]
        found.append(
            Markup(
                '<figure id="figure-{}"><h3>{}</h3><p class="how">{}</p>'
                '<div class="card" role="img" aria-label="{}">{}</div></figure>'
            ).format(name, entry.heading, entry.how, f"{entry.alt}. {finding}".strip(), drawn)
        )
    return join(found)


def embedded(folder: Path, name: str) -> Markup | None:
    """A figure as inline SVG, or as its PNG where that is much smaller; None if there is none."""
    vector, raster = folder / f"{name}.svg", folder / f"{name}.png"
    if not vector.is_file():
        return None
    drawn = inline(vector.read_text(encoding="utf-8"), name)
    if len(drawn) > LARGE_BYTES and raster.is_file():
        data = base64.b64encode(few_colours(raster)).decode("ascii")
        if len(data) < len(drawn):
            return Markup('<img alt="" src="data:image/png;base64,{}">').format(data)
    return Markup(drawn)  # noqa: S704 - drawn by us, and stripped of scripts below


def few_colours(path: Path, colours: int = 256) -> bytes:
    """A picture as PNG with a palette: a drawn figure has few colours, and takes a quarter of the bytes so."""
    from PIL import Image

    target = BytesIO()
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(colours, Image.Quantize.FASTOCTREE).save(target, "png", optimize=True)
    return target.getvalue()


#: Colours of a figure that a page has in light and in dark: ink, lines and ground; what carries a meaning stays.
_OF_PAGE = {
    INK: "--ink", "#000000": "--ink", MUTED: "--muted", GRID: "--line", "#ffffff": "--page", LAND: "--land",
    COAST: "--coast", MAIN: "--water",
}  # fmt: skip
_COLOUR = re.compile(r"(?<=fill: |roke: )#[0-9a-f]{6}")
_NUMBER = re.compile(r"-?\d+\.\d+")


def inline(text: str, name: str) -> str:
    """An SVG file as an element of a page: no head, no metadata, no style for the whole page, ids of its own.

    Ink and ground are those of the page, light or dark.

    Raises
    ------
    ValueError
        If the figure holds a script or a link to another file.
    """
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    # Matplotlib's rule is for "*": on a page it would reach everything
    text = re.sub(r"<style[^>]*>.*?</style>", "", text, flags=re.S)
    text = text.replace("<svg ", '<svg style="stroke-linejoin:round;stroke-linecap:butt;fill:var(--ink)" ', 1)
    text = _COLOUR.sub(lambda found: f"var({_OF_PAGE[found[0]]})" if found[0] in _OF_PAGE else found[0], text)
    text = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{name}-", text)
    text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text).replace("xlink:href", "href")
    text = re.sub(r' d="([^"]*)"', lambda found: f' d="{_NUMBER.sub(_short, found[1])}"', text)
    text = re.sub(r"\s*\n\s*", " ", text)
    if "<script" in text or re.search(r'href="(?!#|data:)', text):
        raise ValueError(f"the figure {name} asks for something outside of itself")
    return text


def _short(found: re.Match[str]) -> str:
    return f"{float(found[0]):.1f}".removesuffix(".0")
