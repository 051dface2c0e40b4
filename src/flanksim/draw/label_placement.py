"""Names beside marks: pushed to where there is room, or dropped, so that no two of them overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, radians, sin
from typing import TYPE_CHECKING

from flanksim.draw.style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

#: Distances from the mark that are tried, points; at each, twelve directions.
_RINGS, _DIRECTIONS = (3.0, 9.0, 17.0, 27.0, 40.0, 56.0), 12


@dataclass(frozen=True, slots=True)
class Label:
    """A text for the mark at `x`, `y` (data units) whose radius is `radius` points."""

    text: str
    x: float
    y: float
    radius: float = 0.0
    colour: str = INK


def place_labels(
    axes: Axes, labels: Sequence[Label], size: float = 7.0, taken: Sequence[Bbox] = (), first_degrees: float = 0.0
) -> list[Label]:
    """Write as many of `labels` as there is room for, the first ones first.

    The position of the axes must be final (no layout engine), since room is measured in pixels.

    Parameters
    ----------
    labels
        In order of importance: a later one gives way.
    size
        Of the letters, points.
    taken
        Further boxes (pixels) that must stay free.
    first_degrees
        Direction that is tried first, from the east against the clock.

    Returns
    -------
    list of Label
        Those that were written.
    """
    figure = axes.figure.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no figure")
    axes.apply_aspect()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    frame = axes.get_window_extent(renderer)
    full = list(taken)
    pixel = figure.dpi / 72.0
    for entry in labels:  # marks may not be written on
        x, y = axes.transData.transform((entry.x, entry.y))
        full.append(_box(x, y, 0.7 * entry.radius * pixel))
    written = []
    for number, entry in enumerate(labels):
        own = len(taken) + number
        note = axes.annotate(
            entry.text, (entry.x, entry.y), xytext=(0, 0), textcoords="offset points", fontsize=size,
            color=entry.colour, va="center", zorder=9, annotation_clip=False,
        )  # fmt: skip
        if _settle(note, entry, frame, [box for at, box in enumerate(full) if at != own], first_degrees):
            full.append(note.get_window_extent(renderer).expanded(1.02, 1.06))
            written.append(entry)
        else:
            note.remove()
    return written


def _settle(note: Annotation, entry: Label, frame: Bbox, full: Sequence[Bbox], first_degrees: float) -> bool:
    """Move a note to the first free place round its mark; whether there is one."""
    import matplotlib.patheffects as effects

    for ring in _RINGS:
        for step in range(_DIRECTIONS):
            angle = radians(first_degrees) + 2.0 * pi * step / _DIRECTIONS
            away = entry.radius + ring
            x, y = away * cos(angle), away * sin(angle)
            note.set_horizontalalignment("left" if x > 0.3 * away else "right" if x < -0.3 * away else "center")
            note.set_position((x, y))
            box = note.get_window_extent()
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
            if inside and not any(box.overlaps(other) for other in full):
                note.set_path_effects([effects.withStroke(linewidth=1.8, foreground="white", alpha=0.85)])
                if ring > _RINGS[1]:
                    note.axes.annotate(  # type: ignore[union-attr]
                        "", (entry.x, entry.y), xytext=(x, y), textcoords="offset points", annotation_clip=False,
                        arrowprops={"arrowstyle": "-", "color": entry.colour, "linewidth": 0.6, "shrinkA": 0,
                                    "shrinkB": 0, "alpha": 0.7}, zorder=8,
                    )  # fmt: skip
                return True
    return False


def _box(x: float, y: float, half: float) -> Bbox:
    from matplotlib.transforms import Bbox

    return Bbox([[x - half, y - half], [x + half, y + half]])


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Positions as near to those wanted as a gap between neighbours allows, in the order given.

    Examples
    --------
    >>> spread([1.0, 1.0, 5.0], 1.0)
    [0.5, 1.5, 5.0]
    """
    order = sorted(range(len(wanted)), key=lambda number: (wanted[number], number))
    groups: list[list[float]] = []  # mean of what is wanted, members
    for number in order:
        groups.append([wanted[number], 1.0])
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < gap * (groups[-1][1] + groups[-2][1]) / 2.0:
            (a, m), (b, n) = groups[-2], groups[-1]
            groups[-2:] = [[(a * m + b * n) / (m + n), m + n]]
    found = [0.0] * len(wanted)
    at = 0
    for centre, size in groups:
        for place in range(int(size)):
            found[order[at]] = centre + gap * (place - (size - 1.0) / 2.0)
            at += 1
    return found
