"""One style and one palette for every figure; colour-blind safe (Okabe and Ito 2008)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1f2933"
MUTED = "#7b8794"
GRID = "#e4e7eb"
LAND = "#f3f1ec"
COAST = "#c9c5bb"
DEADLINE = "#d55e00"
PLAN_COLOURS = {"north": "#0072b2", "centre": "#e69f00", "south": "#009e73"}
MODE_COLOURS = {"road": "#8a6d3b", "rail": "#333333", "sea": "#0072b2", "ferry": "#56b4e9", "air": "#cc79a7"}
OTHER = ("#cc79a7", "#56b4e9", "#8a6d3b", "#332288")


def plan_colour(name: str, number: int = 0) -> str:
    """Fixed colour of a regional plan; others in order."""
    return PLAN_COLOURS.get(name, OTHER[number % len(OTHER)])


def new_axes(width: float = 8.0, height: float = 4.6) -> tuple[Figure, Axes]:
    """A figure that needs no screen, with quiet axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
    axes.tick_params(colors=INK, labelsize=9)
    return figure, axes


def caption(figure: Figure, text: str) -> None:
    """Small line below the figure: replications, seed, hash."""
    figure.supxlabel(text, fontsize=7.5, color=MUTED, x=0.01, ha="left")


def save(axes: Axes, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and SVG, each whole or not at all."""
    figure = axes.get_figure()
    if figure is None:
        raise ValueError("these axes belong to no figure")
    paths = []
    for kind in ("png", "svg"):
        path = folder / f"{name}.{kind}"
        partial = folder / f".{name}.part.{kind}"
        try:
            figure.savefig(partial, dpi=150, metadata={"Date": None} if kind == "svg" else None)  # type: ignore[union-attr]
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        paths.append(path)
    return paths
