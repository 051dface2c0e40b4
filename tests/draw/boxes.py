"""Where the texts of a figure are, in pixels."""

from __future__ import annotations

from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def written(axes: Axes) -> list[tuple[str, Bbox]]:
    """Every visible text of the whole figure with the box of its letters."""
    figure = axes.figure.get_figure(root=True)
    figure.canvas.draw()
    hidden = _out_of_range(figure)
    found = []
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in hidden:
            box = Text.get_window_extent(text, figure.canvas.get_renderer())
            if box.width > 0 and box.height > 0:
                found.append((text.get_text(), box))
    return found


def _out_of_range(figure: Figure) -> set[Text]:
    """Labels of ticks beyond the ends of an axis exist, but are not drawn."""
    found: set[Text] = set()
    for axes in figure.findobj(Axes):
        for axis in (axes.xaxis, axes.yaxis):
            drawn = set(axis._update_ticks()) if axes.axison and axis.get_visible() else set()
            for tick in {*axis.get_major_ticks(), *axis.get_minor_ticks()} - drawn:
                found |= {tick.label1, tick.label2}
    return found


def overlaps(axes: Axes, slack: float = 1.0) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes share more than a strip of `slack` pixels."""
    return [
        (one, two)
        for (one, a), (two, b) in combinations(written(axes), 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > slack and min(a.y1, b.y1) - max(a.y0, b.y0) > slack
    ]


def outside(axes: Axes, slack: float = 1.0) -> list[str]:
    """Texts that the edge of the figure cuts."""
    figure = axes.figure.get_figure(root=True)
    width, height = figure.canvas.get_width_height()
    return [
        text
        for text, box in written(axes)
        if box.x0 < -slack or box.y0 < -slack or box.x1 > width + slack or box.y1 > height + slack
    ]
