"""The best list for each budget, told: for people, as one JSON object, and as tables of the docs."""

from __future__ import annotations

import math
from typing import Any

from flanksim.measure.portfolio import OBJECTIVES, WANTED, PortfolioRuns
from flanksim.measure.statistics import Interval, known_or_none
from flanksim.terminal import Block, Span, numbers, table, words
from flanksim.text.best_buys import today_in_words
from flanksim.text.phrases import country_name, day, signed

#: On the screen: projects named of a list, payers, pairs.
_NAMED, _PAYERS, _PAIRS = 6, 6, 5


def as_json(found: PortfolioRuns) -> dict[str, Any]:
    """What was found, for machines."""
    return {
        "scenario": found.entry.name,
        "overrides": list(found.entry.overrides),
        "year": found.year,
        "seed": found.seed,
        "objective": found.objective,
        "gain_in": OBJECTIVES[found.objective][1],
        "indifference": found.indifference,
        "given": list(found.given),
        "today": _measures(found.told(())),
        "frontier": [_row(row) for row in found.rows],
        "ladder": [
            {key: row[key] for key in ("key", "title", "cost_bn_eur", "counts_from", "enters_at_bn_eur")}
            for row in found.ladder
        ],
        "alone": {key: gain.as_json() for key, gain in found.alone.items()},
        "pairs": [
            {"one": row["one"], "other": row["other"], "more": row["more"].as_json(), "are": row["are"]}
            for row in found.pairs
        ],
        "shapley": {
            name: {"projects": list(found.split[name]), "gain": round(value, 6)}
            for name, value in found.shapley.items()
        },
        "whole": found.whole,
        "offers": len(found.menu.offers),
        "same_plan": sorted(map(list, found.same_plan)),
        "simulated": found.simulated,
        "seconds": round(found.seconds, 3),
        "results": None if found.folder is None else str(found.folder),
    }


def _measures(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "projects": row["projects"],
        "titles": row["titles"],
        "spent_bn_eur": round(row["spent_bn_eur"], 6),
        "spent_low_bn_eur": round(row["spent_low_bn_eur"], 6),
        "spent_high_bn_eur": round(row["spent_high_bn_eur"], 6),
        "counts_from": row["counts_from"],
        **{
            name: row[name].as_json()
            for name in ("closure_day", "share_on_time", "mobility_delay_days", "p_on_time", "gain")
        },
        "binds": {cause: round(share, 6) for cause, share in row["binds"].items()},
        "runs": row["runs"],
    }


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "budget_bn_eur": row["budget_bn_eur"],
        **_measures(row),
        "bound": known_or_none(row["bound"]),
        "certainty": round(row["certainty"], 6),
        "kept": row["kept"],
        "worse": row["worse"],
        "one_less": {key: gain.as_json() for key, gain in row["one_less"].items()},
        "one_more": {key: gain.as_json() for key, gain in row["one_more"].items()},
        "payers": [
            {name: known_or_none(value) if isinstance(value, float) else value for name, value in payer.items()}
            for payer in row["payers"]
        ],
        "alternatives": [
            _measures(other) | {"spent_otherwise": round(other["spent_otherwise"], 6)} for other in row["alternatives"]
        ],
    }


def verdict(found: PortfolioRuns) -> str:
    """The answer in a sentence without its full stop."""
    words_, unit, _ = OBJECTIVES[found.objective]
    best = max(found.rows, key=lambda row: (row["gain"].mean, -row["spent_bn_eur"]))
    if not best["projects"]:
        budgets = f"EUR {found.budgets_bn_eur[-1]:g} bn"
        return f"No list for up to {budgets} does more than {found.indifference:g} {unit} for {words_}"
    return (
        f"For EUR {best['spent_bn_eur']:.2g} bn {signed(best['gain'].mean)} {unit} ({words_}): closed on "
        f"{day(best['closure_day'].mean)} in the mean, {best['share_on_time'].mean:.0%} of the troops by "
        f"C+{found.deadline_days:g}"
    )


