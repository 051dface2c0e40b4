"""One style and one palette for every figure; colour-blind safe (Okabe and Ito 2008)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flanksim.modes import LINK_MODES
from flanksim.saving import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flanksim.planning.plan import Plan

INK = "#1f2933"
MUTED = "#7b8794"
GRID = "#e4e7eb"
LAND = "#f3f1ec"
COAST = "#c9c5bb"
#: Of words on fields that are themselves dark or light; a page may turn `INK` and white round, these never.
ON_DARK, ON_LIGHT = "#fefefe", "#1f2932"
DEADLINE = "#d55e00"
#: Grey for what is compared with, blue for what is looked at.
BASELINE, MAIN = "#b0b7bf", "#0072b2"
CLOSED = "#009e73"
#: Of regional plans, in their order.
PLAN_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#8a6d3b", "#332288")
MODE_COLOURS = {mode: link.colour for mode, link in LINK_MODES.items()} | {"air": "#cc79a7"}


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


def shortened(text: str, most: int = 52) -> str:
    """Cut to `most` characters, with an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def settled(figure: Figure) -> None:
    """Lay the figure out now and for good, so that there are pixels to measure."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")


def caption(figure: Figure, text: str) -> None:
    """Small print below the figure: replications, seed, hash; folded to its width."""
    import textwrap

    text = "\n".join(textwrap.wrap(text, int(17.5 * figure.get_figwidth())))
    figure.supxlabel(text, fontsize=7.5, color=MUTED, x=0.01, ha="left")


def save(axes: Axes, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and SVG, each whole or not at all; the same figure gives the same bytes.

    Parameters
    ----------
    axes
        Any axes of the figure.
    folder
        Where it is written.
    name
        Name of the files, without their ending.

    Returns
    -------
    list of Path
        The PNG and the SVG.

    Raises
    ------
    ValueError
        If the axes belong to no figure.
    """
    import matplotlib as mpl

    figure = axes.figure.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no figure")
    paths = []
    for kind in ("png", "svg"):

        def write(partial: Path, kind: str = kind) -> None:
            with mpl.rc_context({"svg.hashsalt": "flanksim"}):
                figure.savefig(partial, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
            if kind == "svg":
                partial.write_text(_shorter(partial.read_text(encoding="utf-8")), encoding="utf-8")

        path = folder / f"{name}.{kind}"
        write_atomically(path, write)
        paths.append(path)
    return paths


def _shorter(svg: str) -> str:
    """Coordinates of paths with two decimals of a point, which nobody can see; a map is half as long with them."""
    return re.sub(r' d="[^"]*"', lambda found: re.sub(r"(\.\d\d)\d+", r"\1", found.group()), svg)


def sheet(width: float, height: float) -> Figure:
    """An empty figure that needs no screen; whoever draws on it places everything."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def provenance(plan: Plan, *, seed: int | None = None, runs: int = 1) -> str:
    """Caption's end: how many replications, of which seed, of which scenario.

    Parameters
    ----------
    plan
        Names the scenario and its digest.
    seed
        Of the first replication; not said if None.
    runs
        Number of replications.
    """
    count = "one replication" if runs == 1 else f"{runs} replications"
    rooted = "" if seed is None else f", seed {seed}"
    return f"{count}{rooted} · scenario {plan.scenario} {plan.scenario_digest}"


def deadline_line(axes: Axes, day: float, *, across: bool = True, label: bool = True) -> None:
    """The deadline: dashed, named at the axes' edge. `across`: days run from left to right.

    Parameters
    ----------
    axes
        Axes with days along one side.
    day
        Deadline, days after C-day.
    across
        Whether days run from left to right; else from below to above.
    label
        Whether the day is written at the edge.
    """
    style = {"color": DEADLINE, "linewidth": 1.2, "linestyle": (0, (4, 3)), "label": "deadline"}
    if across:
        axes.axvline(day, **style)  # type: ignore[arg-type]
        if label:
            axes.annotate(
                f"C+{day:g}", (day, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 3),
                textcoords="offset points", color=DEADLINE, fontsize=9, ha="center", va="bottom", annotation_clip=False,
            )  # fmt: skip
        return
    axes.axhline(day, **style)  # type: ignore[arg-type]
    if label:
        axes.annotate(
            f"C+{day:g}", (0.0, day), xycoords=("axes fraction", "data"), xytext=(4, 3), textcoords="offset points",
            color=DEADLINE, fontsize=9, va="bottom", annotation_clip=False,
        )  # fmt: skip
