"""Which alternative is good whatever the world: alternatives in the same worlds, with regrets and conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flanksim.measure.alternatives import Alternative
from flanksim.measure.robust import MEASURES, RobustRuns
from flanksim.scenario.arguments import as_flag, as_list, as_number, as_portfolios, as_scenario, as_whole, one_of, wrong
from flanksim.scenario.schema import Scenario
from flanksim.study.alternatives import networks_of
from flanksim.study.compare import Asked, Comparison, run_alternatives
from flanksim.study.experiment import Progress, StudyOptions, as_rule
from flanksim.study.reopening import alternatives_in
from flanksim.study.sensitivity import drawn_numbers
from flanksim.study.store import Saved, as_written, write_table
from flanksim.study.worlds import WorldsAsked

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Robust(RobustRuns, Comparison):
    """Alternatives in the same worlds: what each does there, and which is good whatever the world.

    ``table()`` has a row an alternative, ``worlds_table()`` a row a world and alternative, ``worth_table()`` a row a
    number that is drawn; ``choices`` says which alternative each rule takes, ``conditions`` under which each fails.
    The attributes are those of `flanksim.measure.robust.RobustRuns`.
    """

    def worlds_table(self) -> pd.DataFrame:
        """One row a world and alternative: its outcome, its regret, the troops in time, and whether it fails."""
        import pandas as pd

        rows = [
            {
                "world": world,
                "alternative": entry.name,
                "outcome": self.outcomes[world, place],
                "regret": self.regrets[world, place],
                "on_time_share": self.in_time[world, place],
                "fails": bool(self.fails[world, place]),
            }
            for world in range(len(self.outcomes))
            for place, entry in enumerate(self.alternatives)
        ]
        return pd.DataFrame(rows)

    def worth_table(self) -> pd.DataFrame:
        """One row a number that is drawn: what it is worth to know it before the choice, the most first."""
        import pandas as pd

        titles = {number.name: number.title for number in self.numbers}
        return pd.DataFrame(
            [
                {"number": entry.name, "title": titles[entry.name], "worth": entry.worth, "by_chance": entry.by_chance}
                for entry in self.worth_knowing
            ]
        )

    def numbers_table(self) -> pd.DataFrame:
        """One row a world and number: the share of its distribution that it takes there, and its value or factor."""
        import pandas as pd

        rows = []
        for (number, extent), shares in zip(self.numbers.items(), self.shares.values(), strict=True):
            rows += [
                {"world": world, "number": number.name, "share": share, "value": extent.at(share)}
                for world, share in enumerate(shares)
            ]
        return pd.DataFrame(rows)

    def save(self, folder: Path) -> None:
        """Its tables into its folder."""
        super().save(folder)
        write_table(folder / "outcomes.parquet", self.worlds_table())
        write_table(folder / "numbers.parquet", self.numbers_table())
        write_table(folder / "worth.parquet", self.worth_table())

    def __repr__(self) -> str:
        """Summary in one line."""
        chosen = self.alternatives[self.choices["least_regret"]].name
        return f"Robust({len(self.alternatives)} alternatives, {len(self.outcomes)} worlds: least regret {chosen!r})"


def robust(  # noqa: PLR0913 - keywords of one study
    scenarios: Sequence[Scenario | str | Path] | Scenario | str | Path,
    projects: Sequence[Sequence[str] | str] | str = (),
    worlds: int = 30,
    world_runs: int | None = None,
    *,
    measure: str = "soldier",
    enough: float = 0.9,
    replications: int = 10,
    seed: int | None = None,
    indifference_days: float = 0.5,
    jobs: int | None = None,
    dask: str | None = None,
    results: str | Path | None = None,
    resume: str | Path | None = None,
    progress: Progress | None = None,
    carry_over: bool = True,
    also: Callable[[Robust], object] | None = None,
    engine: str | None = None,
) -> Robust:
    """Run alternatives in the same worlds and say which is good whatever the world.

    Parameters
    ----------
    scenarios, projects
        As of `flanksim.compare`; a portfolio may name levers too.
    worlds, world_runs
        Worlds, at least two, in which every uncertain number is another one, and runs of each (4).
    measure
        By which they are judged, less is better: ``soldier``, the day on which a soldier is closed in the mean,
        ``last-day``, or ``late``, the troops that are not closed by the deadline in per cent.
    enough
        Part of the troops, 0 to 1, that must be closed by the deadline for an alternative not to fail in a world.
    replications
        Runs with typical values.
    seed, indifference_days, jobs, dask, results, resume, progress, carry_over, also, engine
        As of `flanksim.compare`.

    Returns
    -------
    Robust
        ``outcomes``, ``regrets``, ``choices``, ``conditions``, ``worth_knowing``.

    Raises
    ------
    FlanksimError
        As `flanksim.compare`.

    Examples
    --------
    >>> found = robust(["corridor-mini", "corridor-mini"], worlds=2, world_runs=1, replications=2, jobs=1)
    >>> found.regrets.max()
    np.float64(0.0)
    """
    entries, portfolios = [as_scenario(entry) for entry in as_list(scenarios)], as_portfolios(projects)
    others = WorldsAsked.of(as_whole("worlds", worlds, 2), world_runs)
    one_of("measure", measure, MEASURES)
    enough = as_number("enough", enough, 0)
    if not 0 < enough <= 1:
        raise wrong("enough", enough, "give a part of the troops above 0 and up to 1, such as 0.9")
    options = StudyOptions(jobs, dask, results, resume, progress, also, engine)  # type: ignore[arg-type] # paths of text
    named = networks_of(entries, portfolios, seed)
    asked = Asked(
        entries, portfolios, as_number("indifference_days", indifference_days, 0), False,
        as_flag("carry_over", carry_over), others, "robust", {"measure": measure, "enough": enough},
    )  # fmt: skip
    return run_alternatives(asked, named, as_rule(None, replications), options, _robust)


def _robust(alternatives: tuple[Alternative, ...], *given: Any, **more: Any) -> Robust:
    return replace(Robust(alternatives, *given, **more), numbers=drawn_numbers(alternatives[0].scenario))


def reopened(saved: Saved) -> Robust:
    """The study that was saved in a folder: it answers everything that it answered then.

    Raises
    ------
    FlanksimError
        E506 if one of its files is gone or damaged; what `Saved.runs` raises.
    """
    found = alternatives_in(saved, saved.runs(), Robust)
    with as_written(saved.folder / "manifest.json", "finish the study with --resume"):
        measure, enough = str(saved.manifest["measure"]), float(saved.manifest["enough"])
    return replace(found, measure=measure, enough=enough, numbers=drawn_numbers(found.scenario))
