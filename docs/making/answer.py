"""The answer that the README shows, its figure, and where they come from: ``python -m docs.making.answer``.

It runs thirty replications of the main scenario (a minute and a half on two cores) and writes the figure and what the
terminal printed, with the digest of the scenario. Whatever quotes the answer is made from these two files.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flanksim import Study

SCENARIO = "eastern-flank"
FOLDER = Path("docs/figures")
FILE = FOLDER / "answer.json"


def saved() -> dict[str, Any]:
    """What was run and what was printed."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def screen(most: int | None = None) -> str:
    """The terminal's answer in a block of code, or as many of its lines as are wanted."""
    lines = saved()["terminal"].splitlines()
    shown = lines if most is None else [*lines[:most], "", "  ..."]
    return "\n".join(["```text", *shown, "```"]) + "\n"


def figure(folder: str) -> str:
    """The figure, with what it shows in words and where it comes from; `folder` is that of figures, from the page."""
    found = saved()
    shown = f"Troops in closed units by day: median and 5 to 95 % of {found['replications']} runs"
    return f"![{shown}]({folder}/answer.png)\n\n{shown}. Scenario digest `{found['digest']}`, seed {found['seed']}.\n"


def verdict(_: int | None = None) -> str:
    """The answer in two sentences."""
    found = saved()
    number = found["numbers"]
    median, low, high = (number["closure_day"][part] for part in ("median", "p05", "p95"))
    in_time, runs = number["runs_on_time"], found["replications"]
    head = "No" if in_time == 0 else "Yes" if in_time == runs else f"In {in_time} of {runs} runs"
    return (
        f"**{head}, in this model and on today's network: {number['troops_required']:,} troops are closed on "
        f"C+{median:.1f}**, in the median of {runs} runs (9 in 10: day {low:.0f} to {high:.0f}), and "
        f"{number['on_time_share']:.0%} of them by C+{number['deadline_days']:g}. No schedule could close them before "
        f"C+{number['bound_day']:.1f}.\n"
    )


def _numbers(study: Study) -> dict[str, Any]:
    """What sentences about the answer need."""
    spread, bound = study.closure_spread(), study.bound
    return {
        "troops_required": study.plan.troops_required,
        "deadline_days": study.scenario.question.deadline_days,
        "closure_day": {name: getattr(spread, name) for name in ("median", "p05", "p95")},
        "on_time_share": study.on_time_share().mean,
        "runs_on_time": study.p_on_time().hits,
        "bound_day": None if bound is None else bound.day,
    }


def _write() -> None:
    import flanksim as fs
    from flanksim.draw.style import save
    from flanksim.text.run import answer

    study = fs.run(SCENARIO, 30, bounds=True)
    save(study.plot(), FOLDER, "answer")
    (FOLDER / "answer.svg").unlink()
    figure = (FOLDER / "answer.png").read_bytes()
    found = {
        "scenario": SCENARIO,
        "digest": study.scenario.digest,
        "seed": study.scenario.seed,
        "replications": len(study.replications),
        "figure": blake2b(figure, digest_size=8).hexdigest(),
        "numbers": _numbers(study),
        "terminal": answer(study),
    }
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
