"""What holds the force up: bars by cause, before and after a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flanksim.draw.style import GRID, INK, MUTED, caption, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BEFORE, AFTER = "#b0b7bf", "#0072b2"


def bottlenecks(
    before: Mapping[str, float],
    after: Mapping[str, float] | None = None,
    title: str = "What holds the force up",
    note: str = "",
    most: int = 12,
) -> Axes:
    """Draw the causes of the critical path, longest first.

    Parameters
    ----------
    before, after
        Cause to days on the critical path; with `after` the first is grey, the second in colour.
    """
    names = sorted(before, key=lambda name: (-before[name], name))[:most]
    if after is not None:
        names += [name for name in sorted(after, key=lambda n: -after[n])[:most] if name not in names]
    figure, axes = new_axes(8.4, 1.3 + 0.36 * len(names))
    height = 0.36 if after is not None else 0.66
    for row, name in enumerate(reversed(names)):
        arms = [
            (before.get(name, 0.0), BEFORE if after is not None else AFTER, height / 2 if after is not None else 0.0)
        ]
        if after is not None:
            arms.append((after.get(name, 0.0), AFTER, -height / 2))
        for value, colour, shift in arms:
            axes.barh(row + shift, value, height=height, color=colour, linewidth=0)
            axes.annotate(
                f"{value:.1f}", (value, row + shift), xytext=(4, 0), textcoords="offset points", fontsize=8,
                color=INK, va="center",
            )  # fmt: skip
    axes.set_yticks(range(len(names)), list(reversed(names)), fontsize=8.5)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("days on the critical path", fontsize=9)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.margins(x=0.1, y=0.02)
    if after is not None:
        axes.set_title(title, loc="left", fontsize=12, color=INK, pad=20)
        axes.text(0, 1.005, "before", transform=axes.transAxes, color=MUTED, fontsize=9, weight="bold", va="bottom")
        axes.text(0.1, 1.005, "after", transform=axes.transAxes, color=AFTER, fontsize=9, weight="bold", va="bottom")
    else:
        axes.set_title(title, loc="left", fontsize=12, color=INK)
    caption(figure, note or "the pieces of the path sum to the closure; a share is not the value of one unit more")
    return axes
