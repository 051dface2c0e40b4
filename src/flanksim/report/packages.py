"""What a search for packages of levers says on its page: verdict, tiles, who decides, and its tables."""

from __future__ import annotations

import math

from markupsafe import Markup

from flanksim.measure.reach import PackageRuns
from flanksim.report.helps import euros
from flanksim.report.html import Cell, details, join, paragraph, percent, table
from flanksim.report.verdicts import Tile, Verdict, chance_tile, last_day, listed, share_words
from flanksim.text.best_buys import money
from flanksim.text.phrases import day
from flanksim.text.reach import cost_row, reading, verdict

#: Levers that a verdict names one by one.
_NAMED = 3


def reach_verdict(found: PackageRuns, deadline: str) -> Verdict:
    """Verdict, lines and tiles: the cheapest package, or why there is none."""
    today, best = found.alternatives[0], found.cheapest
    before = f"Today the last unit is closed on {last_day(today.closure_day())}, and "
    before += f"{share_words(today.on_time_share().mean)} of the troops by {deadline}."
    if best is None:
        miss = found.nearest_miss()
        lines = [Markup("{}").format(before)]
        if miss is not None:
            text = Markup("Nearest: <b>{}</b>, {}: closed on {}, {} of the troops by {}.")
            share = share_words(miss.on_time_share().mean)
            cost = euros(miss.cost_bn_eur)
            lines.append(text.format(miss.title, cost, last_day(miss.closure_day()), share, deadline))
        return f"{verdict(found)}.", lines, [] if miss is None else _tiles(found, miss.name, deadline)
    row = found.rows[0]
    titles = row["titles"]
    what = listed([_small(title) for title in titles]) if len(titles) <= _NAMED else f"{len(titles)} levers together"
    said = f"Yes, with {what}: closed on {last_day(row['closure_day'])}."
    lines = [Markup("{}").format(before)]
    if len(titles) > _NAMED:
        lines.append(Markup("<b>The cheapest package:</b> {}.").format(listed([_small(title) for title in titles])))
    decides = list(dict.fromkeys(row["decides"]))
    if decides:
        lines.append(Markup("<b>Who decides:</b> {}.").format("; ".join(decides)))
    if len(found.smallest) > 1:
        count = len(found.smallest) - 1
        others = "1 other smallest package does it too" if count == 1 else f"{count} other smallest packages do it too"
        lines.append(Markup("{}; no package takes less of any lever.").format(others))
    if found.needed_in_all:
        names = listed([_small(found.levers[key].name) for key in found.needed_in_all])
        lines.append(Markup("<b>Nothing works without:</b> {} (or more of it).").format(names))
    if row["gives_way_first"]:
        name = found.levers[row["gives_way_first"]].name
        lines.append(Markup("<b>Gives way first:</b> one level less of {}.").format(_small(name)))
    return said, lines, _tiles(found, found.alternatives[found.packages.index(best)].name, deadline)


def _small(text: str) -> str:
    """A name within a sentence; one that begins with several capitals keeps them."""
    return text if len(text) < 2 or text[1].isupper() else text[0].lower() + text[1:]


def _tiles(found: PackageRuns, name: str, deadline: str) -> list[Tile]:
    """Of one package: the day, troops in time, chance, euros."""
    entry, today = found.at(name), found.alternatives[0]
    low, typical, high = entry.about.cost_bn_eur
    spread = f"{low:,.1f} to {high:,.1f}" if low < high else ""
    return [
        Tile(last_day(entry.closure_day()), "last day", f"{last_day(today.closure_day())} today"),
        Tile(
            share_words(entry.on_time_share().mean),
            f"of the troops there by {deadline}",
            f"{share_words(today.on_time_share().mean)} today",
        ),
        Tile(*chance_tile(entry.p_on_time(), deadline)),
        Tile(euros(typical), "beyond today", spread),
    ]


def packages_part(found: PackageRuns) -> Markup:
    """The smallest packages, the staircase, and folded everything that was run."""
    parts = [_smallest(found)] if found.rows else []
    parts += [paragraph(f"{line}.", "muted") for line in reading(found, None)]
    parts += [_steps(found), details("All packages that were run", _every(found))]
    return join(parts)


def _smallest(found: PackageRuns) -> Markup:
    rows = [
        [
            "; ".join(row["titles"]),
            Cell(money(cost_row(row["cost_bn_eur"])), row["cost_bn_eur"][1]),
            str(row["counts_from"] or "at once"),
            Cell(day(row["closure_day"].mean), row["closure_day"].mean),
            Cell(f"{row['p_on_time'].hits} of {row['p_on_time'].runs}", row["p_on_time"].mean),
            found.levers[row["gives_way_first"]].name if row["gives_way_first"] else "",
            "; ".join(dict.fromkeys(row["decides"])),
            "; ".join(dict.fromkeys(row["political"])),
        ]
        for row in found.rows
    ]
    head = [
        "levers", "EUR bn", "counts from", "closed on (mean)", "runs in time", "gives way first", "who decides",
        "what it takes beside money",
    ]  # fmt: skip
    return table(head, rows, "Smallest packages: with one lever one level weaker the force is not closed so often.")


def _steps(found: PackageRuns) -> Markup:
    rows = [
        [
            row["title"] if number == 0 else f"+ {row['title']}",
            Cell(f"{row['cost_bn_eur']:.1f}", row["cost_bn_eur"]),
            Cell(day(row["closure_day"].mean), row["closure_day"].mean),
            percent(row["share_on_time"].mean),
            Cell(f"{row['p_on_time'].hits} of {row['p_on_time'].runs}", row["p_on_time"].mean),
        ]
        for number, row in enumerate(found.staircase)
    ]
    head = ["step by step", "EUR bn", "closed on (mean)", f"troops by C+{found.deadline_days:g}", "runs in time"]
    return table(head, rows, "Euros are those of all steps to there.")


def _every(found: PackageRuns) -> Markup:
    rows = []
    for package, entry in zip(found.packages, found.alternatives, strict=True):
        chance, bound = entry.p_on_time(), found.bound_days.get(package, math.nan)
        rows.append(
            [
                entry.title,
                Cell(f"{entry.cost_bn_eur:.1f}", entry.cost_bn_eur),
                Cell(day(entry.closure_day().mean), entry.closure_day().mean),
                percent(entry.on_time_share().mean),
                Cell(f"{chance.hits} of {chance.runs}", chance.mean),
                Cell(day(bound, "-"), bound),
            ]
        )
    head = ["package", "EUR bn", "closed on (mean)", "troops in time", "runs in time", "no schedule before"]
    return table(head, rows)
