"""The commands that try many changes, as a script meets them: answer, exit code, JSON, resumption, documents."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_cli import flanksim

LEVERS = """
flanksim: 1
name: mine
extends: corridor-mini
levers:
  warned: {name: A week of warning used, kind: warning, settings: question.warning_days=7}
  calm: {name: A road that nobody drives, settings: question.warning_days=0}
unknowns:
  ships: {name: Speed of ships, table: fleets, kind: ship, attribute: speed_kmh, low: 0.5, high: 1.5}
"""


def written(folder: Path) -> str:
    (folder / "mine.yaml").write_text(LEVERS, encoding="utf-8")
    return "mine.yaml"


def test_best_buys_answer_save_and_write_a_page(tmp_path: Path) -> None:
    name = written(tmp_path)
    page = tmp_path / "page.md"
    page.write_text("# Mine\n\n<!-- best-buys of mine -->\n<!-- end -->\n", encoding="utf-8")
    arguments = ["best-buys", name, "-n", "3", "--first", "2", "-j", "1"]
    done = flanksim(*arguments, "--page", "page.md", cwd=tmp_path)
    assert "A week of warning used" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "| A week of warning used |" in page.read_text(encoding="utf-8")
    (folder,) = (tmp_path / "results" / "mine-best-buys").iterdir()
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["status"] == "complete"
    again = json.loads(flanksim(*arguments, "--resume", str(folder), "--json", cwd=tmp_path).stdout)
    assert [row["action"] for row in again["actions"]] == ["warned"]
    assert [(row["action"], row["why"]) for row in again["untried"]] == [("calm", "the plan of today")]


def test_a_requirement_that_no_action_surely_meets_ends_with_three(tmp_path: Path) -> None:
    name = written(tmp_path)
    arguments = ["best-buys", name, "-n", "3", "--first", "2", "-j", "1", "--action", "warned"]
    flanksim(*arguments, "--require", "delay_days_saved > 300", cwd=tmp_path, check=3)
    flanksim(*arguments, "--require", "soldier_days_sooner > 0.5", cwd=tmp_path)
    unknown = flanksim(*arguments, "--action", "wraned", cwd=tmp_path, check=1)
    assert "E216" in unknown.stderr


def test_sensitivity_answers_and_writes_both_tables(tmp_path: Path) -> None:
    name = written(tmp_path)
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- sensitivity of mine, 1 rows -->\n<!-- end -->\n<!-- evidence of mine -->\n<!-- end -->\n",
        encoding="utf-8",
    )
    done = flanksim(
        "sensitivity", name, "-n", "2", "--first", "2", "-j", "1", "--number", "unknowns ships",
        "--number", "parameters integration_days typical", "--page", "page.md", "--json", cwd=tmp_path,
    )  # fmt: skip
    rows = json.loads(done.stdout)["numbers"]
    assert {row["number"] for row in rows} == {"unknowns ships", "parameters integration_days typical"}
    text = page.read_text(encoding="utf-8")
    assert text.count("Speed of ships") >= 1
    assert "| number | what it does at most" in text


def test_mechanisms_are_turned_off_in_turn_and_not_beside_numbers(tmp_path: Path) -> None:
    name = written(tmp_path)
    done = flanksim(
        "sensitivity", name, "-n", "2", "--first", "2", "-j", "1", "--mechanisms", "--set", "mechanisms.lift=false",
        cwd=tmp_path,
    )  # fmt: skip
    assert "without integration" in done.stdout
    assert "without lift" not in done.stdout
    flanksim("sensitivity", name, "--mechanisms", "--number", "unknowns ships", cwd=tmp_path, check=2)


def test_portfolio_answers_saves_draws_and_writes_a_page(tmp_path: Path) -> None:
    priced = LEVERS.replace("question.warning_days=7", "question.warning_days=7, cost_typical_bn_eur: 2")
    (tmp_path / "mine.yaml").write_text(priced, encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text("<!-- portfolio of mine -->\n<!-- end -->\n", encoding="utf-8")
    arguments = ["portfolio", "mine.yaml", "--budget", "1,3", "-n", "3", "--first", "2", "-j", "1"]
    done = flanksim(*arguments, "--page", "page.md", cwd=tmp_path)
    assert "A week of warning used" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "| A week of warning used (warned) | 2.00 |" in page.read_text(encoding="utf-8")
    (folder,) = (tmp_path / "results" / "mine-portfolio").iterdir()
    assert {"frontier.svg", "ladder.svg", "built.svg"} <= {path.name for path in folder.iterdir()}
    assert (tmp_path / "figures" / "portfolio.svg").is_file()
    again = json.loads(flanksim(*arguments, "--resume", str(folder), "--json", cwd=tmp_path).stdout)
    assert [row["projects"] for row in again["frontier"]] == [[], ["warned"]]
    flanksim(*arguments, "--require", "gain >= 300", cwd=tmp_path, check=3)
    assert "start:end:step" in flanksim("portfolio", "mine.yaml", "--budget", "x", cwd=tmp_path, check=2).stderr


def test_losses_answer_save_draw_and_end_with_three_where_one_costs_too_much(tmp_path: Path) -> None:
    """Coaches out for a week, without chance: soldiers are later by days in the mean, but by less than the week."""
    name = written(tmp_path)
    page = tmp_path / "page.md"
    page.write_text("<!-- lose of mine -->\n<!-- end -->\n", encoding="utf-8")
    arguments = ["lose", name, "-n", "2", "--first", "2", "-j", "1", "--asset", "coaches", "--top", "1"]
    arguments += ["--from-day", "2", "--to-day", "8", "--set", "mechanisms.chance=false"]
    done = flanksim(*arguments, "--page", "page.md", "--require", "soldier_days_later <= 5", cwd=tmp_path)
    assert "a second one beside it" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "| **coaches** | lift |" in page.read_text(encoding="utf-8")
    (folder,) = (tmp_path / "results").glob("mine*-lose/*")
    assert {path.name for path in (*folder.glob("losses.*"), *(tmp_path / "figures").iterdir())} >= {
        "losses.parquet", "losses.svg", "losses.png", "losses.json"
    }  # fmt: skip
    done = flanksim(
        *arguments, "--resume", str(folder), "--json", "--require", "soldier_days_later <= 0.5", cwd=tmp_path, check=3
    )
    (row,) = (row for row in json.loads(done.stdout)["losses"] if row["asset"] == "coaches")
    assert 0.5 < row["soldier_days_later"]["mean"] < 5
    assert row["spare"]["kind"] == "second"
