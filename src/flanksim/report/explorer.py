"""The points of a finished sweep or reach, to be gone through with sliders: what each closes, when, and why not sooner.

Every point was simulated before; nothing is computed on the page, and nothing between two points is guessed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from flanksim.measure.reach import PackageRuns
from flanksim.measure.replications import ReplicationSet
from flanksim.measure.surface import SurfaceRuns
from flanksim.report import labels
from flanksim.report.chart import HEIGHT, WIDTH, Frame
from flanksim.report.context import Context
from flanksim.report.helps import euros
from flanksim.report.html import Cell, Section, details, join, paragraph, percent, table
from flanksim.report.point_map import PointMap
from flanksim.scenario.schema import Scenario
from flanksim.text.phrases import closed_on
from flanksim.units import deadline_hour

#: Causes and projects that a point names.
_CAUSES, _NAMES = 5, 12
#: Corners of a curve, and of one of many points.
_CORNERS, _FEWER, _MANY = 120, 60, 60

_LEVER = """<label class="lever"><span>{0}: <output id="lever-{1}">{2}</output></span>
<input type="range" min="0" max="{3}" step="1" value="{4}" data-lever="{1}" aria-label="{0}"></label>
"""
_PANEL = """<div class="panel explorer"><div class="levers">{levers}
<h3>{steps}</h3><ol id="x-steps"></ol></div><div class="found"><div class="tiles">
<div class="tile"><b id="x-closed">{closed}</b><span>force closed on (median)</span>
<small id="x-range">{range}</small></div>
<div class="tile"><b id="x-share">{share}</b><span>of the troops by C+{deadline}</span>
<small id="x-chance">{chance}</small></div>
<div class="tile"><b id="x-cost">{cost}</b><span>cost</span><small>beyond today</small></div></div>
<p id="x-note" role="status" aria-live="polite"></p><p><button type="button" id="x-near" hidden></button></p>
{curve}<p class="keys"><span><i class="k-c1"></i>this point, mean</span><span><i class="k-today"></i>{base}</span>
<span><i class="k-limit"></i>deadline</span></p>
<div class="beside"><div><h3>What the last day hangs on</h3><div class="bars" id="x-causes"></div></div>
<div><h3>There by C+{deadline}, by assembly area</h3>{map}
<p class="keys"><span><i class="dot assembly"></i>there</span><span><i class="dot ring"></i>wanted</span>
<span><i class="dot wait"></i>queues on the last unit's way</span></p>
<details><summary>By area</summary><div class="bars" id="x-areas"></div></details></div></div>
<h3>What is there</h3><ul id="x-built"></ul></div></div>
<script type="application/json" id="explorer-data">{data}</script>
"""
_CURVE = """<svg viewBox="0 0 {} {}" role="img" aria-label="Troops closed by day at this point; {} dashed">{}
<path id="x-today" class="today" d="{}"/><path id="x-curve" class="now" d="{}"/></svg>"""


@dataclass(frozen=True)
class _Slider:
    """What one slider sets: its name and its levels, from weak to strong."""

    name: str
    levels: Sequence[str]


@dataclass(frozen=True)
class _Points:
    """Sliders, the runs behind each place of them, what a place costs and builds, and why one has none.

    Attributes
    ----------
    steps
        Places one after the other with what each adds; None where they are the levels of the first slider.
    """

    sliders: Sequence[_Slider]
    runs: Mapping[tuple[int, ...], ReplicationSet]
    costs: Mapping[tuple[int, ...], float]
    built: Mapping[tuple[int, ...], Sequence[str]]
    excluded: frozenset[tuple[int, ...]]
    start: tuple[int, ...]
    heading: str
    base: str
    steps: Sequence[tuple[tuple[int, ...], str]] | None = None


def explorer_section(context: Context) -> Section | None:
    """Sliders over what was simulated; None of a study that is neither sweep nor reach."""
    if context.surface is not None:
        points = _of_sweep(context.surface)
    elif context.packages is not None:
        points = _of_reach(context.packages)
    else:
        return None
    return Section("explorer", "Try it: every point that was simulated", "Try it", _body(context.scenario, points))


def _of_sweep(found: SurfaceRuns) -> _Points:
    shares = sorted({point.infrastructure_share for point in found.points})
    years = sorted({point.year for point in found.points})
    fractions = sorted({point.mobility_fraction for point in found.points})
    sliders = [
        _Slider("Spending, % of GDP a year", [f"{share:g}" for share in shares]),
        _Slider("Year", [str(year) for year in years]),
        _Slider("Of it for mobility", [f"{100 * fraction:g} %" for fraction in fractions]),
    ]
    places = {
        (shares.index(point.infrastructure_share), years.index(point.year), fractions.index(point.mobility_fraction)): (
            point
        )
        for point in found.points
    }
    kept = [number for number, slider in enumerate(sliders) if len(slider.levels) > 1]
    by = {tuple(place[number] for number in kept): point for place, point in places.items()}
    projects = found.scenario.projects
    return _Points(
        [sliders[number] for number in kept],
        {place: found.at(point) for place, point in by.items()},
        {place: point.spent_bn_eur for place, point in by.items()},
        {
            place: [projects[key].name if key in projects else key for key in point.projects_done]
            for place, point in by.items()
        },
        frozenset(),
        tuple(0 for _ in kept),
        f"Troops in time: {sliders[kept[0]].name[:1].lower()}{sliders[kept[0]].name[1:]}" if kept else "Troops in time",
        "the lowest level",
    )


def _of_reach(found: PackageRuns) -> _Points:
    def name(key: str) -> str:
        return found.levers[key].name

    sliders = [
        _Slider(family.replace("_", " ").capitalize(), ["as today", *map(name, levels)])
        for family, levels in zip(found.families.names, found.families.levels, strict=True)
    ]
    runs = dict(zip(found.packages, found.alternatives, strict=True))
    return _Points(
        sliders,
        dict(runs),
        {package: entry.cost_bn_eur for package, entry in runs.items()},
        {package: [name(key) for key in found.families.levers(package)] for package in runs},
        frozenset(package for package in found.families.all() if package not in runs and found.excluded(package)),
        found.cheapest or tuple(0 for _ in sliders),
        "Step by step, troops in time",
        "today",
        [(step, row["title"]) for step, row in zip(found.steps, found.staircase, strict=True)],
    )


def _body(scenario: Scenario, points: _Points) -> Markup:
    last_h = max((_last_hour(runs) for runs in points.runs.values()), default=0.0)
    deadline = scenario.question.deadline_days
    last_day = max(math.ceil(last_h / 24.0) - 1, math.ceil(deadline) + 1)
    step = max(1, math.ceil(last_day / (_CORNERS if len(points.runs) <= _MANY else _FEWER)))
    days = list(range(0, last_day + step, step))
    frame, ground = Frame(float(days[-1]), scenario.troops_required), PointMap(scenario)
    waits = {place: ground.waits(runs) for place, runs in points.runs.items()}
    spots = sorted({spot for found in waits.values() for spot in found})
    made = {place: _point(scenario, points, place, days) for place in points.runs}
    for place, point in made.items():
        point["there"] = ground.there(points.runs[place])
        point["waits"] = [[spots.index(spot), round(value, 1)] for spot, value in waits[place].items()]
    content = {
        "levels": [list(slider.levels) for slider in points.sliders],
        "days": days,
        "required": scenario.troops_required,
        "box": frame.box,
        "points": {_key(place): point for place, point in made.items()},
        "excluded": sorted(map(_key, points.excluded)),
        "steps": None if points.steps is None else [[_key(place), name] for place, name in points.steps],
        "areas": ground.areas,
        "spots": [ground.spot(spot) for spot in spots],
    }
    data = json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    many = math.prod(len(slider.levels) for slider in points.sliders)
    text = (
        f"{len(points.runs)} of {many} combinations were simulated, all with the same random numbers. Move a slider, "
        "use the arrow keys or choose a step; where nothing was simulated the page says so and guesses nothing."
    )
    controls = [
        Markup(_LEVER).format(slider.name, number, slider.levels[at], len(slider.levels) - 1, at)  # noqa: S704 - our own
        for number, (slider, at) in enumerate(zip(points.sliders, points.start, strict=True))
    ]
    first, now = made[tuple(0 for _ in points.sliders)], made[points.start]
    curve = Markup(_CURVE).format(  # noqa: S704
        WIDTH,
        HEIGHT,
        points.base,
        frame.axes(deadline),
        frame.path(days, first["curve"]),
        frame.path(days, now["curve"]),
    )
    panel = Markup(_PANEL).format(  # noqa: S704
        levers=join(controls), steps=points.heading, deadline=f"{deadline:g}", curve=curve, map=ground.svg,
        base=points.base, data=Markup(data),  # noqa: S704 - escaped above
        **{name: now[name] for name in ("closed", "range", "share", "chance", "cost")},
    )  # fmt: skip
    return join([paragraph(text), panel, details("The same as a table", _table(points))])


def _last_hour(runs: ReplicationSet) -> float:
    hours = [entry.closures["all"].hour for entry in runs.replications]
    return max((hour for hour in hours if math.isfinite(hour)), default=0.0)


def _key(place: Sequence[int]) -> str:
    return ",".join(map(str, place))


def _point(scenario: Scenario, points: _Points, place: tuple[int, ...], days: Sequence[int]) -> dict[str, Any]:
    runs = points.runs[place]
    when = runs.closure_spread()
    closed, _, around = closed_on(when).partition(" (")
    chance = runs.p_on_time()
    causes = runs.cause_days(lambda cause: labels.cause(cause, scenario))
    built = list(points.built[place])
    more = [f"and {len(built) - _NAMES} more"] if len(built) > _NAMES else []
    return {
        "closed": closed,
        "range": around.removesuffix(")"),
        "share": f"{100 * runs.on_time_share().mean:.0f} %",
        "part": round(runs.on_time_share().mean, 4),
        "chance": f"in time in {chance.hits} of {chance.runs} runs",
        "cost": euros(points.costs[place]),
        "curve": [round(runs.troops_by(deadline_hour(day)).mean) for day in days],
        "causes": [[name, round(part.mean, 1)] for name, part in list(causes.items())[:_CAUSES]],
        "built": built[:_NAMES] + more,
    }


def _table(points: _Points) -> Markup:
    head = [
        *(slider.name for slider in points.sliders),
        "EUR bn",
        "closed on (median)",
        "troops in time",
        "runs in time",
    ]
    rows = []
    for place, runs in sorted(points.runs.items()):
        when, chance = runs.closure_spread(), runs.p_on_time()
        rows.append(
            [
                *(slider.levels[at] for slider, at in zip(points.sliders, place, strict=True)),
                points.costs[place],
                Cell(closed_on(when), when.median),
                percent(runs.on_time_share().mean),
                Cell(f"{chance.hits} of {chance.runs}", chance.mean),
            ]
        )
    return table(head, rows)
