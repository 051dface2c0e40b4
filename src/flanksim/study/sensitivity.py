"""Sensitivity: every uncertain number at its low and at its high value, each alone against today, with paired runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import at_year
from flanksim.investment.levers import apply_levers
from flanksim.measure.alternatives import About, Alternative
from flanksim.measure.replications import Replication
from flanksim.measure.sensitivity import ENDS, Extent, Number, NumberRuns
from flanksim.metrics.tornado import TORNADO
from flanksim.network.worlds import Uncertain, at_end, rows_of, uncertain
from flanksim.scenario.arguments import as_flag, as_list, as_scenario, as_seed
from flanksim.scenario.naming import folder_name
from flanksim.scenario.rows import Parameter, Row
from flanksim.scenario.schema import Mechanisms, Scenario
from flanksim.scenario.words import close_to
from flanksim.study.alternatives import alternative
from flanksim.study.each_alone import FIRST_PAIRS, AllPairsIfItMatters, as_pairs, run_each_alone
from flanksim.study.experiment import Progress, StudyOptions
from flanksim.study.store import Saved, Store, kept_if_stopped, manifest_of, resolved, write_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Sensitivity(NumberRuns):
    """Numbers at their low and high values against today, in order of what they do to the mean soldier.

    ``table()`` has a row a number, ``tornado.plot()`` is the figure. The attributes are those of
    `flanksim.measure.sensitivity.NumberRuns`.
    """

    tornado = TORNADO

    def table(self) -> pd.DataFrame:
        """One row a number: its evidence, and what both ends do to the last day, troops in time and mean soldier."""
        import pandas as pd

        return pd.DataFrame(self.effects)

    def __repr__(self) -> str:
        """Summary in one line."""
        first = self.effects[0]["number"] if self.effects else "none"
        return f"Sensitivity({self.scenario.name!r}: {len(self.numbers)} numbers, most by {first!r})"


def sensitivity(  # noqa: PLR0913 - keywords of one study
    scenario: Scenario | str | Path,
    numbers: Sequence[str] | str | None = None,
    replications: int = 30,
    *,
    first: int = FIRST_PAIRS,
    seed: int | None = None,
    indifference_days: float = 0.5,
    carry_over: bool = True,
    jobs: int | None = None,
    dask: str | None = None,
    results: str | Path | None = None,
    resume: str | Path | None = None,
    progress: Progress | None = None,
    also: Callable[[Sensitivity], object] | None = None,
    engine: str | None = None,
) -> Sensitivity:
    """Try every uncertain number at its low and at its high value, with the random numbers of today's runs.

    Parameters
    ----------
    scenario
        A Scenario, or its file or name; of one that asks for a year, today is that year.
    numbers
        Names of numbers, such as ``links rail speed_typical_kmh``; all of them if not given. Rows of one kind are one
        number: what is wrong with one of them is mostly wrong with all. ``mechanisms lift`` turns a mechanism over.
    replications, first, seed, indifference_days, carry_over, jobs, dask, results, resume, progress, also, engine
        As of `flanksim.best_buys`.

    Returns
    -------
    Sensitivity
        ``table()``; intervals of one measure hold together at 95 % over all that was run (Bonferroni).

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, E523 for an unknown number, or a scenario without any.

    Examples
    --------
    >>> found = sensitivity("corridor-mini", ["parameters integration_days typical"], 2, first=2, jobs=1)
    >>> found.effects[0]["number"]
    'parameters integration_days typical'
    """
    entry = as_scenario(scenario)
    wanted = None if numbers is None else [str(key) for key in as_list(numbers)]
    rule = as_pairs(replications, first, indifference_days)
    options = StudyOptions(jobs, dask, results, resume, progress, also, engine)  # type: ignore[arg-type] # paths of text
    return _sensitivity(entry, wanted, as_seed(seed, entry.seed), rule, as_flag("carry_over", carry_over), options)


def _sensitivity(
    entry: Scenario,
    wanted: Sequence[str] | None,
    seed: int,
    rule: AllPairsIfItMatters,
    carry_over: bool,
    options: StudyOptions,
) -> Sensitivity:
    started = perf_counter()
    today = at_year(entry).model_copy(update={"seed": seed})
    found = numbers_of(today, wanted)
    networks = [network for ends in found.values() for network in ends]
    text = json.dumps([[network.digest for network in (today, *networks)], seed, repr(rule), carry_over])
    manifest = manifest_of(today, "sensitivity", seed) | {
        "study_digest": blake2b(text.encode(), digest_size=8).hexdigest(),
        "numbers": [number.name for number in found],
        "first": rule.first,
        "replications": rule.most,
        "indifference_days": rule.indifference_days,
    }
    with (
        Store.open(
            options.results, options.resume, folder_name(entry, "sensitivity"), manifest, resolved(today)
        ) as store,
        kept_if_stopped(store),
    ):
        alone = run_each_alone(today, networks, rule, carry_over=carry_over, store=store, options=options)
        runs = {today.digest: alone.today, **alone.runs}
        made = replace(
            _found(today, found, runs, rule),
            seconds=perf_counter() - started,
            folder=None if store is None else store.folder,
            year=entry.year,
        )
        if store is not None:
            write_table(store.folder / "numbers.parquet", made.table())
            store.finish(runs)
            if options.also is not None:
                options.also(made)
            done = sum(map(len, runs.values()))
            store.complete(manifest | {"done": done, "seconds": round(made.seconds, 3)})
    return made


def reopened(saved: Saved) -> Sensitivity:
    """The study that was saved in a folder: it answers everything that it answered then.

    Raises
    ------
    FlanksimError
        E506 if one of its files is gone or damaged; what `Saved.runs` raises.
    """
    manifest, today = saved.manifest, saved.scenario
    rule = as_pairs(manifest["replications"], manifest["first"], manifest["indifference_days"])
    made = _found(today, numbers_of(today, manifest["numbers"]), saved.runs(), rule)
    return replace(made, seconds=manifest.get("seconds", 0.0), folder=saved.folder, year=today.year)


def _found(
    today: Scenario,
    numbers: Mapping[Number, tuple[Scenario, ...]],
    runs: Mapping[str, tuple[Replication, ...]],
    rule: AllPairsIfItMatters,
) -> Sensitivity:
    def named(name: str, network: Scenario) -> Alternative:
        about = About(today.title or today.name if name == "today" else name)
        return alternative(name, network, runs[network.digest], about)

    alternatives = [named("today", today)]
    for number, ends in numbers.items():
        alternatives += [
            named(f"{number.name} {end}", network)
            for end, network in zip(number.ends, ends, strict=True)
            if network.digest in runs
        ]
    return Sensitivity(tuple(alternatives), rule.indifference_days, numbers=tuple(numbers), pairs=rule.most)


# ---- numbers ------------------------------------------------------------------------------------


def numbers_of(today: Scenario, wanted: Sequence[str] | None = None) -> dict[Number, tuple[Scenario, ...]]:
    """Numbers with today's network at their low and high value; of a lever that only counts with it alone.

    Raises
    ------
    FlanksimError
        E523 for an unknown number, or where there is none.
    """
    known: dict[str, tuple[Number, Callable[[], tuple[Scenario, ...]]]] = {}
    for entry in uncertain(today):
        known[entry.name] = (_of_class(today, entry), lambda entry=entry: _ends(today, entry.name))  # type: ignore[misc]
    if readiness := _early_and_late(today):
        known[readiness.name] = (readiness, lambda: (_readied(today, "early"), _readied(today, "late")))
    for key, row in today.unknowns.items():
        said, count = f"{row.low:g} to {row.high:g} times", len(rows_of(today, row))
        number = Number(f"unknowns {key}", row.name, said, count, _evidence([row]), _sources([row]))
        known[number.name] = (number, lambda name=number.name: _ends(today, name))  # type: ignore[misc]
    for key, lever in today.levers.items():
        if lever.moves_nobody:
            number = Number(f"levers {key}", lever.name, "", 1, _evidence([lever]), _sources([lever]), ENDS[:1])
            known[number.name] = (number, lambda key=key: (apply_levers(today, [key]),))  # type: ignore[misc]
    keys = list(known) if wanted is None else list(dict.fromkeys(wanted))
    known |= {f"mechanisms {name}": _switch(today, name) for name in Mechanisms.model_fields}
    unknown = next((key for key in keys if key not in known), None)
    if unknown is not None or not keys:
        said = "no number has a low and a high value" if unknown is None else f"no uncertain number '{unknown}'"
        hint = close_to(unknown or "", known, "state low and high values in the tables")
        raise FlanksimError(Problem("E523", today.name, "numbers", said, hint))
    found = {}
    for key in keys:
        number, ends = known[key]
        found[number] = tuple(network.model_copy(update={"seed": today.seed}) for network in ends())
    return found


def drawn_numbers(today: Scenario) -> dict[Number, Extent]:
    """Every number that worlds draw, with the low, typical and high value of its only or middling row."""
    found = {}
    for entry in uncertain(today):
        number = _of_class(today, entry)
        first = getattr(today, entry.table)[entry.rows[0]]
        if isinstance(first, Parameter):
            found[number] = Extent(entry.low[0], entry.typical[0], entry.high[0], first.unit)
        else:
            found[number] = Extent(_middle(entry.low, entry.typical), 1.0, _middle(entry.high, entry.typical))
    for key, row in today.unknowns.items():
        said, count = f"{row.low:g} to {row.high:g} times", len(rows_of(today, row))
        number = Number(f"unknowns {key}", row.name, said, count, _evidence([row]), _sources([row]))
        found[number] = Extent(min(1.0, row.low), 1.0, max(1.0, row.high))
    return found


def _middle(ends: Sequence[float], typical: Sequence[float]) -> float:
    """The middling factor of ends over typical values."""
    factors = sorted(end / value for end, value in zip(ends, typical, strict=True) if value)
    return factors[len(factors) // 2] if factors else 1.0


def mechanisms_on(scenario: Scenario) -> list[str]:
    """Names of the mechanisms that are on, which are no numbers: they are tried where they are asked for."""
    return [f"mechanisms {name}" for name, on in scenario.mechanisms if on]


def _early_and_late(today: Scenario) -> Number | None:
    """Readiness of all units that travel, by their days early and late; None where no unit has any."""
    rows: list[Row] = [row for row in today.travelling_units.values() if row.ready_early_days or row.ready_late_days]
    if not rows:
        return None
    return Number(
        "units ready_day", "Readiness of all units: days early, days late", "each by its own", len(rows),
        _evidence(rows), _sources(rows),
    )  # fmt: skip


def _readied(today: Scenario, end: str) -> Scenario:
    """Every unit that travels ready as early, or as late, as it may be."""
    units = dict(today.units)
    for key, row in today.travelling_units.items():
        shift = -(row.ready_early_days or 0.0) if end == "early" else row.ready_late_days or 0.0
        units[key] = row.model_copy(update={"ready_day": max(0.0, row.ready_day + shift)})
    return today.with_tables({"units": units})


def _switch(today: Scenario, switch: str) -> tuple[Number, Callable[[], tuple[Scenario, ...]]]:
    """A mechanism that is turned off, or on where it is off."""
    turned = not getattr(today.mechanisms, switch)
    update = {"mechanisms": today.mechanisms.model_copy(update={switch: turned})}
    title = f"{'with' if turned else 'without'} {switch.replace('_', ' ')}"
    number = Number(f"mechanisms {switch}", title, "", 0, (), (), ENDS[:1])
    return number, lambda: (today.model_copy(update=update),)


def _ends(today: Scenario, name: str) -> tuple[Scenario, ...]:
    return at_end(today, name, high=False), at_end(today, name, high=True)


def _of_class(today: Scenario, entry: Uncertain) -> Number:
    rows: list[Row] = [getattr(today, entry.table)[key] for key in entry.rows]
    first = rows[0]
    if isinstance(first, Parameter):
        said = f"{first.low:g} / {first.typical:g} / {first.high:g} {first.unit}"  # both ends are stated: low < high
        return Number(entry.name, first.meaning or entry.rows[0], said, 1, _evidence(rows), _sources(rows))
    low, high = (_middle(ends, entry.typical) for ends in (entry.low, entry.high))
    said = f"{low:.2g} to {high:.2g} times"
    return Number(entry.name, _title(entry), said, len(rows), _evidence(rows), _sources(rows))


def _title(entry: Uncertain) -> str:
    """``Ship fleets: available day`` of ``fleets ship available_typical_day``."""
    kind = entry.name.removeprefix(entry.table).removesuffix(entry.field).strip().replace("_", " ")
    what = " ".join(part for part in entry.field.split("_") if part != "typical") or entry.field
    head = f"{kind} {entry.table.replace('_', ' ')}".strip()
    return f"{head[:1].upper()}{head[1:]}: {what}" if what != "typical" else f"{head[:1].upper()}{head[1:]}"


def _evidence(rows: Sequence[Row]) -> tuple[tuple[str, int], ...]:
    """How many rows were looked up, derived, recalled, assumed, or are unknowable, the most first."""
    count: dict[str, int] = {}
    for row in rows:
        word = "unknowable" if "unknowable" in row.note else row.basis.replace("_", " ")
        count[word] = count.get(word, 0) + 1
    return tuple(sorted(count.items(), key=lambda item: (-item[1], item[0])))


def _sources(rows: Sequence[Row], most: int = 3) -> tuple[str, ...]:
    """Keys of the sources that most of the rows name."""
    count: dict[str, int] = {}
    for row in rows:
        count[row.source] = count.get(row.source, 0) + 1
    return tuple(sorted(count, key=lambda key: (-count[key], key))[:most])
