"""Reporting sheets: STRESS-DES (Monks and others 2019), item by item, and GAO's questions on a mobility study."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence

from markupsafe import Markup

from flanksim.measure.reach import PackageRuns
from flanksim.report import labels
from flanksim.report.context import Context
from flanksim.report.html import Section, details, heading, join, paragraph, table
from flanksim.scenario.schema import Scenario

Row = list[object]


def sheet_section(context: Context) -> Section:
    """Both sheets."""
    body = [
        paragraph(
            "STRESS-DES is the checklist for reporting discrete-event simulations (Monks and others, Journal of "
            "Simulation 13(1), 2019): twenty items, so that somebody else can judge a study and repeat it."
        ),
        details("The twenty items", table(["item", "here"], stress(context))),
        heading("Questions that GAO asks of a mobility study"),
        table(["question", "here"], gao(context)),
    ]
    return Section("sheet", "Reporting sheets", "Sheets", join(body))


def stress(context: Context) -> list[Row]:
    """The twenty items of STRESS-DES for this folder; where something was not done it says so."""
    parts = (_objectives(context), _logic(context.scenario), _data(context), _experiments(context))
    return [*(row for part in parts for row in part), *_software(context)]


def _item(name: str, *parts: str) -> Row:
    return [name, " ".join(parts)]


def _objectives(context: Context) -> list[Row]:
    aims = {
        "sweep": "the surface of closure over spending and year; the same random numbers for every network",
        "reach": "the smallest packages of levers with which the force is closed in time, as surely as is asked",
        "compare": "paired differences between alternatives, with intervals that hold together",
    }
    return [
        _item(
            "1.1 Purpose of the model",
            f"when {context.plan.troops_required:,} troops are closed{labels.where(context.scenario)}; deadline "
            f"{context.deadline};",
            "intended for ranking investments and rules, not for forecasts or for targets",
        ),
        _item(
            "1.2 Model outputs",
            "closure day, probability of closing in time, share closed in time; by regional plan and tier;",
            "critical path, ledger of time, queues",
        ),
        _item(
            "1.3 Experimentation aims",
            aims.get(context.kind, "one scenario: its closure, its reasons, and the bound beside it"),
        ),
    ]


def _logic(scenario: Scenario) -> list[Row]:
    on = [name.replace("_", " ") for name, value in scenario.mechanisms if value]
    off = [name.replace("_", " ") for name, value in scenario.mechanisms if not value]
    facilities = sorted({labels.FACILITIES[row.kind] for row in scenario.facilities.values()})
    return [
        _item(
            "2.1 Base model overview diagram",
            "the network as a map; docs/architecture.md draws what is handed on, docs/model.md says the logic in words",
        ),
        _item(
            "2.2 Base model logic",
            "each unit is cut into serials; a serial asks for lift, loads, enters link after link, crosses borders,",
            "unloads and joins up; a unit is closed when enough of it is there",
        ),
        _item("2.3 Scenario logic", f"mechanisms on: {', '.join(on)};", f"off: {', '.join(off) or 'none'}"),
        _item(
            "2.4 Algorithms",
            "ways: layered shortest paths among links that bear the load,",
            f"strategy {scenario.routing.strategy}; queues by priority, then arrival; bounds by linear programs",
        ),
        _item(
            "2.5 Components",
            f"entities: {len(scenario.travelling_units)} units in serials; activities: load, travel, border, unload, "
            "join up;",
            f"resources: {len(scenario.links):,} links, {len(scenario.facilities):,} facilities "
            f"({', '.join(facilities)}),",
            f"{len(scenario.fleets):,} fleets; queues: one for each, first by priority; entry: home stations;",
            "exit: assembly areas",
        ),
    ]


def _data(context: Context) -> list[Row]:
    scenario = context.scenario
    drawn = (
        "drawn from triangular distributions, exponential where a row says so"
        if scenario.mechanisms.chance
        else "typical values, since chance is switched off"
    )
    return [
        _item("3.1 Data sources", f"{len(scenario.sources)} sources, listed with the rows that rest on them"),
        _item(
            "3.2 Pre-processing",
            "units of measure are converted in one place; class defaults fill what a row does not say;",
            "ways are prepared before the run; docs/data.md says how the tables were made",
        ),
        _item("3.3 Input parameters", f"{len(scenario.parameters)} parameters with low, typical and high;", drawn),
        _item("3.4 Assumptions", "rules, mechanisms and limits are stated; every row has a basis and a confidence"),
    ]


def _experiments(context: Context) -> list[Row]:
    horizon = context.scenario.question.horizon_days
    return [
        _item(
            "4.1 Initialisation",
            "empty network, lift at its home, on C-day at 00:00; a terminating simulation, so no warm-up",
        ),
        _item(
            "4.2 Run length",
            f"to the last closure, at most C+{horizon:g}; runs not closed by then count as failures for the "
            "probability",
            "and as later than all others for the median; means leave them out, visibly",
        ),
        _item(
            "4.3 Estimation approach",
            f"{context.runs_made} independent replications a scenario; median and 5th to 95th percentile of the runs,",
            "Wilson's intervals for probabilities, t intervals for differences;",
            "common random numbers between alternatives",
        ),
    ]


def _software(context: Context) -> list[Row]:
    manifest = context.manifest
    packages = ", ".join(f"{name} {number}" for name, number in manifest.get("versions", {}).items())
    jobs = manifest.get("jobs")
    took = f"{manifest['seconds']:,.0f} s in all" if "seconds" in manifest else "run time not recorded"
    return [
        _item(
            "5.1 Software",
            f"Python {manifest.get('python', 'not recorded')};",
            packages or "versions of the packages not recorded",
        ),
        _item(
            "5.2 Random sampling",
            "Philox, keyed by purpose and thing, so that a change moves only the draws of what it touches;",
            f"root seed {manifest.get('seed', 'not recorded')}, one seed a replication",
        ),
        _item(
            "5.3 Model execution",
            "event list of SimPy, no time step; events of the same time in order of their request;",
            "the same seed gives the same bytes in one process or many",
        ),
        _item(
            "5.4 System specification",
            f"{jobs} processes;" if jobs else "number of processes not recorded;",
            f"{took}; processor and memory are not recorded",
        ),
        _item(
            "6.1 Sharing of the model",
            "open source, Apache-2.0; the resolved scenario with all tables lies in the results folder",
        ),
    ]


def gao(context: Context) -> list[Row]:
    """GAO's recurring questions on mobility studies, answered with this folder's numbers."""
    scenario, found = context.scenario, context.answered
    rows = [*scenario.links.values(), *scenario.facilities.values(), *scenario.fleets.values()]
    known = sum(row.basis in ("looked_up", "derived") for row in rows) / max(1, len(rows))
    short = ["see the table of the answer"]
    if found is not None:
        missing = (1 - found.on_time_share().mean) * found.plan.troops_required
        when, deadline = found.closure_spread(), scenario.question.deadline_days
        short = [f"{missing:,.0f} troops are not there by {context.deadline};"]
        known_day = math.isfinite(when.median)
        off = round(when.median - deadline) + 0 if known_day else 0
        short += [f"the force is {off:+d} days off its date (median);"] if known_day else ["it never closes;"]
        short += [f"in time: {found.p_on_time().words()}"]
    return [
        _item(
            "Are limits disclosed, with their effect?",
            "yes, in the section on limits, in numbers where the answer has any",
        ),
        _item(
            "Are the metrics relevant to the decision?",
            "closure day, share in time and probability against a stated deadline; days saved for alternatives",
        ),
        _item(
            "Are inputs and assumptions documented?",
            f"every row has source, basis and confidence; {100 * known:.0f} % of the capacities are looked up or "
            "derived",
        ),
        _item("Are shortfall and risk quantified?", *short),
    ]


TERMS: Sequence[tuple[str, str]] = (
    (
        "C-day, C+30",
        "the day of the order, and the end of the thirtieth day after it; C-day itself is a day: C+30 is 31 days long",
    ),
    ("closed", "a unit whose troops and almost all of whose vehicles stand at its assembly area, joined up and ready"),
    ("closure", "the moment at which enough units are closed to hold the required troops"),
    (
        "critical path",
        "the unbroken chain of causes from the order to the closure; shorten nothing on it and the day stays",
    ),
    ("bound", "a day before which no schedule can close the force; arithmetic, not simulation"),
    ("9 runs in 10", "the range from the 5th to the 95th percentile of the runs: how chance spreads the outcome"),
    ("the run that is shown", "the one whose closure is nearest to the median of all runs"),
    ("proved", "follows from the bound, whatever the number of runs"),
    ("at most 11 %", "what the share of runs in time can be with 95 % confidence, though none was"),
    ("run, replication", "the whole deployment once, with its own chance"),
    ("serial", "what moves as one: a train, a ship-load, a column, a flight"),
    ("lift", "ships, wagons, aircraft, coaches and transporters that carry the force and come back for more"),
    ("marry-up", "waiting for the rest of the unit, whose loads come by several ways"),
    ("MLC", "military load class: what a bridge bears; a main battle tank with transporter needs 100 and more"),
    ("tier 1", "the units that must be there first"),
    ("ro-ro", "a ship onto which vehicles drive"),
)


def terms_section() -> Section:
    """Words that the page uses."""
    pairs = [Markup("<dt>{}</dt><dd>{}</dd>").format(term, meaning) for term, meaning in TERMS]
    return Section("terms", "Words", "Words", Markup("<dl>{}</dl>").format(join(pairs)))


def rerun_section(context: Context) -> Section:
    """Commands that give the same numbers again."""
    scenario, manifest = context.scenario, context.manifest
    lines = [
        "# the resolved scenario, with all its tables, lies beside this page",
        command(context),
        "flanksim verify      # the engine against published answers",
        f"# scenario digest {scenario.digest}, flanksim {manifest.get('versions', {}).get('flanksim', '')}",
    ]
    text = "The same seed gives the same bytes on any machine with the same versions of the packages."
    body = join([Markup("<pre>{}</pre>").format("\n".join(lines)), paragraph(text)])
    return Section("rerun", "How to run this again", "Rerun", body)


def command(context: Context) -> str:
    """The command with which the folder was made."""
    manifest = context.manifest
    words_ = ["flanksim", context.kind]
    if isinstance(context.alternatives, PackageRuns):
        found = context.alternatives
        levers = [key for levels in found.families.levels for key in levels]
        asked = {
            "--by": f"{found.deadline_days:g}",
            "--probability": f"{found.probability:g}",
            "--first": str(manifest["first"]),
        }
        asked |= {"--most": str(manifest["most"]), "--seed": str(found.seed), "-n": str(found.most)}
        named = [part for key in levers for part in ("--lever", key)]
        return shlex.join([*words_, "scenario.yaml", *named, *(part for pair in asked.items() for part in pair)])
    if context.alternatives is not None:
        entries = context.alternatives.alternatives
        words_ += [entry.scenario.name for entry in entries if not entry.about.projects]
        for entry in entries:
            if entry.about.projects:
                words_ += ["--projects", "+".join(entry.about.projects)]
        for text in context.scenario.overrides:
            words_ += ["--set", text]
    else:
        words_.append("scenario.yaml")
    if context.surface is not None:
        for option, column in (
            ("--spending", "infrastructure_share"),
            ("--years", "year"),
            ("--mobility", "mobility_fraction"),
        ):
            levels = dict.fromkeys(f"{getattr(point, column):g}" for point in context.surface.points)
            words_ += [option, ",".join(levels)]
    words_ += ["--seed", str(manifest.get("seed", "")), "-n", str(context.runs_made)]
    return shlex.join(words_)
