"""What it would take, told: for people, as one JSON object, and as tables of the docs."""

from __future__ import annotations

import math
from typing import Any

from flanksim.measure.alternatives import Alternative
from flanksim.measure.reach import PackageRuns
from flanksim.measure.statistics import Interval
from flanksim.terminal import Block, Span, numbers, table, words
from flanksim.text import worlds
from flanksim.text.best_buys import money, today_in_words
from flanksim.text.phrases import day

#: Packages on the screen.
MOST = 12


def as_json(found: PackageRuns, budget_bn_eur: float | None = None) -> dict[str, Any]:
    """What was found, for machines."""
    miss = found.nearest_miss(math.inf if budget_bn_eur is None else budget_bn_eur)
    return {
        "scenario": found.scenario.name,
        "overrides": list(found.scenario.overrides),
        "year": found.year,
        "seed": found.seed,
        "by_day": found.deadline_days,
        "probability": found.probability,
        "troops_required": found.scenario.troops_required,
        "replications": found.most,
        "families": {name: list(keys) for name, keys in zip(found.families.names, found.families.levels, strict=True)},
        "packages": [
            {
                "levers": row["levers"],
                "titles": row["titles"],
                "closure_day": row["closure_day"].as_json(),
                "p_on_time": row["p_on_time"].as_json(),
                "cost_bn_eur": _costs(row["cost_bn_eur"]),
                "counts_from": row["counts_from"],
                "political": row["political"],
                "decides": row["decides"],
                "gives_way_first": row["gives_way_first"],
                "worlds": worlds.worlds_json(row["worlds"]),
            }
            for row in found.rows
        ],
        "needed_in_all": list(found.needed_in_all),
        "steps": [
            {
                "lever": row["lever"],
                "closure_day": row["closure_day"].as_json(),
                "share_on_time": row["share_on_time"].as_json(),
                "p_on_time": row["p_on_time"].as_json(),
                "cost_bn_eur": round(row["cost_bn_eur"], 6),
            }
            for row in found.staircase
        ],
        "nearest_miss": None if miss is None else _missed(miss),
        "whole": found.whole,
        "packages_in_all": len(found.families.all()),
        "simulated": found.simulated,
        "excluded_by_bound": found.excluded_by_bound,
        "seconds": round(found.seconds, 3),
        "results": None if found.folder is None else str(found.folder),
    }


def _missed(miss: Alternative) -> dict[str, Any]:
    return {
        "levers": [] if miss.name == "today" else miss.name.split("+"),
        "closure_day": miss.closure_day().as_json(),
        "p_on_time": miss.p_on_time().as_json(),
        "share_on_time": miss.on_time_share().as_json(),
        "cost_bn_eur": _costs(miss.about.cost_bn_eur),
        "runs": len(miss.replications),
    }


def _costs(cost_bn_eur: tuple[float, float, float]) -> dict[str, float]:
    return {name: round(value, 6) for name, value in zip(("low", "typical", "high"), cost_bn_eur, strict=True)}


def verdict(found: PackageRuns) -> str:
    """The answer in a sentence without its full stop."""
    asked = f"{_troops(found)} by C+{found.deadline_days:g} in {found.probability:.0%} of the runs"
    count = len(found.smallest)
    if count:
        one = "1 smallest package" if count == 1 else f"{count} smallest packages"
        more = "" if found.whole else "; the search was ended by --most, so there may be others"
        return f"{one} of levers {'closes' if count == 1 else 'close'} {asked}{more}"
    top = found.families.top
    if found.excluded(top):
        limit = day(found.bound_days[top])
        return f"No package closes {asked}: with all levers together no schedule closes them before {limit}"
    all_of_them = found.of(top)
    seen = "" if all_of_them is None else f"; all levers together: {all_of_them.p_on_time().words()}"
    return f"No package was found that closes {asked}{seen}"


def blocks(found: PackageRuns, budget_bn_eur: float | None = None) -> list[Block]:
    """What was found, for people: the verdict, the packages, the staircase, and how to read them."""
    lines: list[Block] = [Span(verdict(found), "strong"), today_in_words(found), ""]
    if found.rows:
        columns = [
            numbers(""), words("levers", 30), numbers("EUR bn"), numbers("from"), numbers("closed\non"),
            numbers("in time"), *([numbers("in all\nworlds")] if found.worlds else []), words("gives way first", 14),
        ]  # fmt: skip
        rows = [
            [
                str(number),
                "; ".join(row["titles"]),
                money(cost_row(row["cost_bn_eur"])),
                str(row["counts_from"]),
                day(row["closure_day"].mean),
                f"{row['p_on_time'].mean:.0%}",
                *([worlds.percent(row["worlds"].p_on_time())] if row["worlds"] else []),
                found.levers[row["gives_way_first"]].name if row["gives_way_first"] else "",
            ]
            for number, row in enumerate(found.rows[:MOST], 1)
        ]
        lines.append(table(columns, rows))
        if runs := found.rows[0]["worlds"]:
            lines.append(f"  In all worlds: with what is not known drawn anew in {worlds.how_many(runs)}")
        if len(found.rows) > MOST:
            lines.append(f"  and {len(found.rows) - MOST} more that cost more: --json lists them")
        lines.append("")
    columns = [
        words("step by step", 34),
        numbers("EUR bn"),
        numbers("closed\non"),
        numbers(_by(found)),
        numbers("in time"),
    ]
    rows = [
        [
            row["title"] if number == 0 else f"+ {row['title']}",
            f"{row['cost_bn_eur']:.1f}",
            day(row["closure_day"].mean),
            f"{row['share_on_time'].mean:.0%}",
            f"{row['p_on_time'].mean:.0%}",
        ]
        for number, row in enumerate(found.staircase)
    ]
    lines += [table(columns, rows), "", *(f"  {line}" for line in reading(found, budget_bn_eur)), ""]
    if found.folder is not None:
        lines.append(f"  {found.folder}")
    return [*lines, Span(f"  seed {found.seed} · {found.seconds:.1f} s", "quiet")]


