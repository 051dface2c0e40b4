"""Names on the page's maps: those of the most important places, as many as stand free of each other."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from flanksim.report.html import join

#: Width of a letter, as a part of its height.
_LETTER = 0.58
#: Gap between a place and its name, as a part of the height of the letters.
_GAP = 0.5


def names(places: Iterable[tuple[float, float, str]], size: float, most: int) -> Markup:
    """Names beside their places, the first ones first, none over another or over a place that is named.

    Parameters
    ----------
    places
        To the right, downwards, and the name of each, the most important first.
    size
        Height of the letters, in units of the drawing.
    most
        Names at most.
    """
    taken: list[tuple[float, float, float, float]] = []
    parts: list[Markup] = []
    for x, y, name in places:
        if len(parts) == most:
            break
        wide = _LETTER * size * len(name)
        for side, start in (("start", x + _GAP * size), ("end", x - _GAP * size - wide)):
            box = (start, y - 0.7 * size, start + wide, y + 0.4 * size)
            if any(_meet(box, other) for other in taken):
                continue
            taken += [box, (x - 0.3 * size, y - 0.3 * size, x + 0.3 * size, y + 0.3 * size)]
            at = start if side == "start" else start + wide
            text = Markup('<text x="{}" y="{}" font-size="{:.0f}" class="{}">{}</text>')
            parts.append(text.format(f"{at:.0f}", f"{y + 0.3 * size:.0f}", size, side, name))
            break
    return join(parts)


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
