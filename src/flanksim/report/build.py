"""From a results folder to report.html."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, select_autoescape
from markupsafe import Markup, escape

from flanksim.engine.simulate import Outcome, simulate_plan
from flanksim.errors import FlanksimError
from flanksim.measure.ledger import ledger
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.report.flowmap import STEP_DAYS, flow_map
from flanksim.report.text import limits, sheet
from flanksim.scenario.reading import load
from flanksim.scenario.schema import Scenario
from flanksim.study.results import no_results, write_text

#: Figures that a folder may hold, in the order of the page.
FIGURES = ("surface", "spending-curve", "value", "closure", "timeline")


def build(folder: Path) -> Path:
    """Write ``report.html`` into a results folder of `flanksim run`, `sweep` or `compare`.

    The first replication is run again from the saved scenario for the map and the ledger.

    Returns
    -------
    Path
        The page: one file, no requests to any network.

    Raises
    ------
    FlanksimError
        E501 if `folder` is no results folder.
    """
    path = folder / "manifest.json"
    if not path.is_file():
        raise FlanksimError(no_results("E501", folder, ["manifest.json"]))
    manifest = json.loads(path.read_text(encoding="utf-8"))
    scenario = load(folder / "scenario.yaml")
    plan = compile_plan(scenario)
    outcome = simulate_plan(plan, manifest["seed"])
    page = _page(folder, manifest, scenario, plan, outcome)
    target = folder / "report.html"
    write_text(target, page)
    return target


def _page(folder: Path, manifest: dict[str, Any], scenario: Scenario, plan: Plan, outcome: Outcome) -> str:
    environment = Environment(autoescape=select_autoescape(default=True), trim_blocks=True)
    template = environment.from_string(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
    answer = _json(folder / "answer.json")
    drawn = flow_map(scenario, plan, outcome)
    kind = manifest.get("kind", "run")
    sources = [[key, row.citation, row.url, _used(scenario, key)] for key, row in sorted(scenario.sources.items())]
    return template.render(
        version=version("flanksim"),
        kind={"run": "one scenario", "sweep": "spending by year", "compare": "alternatives"}.get(kind, kind),
        title=scenario.title or scenario.name,
        description=scenario.description,
        troops=plan.troops_required,
        deadline=f"{scenario.question.deadline_days:g}",
        close_share=f"{scenario.close_share * 100:g}",
        answer=_answer(kind, answer, folder),
        answer_tables=_answer_tables(kind, answer, folder),
        figures=_figures(folder),
        bars=_bars(answer),
        ledger=_ledger(plan, outcome),
        attempts=_attempts(_json(folder / "explain.json")),
        explain_command=f"flanksim explain {folder.name}",
        map=Markup(drawn.svg),  # noqa: S704 - built by us, texts escaped
        flow=Markup(drawn.flow),  # noqa: S704
        flow_top=drawn.top,
        buckets=drawn.steps,
        bucket_days=STEP_DAYS,
        last_day=drawn.steps * STEP_DAYS,
        sections=_sections(scenario, answer),
        limits=table(["limit", "how it could flip the conclusion"], limits(scenario)),
        sources=table(["id", "source", "address", "rows"], sources),
        source_count=len(sources),
        sheet=table(["item", "here"], sheet(scenario, manifest)),
        rerun=_rerun(kind, manifest, scenario),
        foot=f"scenario {scenario.digest} · seed {manifest['seed']} · {manifest.get('replications', '')} replications"
        f" · python {manifest.get('python', '')}",
    )


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """An HTML table; numbers are right-aligned and sort as numbers."""
    out = ["<table><thead><tr>", *(f"<th>{escape(name)}</th>" for name in head), "</tr></thead><tbody>"]
    for row in rows:
        cells = []
        for cell in row:
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                text = (
                    "-"
                    if isinstance(cell, float) and math.isnan(cell)
                    else f"{cell:,.4g}"
                    if abs(cell) < 100
                    else f"{cell:,.0f}"
                )
                cells.append(f'<td class="n" data-v="{cell}">{text}</td>')
            else:
                cells.append(f"<td>{escape(str(cell))}</td>")
        out.append("<tr>" + "".join(cells) + "</tr>")
    return Markup("".join([*out, "</tbody></table>"]))  # noqa: S704 - every cell is escaped


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def _span(value: dict[str, float | None], digits: int = 1, prefix: str = "") -> str:
    if value.get("mean") is None:
        return "never"
    return f"{prefix}{value['mean']:.{digits}f} (95 % {value['low']:.{digits}f} to {value['high']:.{digits}f})"


def _answer(kind: str, answer: dict[str, Any], folder: Path) -> list[Markup]:
    if kind == "run" and answer:
        chance, day = answer["p_on_time"], answer["closure_day"]
        verdict = "Yes" if chance["low"] > 0.5 else "No" if chance["high"] < 0.5 else "The runs cannot tell"
        lines = [
            Markup("<b>{}</b>: the force is closed on {}; the probability of closing in time is {}.").format(
                verdict, _span(day, 1, "C+"), _span(chance, 2)
            )
        ]
        bounds = [value for value in (answer.get("bound") or {}).values() if value is not None]
        if bounds:
            lines.append(
                Markup("No schedule on this network, however clever, closes it before <b>C+{}</b>.").format(
                    f"{max(bounds):.1f}"
                )
            )
        return lines
    import pandas as pd

    if kind == "sweep" and (folder / "points.parquet").is_file():
        points = pd.read_parquet(folder / "points.parquet")
        best = points.sort_values(["p_on_time", "on_time_share"]).iloc[-1]
        text = "No spending level here closes the force in time." if best["p_on_time"] == 0 else ""
        return [
            Markup("{} The best chance is <b>{}</b> with {} % of GDP by {}.").format(
                text, f"{best['p_on_time']:.2f}", f"{best['infrastructure_share']:g}", int(best["year"])
            )
        ]
    return []


def _answer_tables(kind: str, answer: dict[str, Any], folder: Path) -> list[Markup]:
    if kind == "run" and answer:
        rows = [
            [name, p["troops"], _span(p["closure_day"], 1, "C+"), f"{p['on_time_share']['mean']:.0%}"]
            for name, p in answer["regional_plans"].items()
        ]
        return [table(["regional plan", "troops", "closure day", "closed in time"], rows)]
    import pandas as pd

    for name in ("points", "alternatives"):
        if (folder / f"{name}.parquet").is_file():
            frame = pd.read_parquet(folder / f"{name}.parquet").drop(columns=["cell"], errors="ignore")
            return [table([c.replace("_", " ") for c in frame.columns], frame.itertuples(index=False))]
    return []


def _figures(folder: Path) -> list[dict[str, object]]:
    """SVG figures of the folder, without their XML head; ids made different in each."""
    found: list[dict[str, object]] = []
    for name in FIGURES:
        path = folder / f"{name}.svg"
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            text = text[text.index("<svg") :]
            text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
            text = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{name}-", text)
            text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text).replace("xlink:href", "href")
            found.append({"name": name, "svg": Markup(text)})  # noqa: S704 - drawn by us
    return found


def _bars(answer: dict[str, Any]) -> list[dict[str, object]]:
    shares = list((answer.get("critical_path_shares") or {}).items())[:12]
    top = max((share for _, share in shares), default=1.0)
    found: list[dict[str, object]] = []
    for name, share in shares:
        found.append({"name": name, "width": round(100 * share / top, 1), "text": f"{share:.0%}"})
    return found


def _ledger(plan: Plan, outcome: Outcome) -> Markup:
    totals = ledger(plan, outcome).totals("state", weight="quantity")
    whole = sum(totals.values()) or 1.0
    rows = [[name[0].lower().replace("_", " "), hours / 24.0, 100.0 * hours / whole] for name, hours in totals.items()]
    return table(["state", "days of all", "per cent"], rows)


def _attempts(found: dict[str, Any]) -> Markup | None:
    if not found.get("try"):
        return None
    rows = [
        [entry["change"], entry["days_saved"]["mean"], entry["days_saved"]["low"], entry["days_saved"]["high"]]
        for entry in found["try"]
    ]
    return table(["change", "days saved", "low", "high"], rows)


def _sections(scenario: Scenario, answer: dict[str, Any]) -> list[dict[str, object]]:
    del answer
    switches = [[name.replace("_", " "), "on" if value else "off"] for name, value in scenario.mechanisms]
    regime = [
        ["traffic", scenario.regime.traffic],
        ["permission to cross borders", scenario.regime.permission],
        ["transit states", ", ".join(scenario.regime.transit_states) or "none"],
        ["choice of ways", f"{scenario.routing.strategy}, up to {scenario.routing.alternatives}"],
    ]
    parameters = [
        [name, row.typical if row.low is None else row.low, row.typical, row.typical if row.high is None else row.high,
         row.unit, row.basis, row.confidence]
        for name, row in sorted(scenario.parameters.items())
    ]  # fmt: skip
    rows = [*scenario.links.values(), *scenario.facilities.values(), *scenario.fleets.values()]
    basis = {name: sum(row.basis == name for row in rows) for name in ("looked_up", "derived", "recalled", "assumed")}
    warnings = [
        [f"{count:,} of {len(rows):,} links, facilities and fleets are {name.replace('_', ' ')}"]
        for name, count in basis.items()
    ]
    warnings.append(["The order of battle is notional."])
    if scenario.mechanisms.outages is False:
        warnings.append(["No strikes, storms or accidents happen in these runs (mechanisms.outages is off)."])
    head = ["parameter", "low", "typical", "high", "unit", "basis", "confidence"]
    assumed = Markup("{}{}<details><summary>All {} parameters</summary><div class=scroll>{}</div></details>").format(
        table(["rule", "here"], regime),
        table(["mechanism", "switch"], switches),
        len(parameters),
        table(head, parameters),
    )
    found: list[dict[str, object]] = [
        {"id": "assumptions", "title": "Assumptions", "body": assumed},
        {"id": "warnings", "title": "Warnings", "body": table(["warning"], warnings)},
    ]
    return found


def _used(scenario: Scenario, source: str) -> int:
    tables = ("parameters", "nodes", "links", "chokepoints", "facilities", "fleets", "unit_types", "units", "economies")
    return sum(
        row.source == source for name in (*tables, "projects", "outages") for row in getattr(scenario, name).values()
    )


def _rerun(kind: str, manifest: dict[str, Any], scenario: Scenario) -> str:
    name = {"run": "run", "sweep": "sweep", "compare": "compare"}.get(kind, "run")
    count = f" -n {manifest['replications']}" if "replications" in manifest else ""
    return (
        "# the resolved scenario lies beside this page\n"
        f"flanksim {name} scenario.yaml --seed {manifest['seed']}{count}\n"
        f"flanksim verify    # the engine against published answers\n# scenario digest {scenario.digest}"
    )
