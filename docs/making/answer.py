"""The answer that the README shows, its figure, and where they come from: ``python -m docs.making.answer``.

It runs thirty replications of the main scenario (a minute and a half on two cores) and writes the figure and what the
terminal printed, with the digest of the scenario. Whatever quotes the answer is made from these two files.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path
from typing import Any

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
        "terminal": answer(study),
    }
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
