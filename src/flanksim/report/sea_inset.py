"""The strip above the page's map: what comes over the sea from beyond its edges, as arcs that grow by day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from markupsafe import Markup

from flanksim.draw.basemap import frame_of, land, positions
from flanksim.modes import LINK_MODES
from flanksim.report import labels
from flanksim.report.html import join
from flanksim.report.map_words import names
from flanksim.scenario.map_frame import frame_round
from flanksim.scenario.schema import Scenario

#: Units along the wider side, height of letters, and names at most.
_UNITS, _LETTERS, _NAMES = 2400.0, 46.0, 6
#: How far an arc bends to the north, as a part of its length.
_BEND = 0.1
#: Corners of outlines that are nearer than so many units to the one before are left out.
_FINEST = 7.0


def lanes_beyond(scenario: Scenario, passed: Collection[str]) -> dict[str, tuple[str, str]]:
    """Ends of the sea lanes of which one lies beyond the edges of the map, and on which something sails.

    Parameters
    ----------
    passed
        Links over which something passes.
    """
    frame, at = frame_of(scenario), positions(scenario)
    lanes = {
        key: (link.from_node, link.to_node)
        for key, link in sorted(scenario.links.items())
        if key in passed and not LINK_MODES[link.mode].borders and {link.from_node, link.to_node} <= set(at)
    }
    return {key: lane for key, lane in lanes.items() if not all(frame.holds(at[end]) for end in lane)}


def sea_inset(
    scenario: Scenario,
    passed: Mapping[str, Sequence[Sequence[int]]],
    lanes: Mapping[str, tuple[str, str]],
    widths: Mapping[str, float],
) -> Markup:
    """The strip; nothing without lanes.

    Parameters
    ----------
    passed
        Running totals by link, as of `flanksim.report.interactive_map.flows`.
    lanes
        Of `lanes_beyond`.
    widths
        Stroke of each link at the end, as on the map.
    """
    if not lanes:
        return Markup("")
    frame, at = frame_of(scenario), positions(scenario)
    ends = sorted({end for lane in lanes.values() for end in lane})
    degrees = np.array([(scenario.nodes[end].lat, scenario.nodes[end].lon) for end in ends], dtype=float)
    wide = frame_round(degrees[:, 0], degrees[:, 1])
    unit = _UNITS / max(wide.extent[1] - wide.extent[0], wide.extent[3] - wide.extent[2])
    across, up = wide.project(degrees[:, 0], degrees[:, 1])
    spots = {end: (float(x) * unit, -float(y) * unit) for end, x, y in zip(ends, across, up, strict=True)}
    west, east, south, north = (edge * unit for edge in wide.extent)
    rings = land(wide, wide.extent, round(_FINEST / unit, 1))
    shores = "".join("M" + "L".join(f"{x:.0f} {-y:.0f}" for x, y in ring * unit) + "Z" for ring in rings)
    totals: dict[str, int] = {}
    for key, lane in lanes.items():
        for end in lane:
            totals[end] = totals.get(end, 0) + passed[key][-1][1]
    beyond = sorted((end for end in ends if not frame.holds(at[end])), key=lambda end: (-totals[end], end))
    drawn = [Markup('<path class="land" d="{}"/>').format(shores)]
    for key, lane in sorted(lanes.items(), key=lambda item: passed[item[0]][-1][1]):
        text = Markup('<path id="i-{}" class="m-sea" d="{}" stroke-width="{}"/>')
        drawn.append(text.format(key, _arc(*(spots[end] for end in lane)), f"{widths[key]:.1f}"))
    for end in ends:
        text = Markup('<circle class="port" cx="{}" cy="{}" r="{}"><title>{}</title></circle>')
        x, y = spots[end]
        drawn.append(text.format(f"{x:.0f}", f"{y:.0f}", 9 if end in beyond else 5, labels.place(end, scenario)))
    named = names(((*spots[end], labels.plain(labels.place(end, scenario))) for end in beyond), _LETTERS, _NAMES)
    text = Markup(
        '<svg class="inset" viewBox="{} {} {} {}" role="img" aria-label="What comes over the sea from beyond the map, '
        'mostly from {}">{}{}</svg>'
    )
    first = labels.plain(labels.place(beyond[0], scenario))
    edges = (f"{west:.0f}", f"{-north:.0f}", f"{east - west:.0f}", f"{north - south:.0f}")
    return text.format(*edges, first, join(drawn), named)


def _arc(start: tuple[float, float], end: tuple[float, float]) -> str:
    """A curve between two spots that bends upwards."""
    bend = _BEND * abs(end[0] - start[0])
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 - 2 * bend)
    return f"M{start[0]:.0f} {start[1]:.0f}Q{middle[0]:.0f} {middle[1]:.0f} {end[0]:.0f} {end[1]:.0f}"