def blocks(found: PortfolioRuns) -> list[Block]:
    """What was found, for people: the frontier, what each list holds, who pays, and how to read it."""
    gained = numbers(f"gain,\n{OBJECTIVES[found.objective][1]}")
    columns = [
        numbers("EUR bn"), numbers("spent"), words("bought, beside what the line above buys", 30), gained,
        numbers("closed\non"), numbers(f"by C+{found.deadline_days:g}"), numbers("no list\nbefore"), numbers("sure"),
    ]  # fmt: skip
    before: set[str] = set()
    rows: list[list[str | Span]] = []
    for row in found.rows:
        rows.append(
            [
                f"{row['budget_bn_eur']:g}",
                f"{row['spent_bn_eur']:.2f}",
                _change(found, before, row),
                signed(row["gain"].mean, 2),
                day(row["closure_day"].mean),
                f"{row['share_on_time'].mean:.0%}",
                day(row["bound"]),
                f"{row['certainty']:.0%}",
            ]
        )
        before = set(row["projects"])
    lines: list[Block] = [Span(verdict(found), "strong"), today_in_words(found), "", table(columns, rows), ""]
    last = found.rows[-1]
    if last["payers"]:
        payers = [
            [
                _payer(found, payer["payer"]),
                f"{payer['pays_bn_eur']:.2f}",
                signed(payer["gain"], 2),
                signed(payer["gain_per_bn_eur"], 2),
            ]
            for payer in last["payers"][:_PAYERS]
        ]
        heads = [words("who pays for the last list", 34), numbers("EUR bn"), numbers("gain"), numbers("for EUR 1 bn")]
        lines += [table(heads, payers), ""]
    if found.shapley:
        parts = [[_package(found, name), signed(value, 2)] for name, value in _split(found)]
        lines += [table([words("part of the gain (Shapley)", 60), numbers("gain")], parts), ""]
    lines += [*(f"  {line}" for line in reading(found)), ""]
    if found.folder is not None:
        lines.append(f"  {found.folder}")
    return [*lines, Span(f"  seed {found.seed} · {found.seconds:.1f} s", "quiet")]


def _split(found: PortfolioRuns) -> list[tuple[str, float]]:
    return sorted(found.shapley.items(), key=lambda entry: -entry[1])


def _package(found: PortfolioRuns, name: str) -> str:
    return found.title(name) if found.split[name] == (name,) else name


def _payer(found: PortfolioRuns, name: str) -> str:
    fund = found.entry.funds.get(name)
    return country_name(found.entry, name) if fund is None else fund.name


def _change(found: PortfolioRuns, before: set[str], row: dict[str, Any]) -> str:
    """What a list holds beside the one before, and what of that it does without."""
    now = row["projects"]
    new = [found.title(key) for key in now if key not in before]
    gone = [found.title(key) for key in sorted(before - set(now))]
    if not new and not gone:
        return "the same" if row["kept"] else "nothing"
    said = "; ".join(new[:_NAMED]) + (f" and {len(new) - _NAMED} more" if len(new) > _NAMED else "")
    less = "; ".join(gone[:_NAMED]) + (f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else "")
    return said + (f"{'; ' if said else ''}without {less}" if gone else "")