def markdown(found: PackageRuns) -> str:
    """The tables of the docs."""
    lines = [f"{verdict(found)}. {today_in_words(found)}.", ""]
    if found.rows:
        lines += [
            "| levers | EUR bn (low to high) | counts from | closed on (95 %) | in time (95 %) | gives way first |",
            "|---|--:|--:|--:|--:|---|",
        ]
        for row in found.rows:
            chance = row["p_on_time"]
            first = found.levers[row["gives_way_first"]].name if row["gives_way_first"] else ""
            lines.append(
                f"| {'; '.join(row['titles'])} | {money(cost_row(row['cost_bn_eur']))} | {row['counts_from']} | "
                f"{_day_interval(row['closure_day'])} | {chance.mean:.0%} ({chance.low:.0%} to {chance.high:.0%}) | "
                f"{first} |"
            )
        lines.append("")
    lines += [
        f"| step by step | EUR bn | closed on, mean (95 %) | {_by(found)} | in time |",
        "|---|--:|--:|--:|--:|",
    ]
    for number, row in enumerate(found.staircase):
        name = row["title"] if number == 0 else f"+ {row['title']}"
        lines.append(
            f"| {name} | {row['cost_bn_eur']:.1f} | {_day_interval(row['closure_day'])} | "
            f"{row['share_on_time'].mean:.0%} | {row['p_on_time'].mean:.0%} |"
        )
    political = dict.fromkeys(
        (found.levers[key].name, found.levers[key].decides, found.levers[key].political)
        for row in found.rows
        for key in row["levers"]
    )
    if political:
        lines += ["", "| lever | who decides | what it takes beside money |", "|---|---|---|"]
        lines += [f"| {name} | {decides} | {takes} |" for name, decides, takes in political]
    lines += ["", *(f"- {line}." for line in reading(found, None))]
    return "\n".join(lines) + "\n"


def _troops(found: PackageRuns) -> str:
    return f"{found.scenario.troops_required:,} troops"


def _by(found: PackageRuns) -> str:
    return f"troops by C+{found.deadline_days:g}"


def _day_interval(value: Interval) -> str:
    if math.isnan(value.low):
        return day(value.mean)
    return f"{day(value.mean)} ({value.low:.1f} to {value.high:.1f})"


def cost_row(cost_bn_eur: tuple[float, float, float]) -> dict[str, float]:
    """Low, typical and high cost as `flanksim.text.best_buys.money` takes them."""
    return dict(zip(("cost_low_bn_eur", "cost_bn_eur", "cost_high_bn_eur"), cost_bn_eur, strict=True))


def reading(found: PackageRuns, budget_bn_eur: float | None) -> list[str]:
    """How to read what was found, a line each without its full stop."""
    offered = "; ".join(found.levers[key].name for levels in found.families.levels for key in levels)
    lines = [f"Chosen from: {offered}"]
    if found.needed_in_all:
        names = "; ".join(found.levers[key].name for key in found.needed_in_all)
        lines.append(f"In every package, or a stronger level of it: {names}")
    if found.smallest:
        lines.append(
            "Smallest: with any one lever of a package one level weaker, or without it, the force is not closed so "
            "often; "
            "each of these was run itself, or is excluded by the bound"
        )
    miss = found.nearest_miss(math.inf if budget_bn_eur is None else budget_bn_eur)
    if miss is not None and (budget_bn_eur is not None or not found.smallest):
        price = "" if budget_bn_eur is None else f" for at most EUR {budget_bn_eur:g} bn"
        lines.append(
            f"Nearest miss{price}: {miss.title} (EUR {miss.cost_bn_eur:.1f} bn), {miss.on_time_share().mean:.0%} of "
            f"the troops in time, closed on {day(miss.closure_day().mean)} in the mean"
        )
    lines.append(
        f"{found.simulated} of {len(found.families.all())} packages were run, {found.excluded_by_bound} are excluded "
        "by the bound; of the rest it is taken that less than what fails fails, and more than what reaches reaches"
    )
    lines.append(
        "Each package has a plan of its own and the random numbers of today's runs; steps that do not help "
        "stand as they are"
    )
    return lines
