"""The picture of `docs/architecture.md`: boxes for what is handed on, arrows for the functions between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

_WIDTH, _LINE, _PAD = 860, 17, 9
#: Of the column in which most boxes stand.
_MIDDLE = 430


@dataclass(frozen=True)
class Box:
    """A thing that is handed on: lines of text, centre and size in points, and whether somebody outside makes it."""

    lines: tuple[str, ...]
    x: float
    y: float
    width: float
    outside: bool = False

    @property
    def height(self) -> float:
        """By its lines."""
        return _LINE * len(self.lines) + 2 * _PAD


@dataclass(frozen=True)
class Arrow:
    """A function from one box to another; `side` says at which side of the arrow its name stands."""

    start: str
    end: str
    lines: tuple[str, ...] = ()
    side: int = 1


BOXES = {
    "files": Box(("scenarios/*.yaml + tables/*.csv",), _MIDDLE, 28, 260),
    "scenario": Box(("Scenario", "frozen, checked"), _MIDDLE, 118, 170),
    "year": Box(("Scenario of a year",), _MIDDLE, 208, 170),
    "graph": Box(("networkx.MultiDiGraph", "what each place and link offers"), _MIDDLE, 300, 250),
    "you": Box(("a researcher edits it",), 735, 300, 180, outside=True),
    "plan": Box(("Plan", "resources, serials, programs"), _MIDDLE, 396, 220),
    "log": Box(("MovementLog", "rows with four times, and their only reader"), _MIDDLE, 504, 310),
    "runs": Box(("ReplicationSet", "statistics, said once"), _MIDDLE, 606, 200),
    "bound": Box(("Ladder", "what no schedule beats"), 130, 606, 190),
    "metrics": Box(("Metrics", "table, figure, sentence"), 735, 606, 190),
    "study": Box(("study: run, sweep, compare, explain", "saved and reopened"), _MIDDLE, 710, 290),
    "out": Box(("terminal · report.html · JSON",), _MIDDLE, 792, 240, outside=True),
}
ARROWS = (
    Arrow("files", "scenario", ("scenario.reading.load",)),
    Arrow("scenario", "year", ("investment.apply: spending by a year",)),
    Arrow("year", "graph", ("flanksim.graph",)),
    Arrow("you", "graph"),
    Arrow("graph", "plan", ("planning.compile.compile_plan",)),
    Arrow("plan", "log", ("engine.simulate.simulate_plan(plan, seed)", "the only package that imports simpy")),
    Arrow("log", "runs", ("measure",)),
    Arrow("graph", "bound", ("bounds.ladder.ladder",)),
    Arrow("log", "metrics", ("metrics",), -1),
    Arrow("runs", "study"),
    Arrow("bound", "study"),
    Arrow("metrics", "study"),
    Arrow("study", "out"),
)


def picture() -> str:
    """The picture as SVG; the same bytes every time."""
    height = max(box.y + box.height / 2 for box in BOXES.values()) + 12
    said = "From scenario file to report: what is handed on, and the functions between"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13" text-anchor="middle">\n<title>{said}</title>\n'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#52606d"/></marker></defs>\n'
        f'<rect width="{_WIDTH}" height="{height:g}" rx="6" fill="#ffffff"/>\n'
    )
    return head + "".join([*_arrows(), *_boxes()]) + "</svg>\n"


def _boxes() -> Iterator[str]:
    for box in BOXES.values():
        left, top = box.x - box.width / 2, box.y - box.height / 2
        dashes = ' stroke-dasharray="5 3"' if box.outside else ""
        yield (
            f'<rect x="{left:g}" y="{top:g}" width="{box.width:g}" height="{box.height:g}" rx="5" fill="#f3f6f9" '
            f'stroke="#0072b2"{dashes}/>\n'
        )
        for number, line in enumerate(box.lines):
            weight = ' font-weight="600"' if number == 0 and len(box.lines) > 1 else ""
            y = top + _PAD + _LINE * (number + 0.75)
            yield f'<text x="{box.x:g}" y="{y:g}" fill="#1f2933"{weight}>{escape(line)}</text>\n'


def _arrows() -> Iterator[str]:
    for arrow in ARROWS:
        points = _points(BOXES[arrow.start], BOXES[arrow.end])
        path = " ".join(f"{x:g} {y:g}" for x, y in points)
        yield f'<path d="M{path}" fill="none" stroke="#52606d" stroke-width="1.3" marker-end="url(#tip)"/>\n'
        (x1, y1), (x2, y2) = points[-2:]
        anchor = "start" if arrow.side > 0 else "end"
        for number, line in enumerate(arrow.lines):
            y = (y1 + y2) / 2 + 4.5 + (number - (len(arrow.lines) - 1) / 2) * 15
            yield (
                f'<text x="{(x1 + x2) / 2 + 10 * arrow.side:g}" y="{y:g}" text-anchor="{anchor}" fill="#52606d" '
                f'font-size="12">{escape(line)}</text>\n'
            )


def _points(start: Box, end: Box) -> list[tuple[float, float]]:
    """Corners of an arrow: straight, or out of the middle column sideways and down, or into it down and sideways."""
    aside = 1 if end.x > start.x else -1
    below, above = start.y + start.height / 2, end.y - end.height / 2
    if start.x == end.x:
        return [(start.x, below), (end.x, above)]
    if start.y == end.y:
        return [(start.x + aside * start.width / 2, start.y), (end.x - aside * end.width / 2, end.y)]
    if start.x == _MIDDLE:
        return [(start.x + aside * start.width / 2, start.y), (end.x, start.y), (end.x, above)]
    return [(start.x, below), (start.x, end.y), (end.x - aside * end.width / 2, end.y)]