def markdown(found: PortfolioRuns) -> str:
    """The tables of the docs."""
    lines = [f"{verdict(found)}. {today_in_words(found)}.", ""]
    heads = [
        "budget, EUR bn", "spent (low to high)", "list", "counts from",
        f"gain, {OBJECTIVES[found.objective][1]} (95 %)", "closed on (95 %)",
        f"troops by C+{found.deadline_days:g} (95 %)", "mobility delay", "no list before", "sure",
    ]  # fmt: skip
    lines += [f"| {' | '.join(heads)} |", "|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|"]
    for row in found.rows:
        share = row["share_on_time"]
        lines.append(
            f"| {row['budget_bn_eur']:g} | {row['spent_bn_eur']:.2f} ({row['spent_low_bn_eur']:.2f} to "
            f"{row['spent_high_bn_eur']:.2f}) | {_list(found, row)} | {row['counts_from'] or ''} | "
            f"{_interval(row['gain'])} | {day(row['closure_day'].mean)}{_range(row['closure_day'])} | "
            f"{share.mean:.0%} ({share.low:.0%} to {share.high:.0%}) | {row['mobility_delay_days'].mean:.1f} | "
            f"{day(row['bound'])} | {row['certainty']:.0%} |"
        )
    last = found.rows[-1]
    if last["one_less"]:
        unit = OBJECTIVES[found.objective][1]
        lines += [
            "",
            f"| of the last list | EUR bn | counts from | gains alone | gains beside the others, {unit} (95 %) |",
        ]
        lines.append("|---|--:|--:|--:|--:|")
        years = {entry["key"]: entry["counts_from"] for entry in found.ladder}
        for key, gain in sorted(last["one_less"].items(), key=lambda entry: -entry[1].mean):
            alone = "" if key not in found.alone else signed(found.alone[key].mean, 2)
            cost = found.menu.price(found.menu.purchase([key]))
            lines.append(f"| {found.title(key)} ({key}) | {cost:.2f} | {years[key]} | {alone} | {_interval(gain)} |")
    if last["payers"]:
        lines += [
            "",
            "| who pays for the last list | EUR bn | gain that goes with it | for EUR 1 bn |",
            "|---|--:|--:|--:|",
        ]
        for payer in last["payers"]:
            worth = signed(payer["gain_per_bn_eur"], 2)
            name = _payer(found, payer["payer"])
            lines.append(f"| {name} | {payer['pays_bn_eur']:.2f} | {signed(payer['gain'], 2)} | {worth} |")
    if found.pairs:
        lines += ["", "| pair | gains more together than the sum of both (95 %) | |", "|---|--:|---|"]
        for row in found.pairs:
            both = f"{found.title(row['one'])} + {found.title(row['other'])}"
            lines.append(f"| {both} | {_interval(row['more'])} | {row['are']} |")
    if found.shapley:
        lines += ["", "| part of the gain of the last list (Shapley) | gain |", "|---|--:|"]
        lines += [f"| {_package(found, name)} | {signed(value, 2)} |" for name, value in _split(found)]
    lines += ["", *(f"- {line}." for line in reading(found))]
    return "\n".join(lines) + "\n"


def _list(found: PortfolioRuns, row: dict[str, Any]) -> str:
    if row["kept"]:
        return "the same"
    return "; ".join(f"{found.title(key)} ({key})" for key in row["projects"]) or "nothing"


def _interval(value: Interval) -> str:
    if math.isnan(value.low) or value.low == value.high:
        return signed(value.mean, 2)
    return f"{signed(value.mean, 2)} ({signed(value.low, 2)} to {signed(value.high, 2)})"


def _range(value: Interval) -> str:
    return "" if math.isnan(value.low) else f" ({value.low:.1f} to {value.high:.1f})"


def reading(found: PortfolioRuns) -> list[str]:
    """How to read it, and what was found beside the frontier."""
    unit = OBJECTIVES[found.objective][1]
    lines = [
        f"For EUR {row['budget_bn_eur']:g} bn {row['worse']}: the list is chosen for another measure"
        for row in found.rows
        if row["worse"]
    ]
    binds = found.rows[-1]["binds"]
    if binds:
        causes = ", ".join(f"{cause} ({share:.0%})" for cause, share in binds.items())
        lines.append(f"What the last unit waits for with the last list, part of its way: {causes}")
    for row in found.rows[-1:]:
        for other in row["alternatives"]:
            names = "; ".join(other["titles"][:_NAMED])
            more = f" and {len(other['titles']) - _NAMED} more" if len(other["titles"]) > _NAMED else ""
            lines.append(
                f"As good as the last list, with {other['spent_otherwise']:.0%} of the money spent otherwise (EUR "
                f"{other['spent_bn_eur']:.2f} bn): {names}{more}"
            )
    sure = [row for row in found.pairs if row["are"] != "cannot tell apart"]
    lines += [
        f"{row['are'].capitalize()}: {found.title(row['one'])} and {found.title(row['other'])}, "
        f"{signed(row['more'].mean, 2)} {unit} beyond the sum of both"
        for row in sure[:_PAIRS]
    ]
    if found.given:
        lines.append(f"Pulled whatever is bought: {'; '.join(found.title(key) for key in found.given)}")
    lines.append(
        "Money: typical costs with overruns, of what is left to pay; a list is the cheapest of those that gain as much "
        f"but for {found.indifference / 2:g} {unit}, so a larger budget keeps the smaller list where it buys no more"
    )
    lines.append(
        f"Sure: the chance that no other finalist is better by more than {found.indifference:g} {unit} is at least "
        f"this; {WANTED:.0%} is asked for. No list before: with all that alone could be paid no schedule closes sooner"
    )
    how = "every list that can be bought was run" if found.whole else "the search is no proof that there is none better"
    lines.append(f"{found.simulated} lists of {len(found.menu.offers)} projects and levers were run; {how}")
    return lines
