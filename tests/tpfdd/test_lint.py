"""The lint: every kind of mistake told once, with row and remedy; dates against hours computed by hand."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from flanksim import Lint, Scenario, lint_requirements
from flanksim.errors import Problem
from flanksim.scenario import shipped
from tests.conftest import tiny

EXAMPLE = shipped() / "tpfdd" / "corridor-mini.csv"
HEADER = "ULN,NATION,PAX_TOTAL,STONS,SQFT,WHEELED,HEAVY,MAX_MLC,ORIGIN,DEST,RLD,ALD,EAD,LAD,RDD"
GOOD = {
    "ULN": "0AAAA", "NATION": "DEU", "PAX_TOTAL": "100", "STONS": "200", "SQFT": "5000", "WHEELED": "40", "HEAVY": "0",
    "MAX_MLC": "30", "ORIGIN": "a", "DEST": "b", "RLD": "C+2", "ALD": "C+2", "EAD": "C+3", "LAD": "C+9", "RDD": "C+10",
}  # fmt: skip


def lint_of(tmp_path: Path, *rows: dict[str, str], scenario: Scenario | None = None, **options: str) -> Lint:
    """Lint of rows that differ from a good one; the header stands in line 1."""
    filled = [GOOD | row for row in rows]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(name for row in filled for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(filled)
    path = tmp_path / "moves.csv"
    path.write_text(out.getvalue(), encoding="utf-8")
    return lint_requirements(path, scenario, **options)


def only(found: Lint) -> Problem:
    (problem,) = found.problems
    return problem


def corridor(hours: float = 30.0) -> Scenario:
    """Two places joined by a railway of so many hours, and one that nothing joins."""
    return tiny(f"""
parameters: {{close_share: 1}}
nodes: {{a: {{name: Ahaus}}, b: {{name: Bexbach}}, lone: {{}}}}
links:
  line: {{from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: {hours}, headway_hours: 0}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: 1}}
""")


def test_a_good_row(tmp_path: Path) -> None:
    found = lint_of(tmp_path, {}, {"ULN": "0AAAB"})
    assert found.problems == ()
    assert [entry.key for entry in found.sound] == ["0AAAA", "0AAAB"]
    assert found.requirements[0].tonnes == pytest.approx(200 * 0.90718474)


MISTAKES = [
    ({"ULN": ""}, "E104", "ULN", "give each requirement a ULN"),
    ({"NATION": ""}, "E104", "0AAAA.NATION", "state it"),
    ({"STONS": ""}, "E104", "0AAAA.STONS", "state it"),
    ({"RLD": "D+2"}, "E105", "0AAAA.RLD", "C+3"),
    ({"PAX_TOTAL": "many"}, "E105", "0AAAA.PAX_TOTAL", "in troops"),
    ({"STONS": "nan"}, "E106", "0AAAA.STONS", "leave the cell empty"),
    ({"STONS": "-5"}, "E106", "0AAAA.STONS", "0 to 1,000,000 in short tons"),
    ({"RLD": "C+3"}, "E602", "0AAAA.ALD", "correct RLD or ALD"),
    ({"ALD": "C+4"}, "E602", "0AAAA.EAD", "correct ALD or EAD"),
    ({"EAD": "C+10"}, "E602", "0AAAA.LAD", "correct EAD or LAD"),
    ({"LAD": "C+11"}, "E602", "0AAAA.RDD", "correct LAD or RDD"),
    ({"RLD": "C+12", "ALD": "", "EAD": "", "LAD": ""}, "E602", "0AAAA.RDD", "correct RLD or RDD"),
    ({"PARENT_ULN": "0AAAZ"}, "E601", "0AAAA.PARENT_ULN", "did you mean '0AAAA'?"),
    ({"MARRY_UP_ID": "9ZZZZ"}, "E601", "0AAAA.MARRY_UP_ID", "leave MARRY_UP_ID empty"),
    ({"PARENT_ULN": "0AAAA"}, "E601", "0AAAA.PARENT_ULN", "name the other one"),
    ({"FRN": "0B"}, "E601", "0AAAA.FRN", "0AAAA"),
    ({"PAX_REQ_TRANS": "101"}, "E603", "0AAAA.PAX_REQ_TRANS", "part of PAX_TOTAL"),
    ({"BULK_STONS": "50", "OVERSIZE_STONS": "140"}, "E603", "0AAAA.STONS", "NAT_STONS"),
    ({"T": "200"}, "E603", "0AAAA.T", "keep one"),
    ({"HEAVY": "3", "TANKS": "4"}, "E603", "0AAAA.TANKS", "tanks included"),
    ({"UNIT_NAME": "SECRET//REL"}, "E604", "0AAAA.UNIT_NAME", "cleared"),
    ({"WHEELED": "", "HEAVY": ""}, "W602", "0AAAA.HEAVY", "guessed from the mass"),
    ({"SQFT": ""}, "W603", "0AAAA.SQFT", "state SQFT"),
    ({"HEAVY": "2", "MAX_MLC": ""}, "W603", "0AAAA.MAX_MLC", "any bridge"),
    ({"RDD": "", "CRD": "C+10"}, "W605", "0AAAA.RDD", "state RDD"),
    ({"RLD": "C-1"}, "W608", "0AAAA.RLD", "leave it so"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "code", "path", "hint"), MISTAKES)
def test_one_mistake_one_message(tmp_path: Path, cells: dict[str, str], code: str, path: str, hint: str) -> None:
    found = only(lint_of(tmp_path, cells))
    assert (found.code, found.where, found.path) == (code, "moves.csv:2", f"tpfdd.{path}")
    assert hint in found.hint


def test_parts_that_sum_are_right(tmp_path: Path) -> None:
    split = {"BULK_STONS": "50", "OVERSIZE_STONS": "100", "OUTSIZE_STONS": "30", "NAT_STONS": "20"}  # 200 short tons
    assert lint_of(tmp_path, split, {"ULN": "0AAAB", "T": "181.437"}).problems == ()  # 200 x 0.90718474


def test_all_problems_at_once(tmp_path: Path) -> None:
    found = lint_of(tmp_path, {"STONS": "inf", "RLD": "now"}, {"ULN": "0AAAB", "EAD": "C+10"}, {"ULN": "0AAAB"})
    assert [(problem.code, problem.where) for problem in found.problems] == [
        ("E106", "moves.csv:2"), ("E105", "moves.csv:2"), ("E111", "moves.csv:4"), ("E602", "moves.csv:3")
    ]  # fmt: skip
    assert "line 3" in found.problems[2].message


def test_a_partner_with_a_mistake_is_there(tmp_path: Path) -> None:
    found = lint_of(tmp_path, {"RLD": "x"}, {"ULN": "0AAAB", "PARENT_ULN": "0AAAA"})
    assert [problem.code for problem in found.problems] == ["E105"]


def test_circle_of_parents_once(tmp_path: Path) -> None:
    rows = [{"ULN": f"0AAA{own}", "PARENT_ULN": f"0AAA{other}"} for own, other in ("AB", "BC", "CA")]
    assert "0AAAA in 0AAAB in 0AAAC in 0AAAA" in only(lint_of(tmp_path, *rows)).message
    married = [{"ULN": f"0AAA{own}", "MARRY_UP_ID": f"0AAA{other}"} for own, other in ("AB", "BA")]
    assert lint_of(tmp_path, *married).problems == ()


def test_kit_that_moves_twice(tmp_path: Path) -> None:
    found = only(lint_of(tmp_path, {"UIC": "X1"}, {"ULN": "0AAAB", "UIC": "X1"}, {"ULN": "0AAAC", "UIC": "X2"}))
    assert (found.code, found.where) == ("W601", "moves.csv:3")
    assert "0AAAA (moves.csv:2)" in found.message
    part = {"ULN": "0AAAB", "UIC": "X1", "STONS": "100"}  # another part of the same unit
    assert lint_of(tmp_path, {"UIC": "X1"}, part).problems == ()


def test_a_column_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_text(
        "Unit line number,Country,Pax,Short tons,Wheeled vehicles,From,To,Ready to load,CRD,Colour\n"
        '0AAAA,DEU,10,"1,000",4,a,b,C001,2027-03-05,red\n0AAAB,DEU,10,9,4,a,b,1,C+4,\n',
        encoding="utf-8",
    )
    found = lint_requirements(path, c_day="2027-03-01")
    first, second = found.requirements
    assert (first.day("RLD"), first.day("RDD"), first.number("STONS"), dict(first.tags)) == (
        1,
        4,
        1000,
        {"Colour": "red"},
    )
    assert second.day("RDD") == 4
    assert [(problem.code, problem.where) for problem in found.problems] == [
        ("W605", "moves.csv:2"), ("W605", "moves.csv:3"), ("W603", "moves.csv:1")
    ]  # fmt: skip
    assert "all 2 rows" in found.problems[-1].message


def test_headers_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("ULN: [Kennung]\nORIGIN: Von\n", encoding="utf-8")
    path = tmp_path / "moves.csv"
    text = f"{HEADER}\n{','.join(GOOD.values())}\n".replace("ULN", "Kennung").replace("ORIGIN", "von")
    path.write_text(text, encoding="utf-8")
    assert lint_requirements(path, columns=own).requirements[0].text("ORIGIN") == "a"
    missing = lint_requirements(path)
    assert [(problem.code, problem.path) for problem in missing.problems] == [
        ("E104", "tpfdd.ULN"), ("E104", "tpfdd.ORIGIN")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "E110", "no header"),
        (HEADER.replace(",", ";") + "\n", "E110", "semicolons"),
        (HEADER + "\n", "E110", "no rows"),
        (HEADER + ",Ready to load\n", "E110", "'RLD', 'Ready to load' are all RLD"),
        (HEADER + ",x,x\n", "E110", "2 times"),
        (HEADER + "\n0AAAA,DEU\n", "E110", "2 cells, the header 15"),
        (HEADER + '\n"0AAAA,DEU\n', "E110", "not closed"),
        (HEADER.replace("DEST", "DESTT") + "\n", "E104", "DEST"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str, code: str, said: str) -> None:
    path = tmp_path / "moves.csv"
    path.write_text(text, encoding="utf-8")
    found = only(lint_requirements(path))
    assert found.code == code
    assert said in found.message


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    assert only(lint_requirements(tmp_path / "none.csv")).code == "E101"
    (tmp_path / "latin.csv").write_bytes(b"ULN,Stra\xdfe\n")
    assert "UTF-8" in only(lint_requirements(tmp_path / "latin.csv")).message


# ---- against a scenario -----------------------------------------------------------------------------------


def test_dates_against_free_flow(tmp_path: Path) -> None:
    """30 hours by rail from the start of C+2 end at hour 78, which is 6 hours after the end of C+2."""
    plain = {"PAX_TOTAL": "0", "ALD": "", "EAD": "", "LAD": ""}
    late = only(lint_of(tmp_path, plain | {"RDD": "C+2"}, scenario=corridor()))
    assert (late.code, late.path) == ("W422", "tpfdd.0AAAA.RDD")
    assert "before C+2.25 on any way" in late.message  # 78 / 24 - 1
    assert "Ahaus it takes 30 h" in late.message
    assert lint_of(tmp_path, plain | {"RDD": "C+3"}, scenario=corridor()).problems == ()
    assert lint_of(tmp_path, plain | {"RDD": "C+2"}, scenario=corridor(24.0)).problems == ()  # hour 72: its end
    guessed = plain | {"RDD": "C+2", "WHEELED": "", "HEAVY": "", "UNIT_TYPE": ""}
    assert [p.code for p in lint_of(tmp_path, guessed, scenario=corridor()).problems] == ["W602", "W422"]


def test_places_ways_and_names(tmp_path: Path) -> None:
    scenario = corridor()
    found = lint_of(
        tmp_path,
        {"ORIGIN": "AHAUS", "DEST": "Bexbach", "PAX_TOTAL": "0"},
        {"ULN": "0AAAB", "DEST": "Bexbch", "PAX_TOTAL": "0"},
        {"ULN": "0AAAC", "DEST": "lone", "PAX_TOTAL": "0"},
        {"ULN": "0AAAD", "UNIT_TYPE": "tank", "PAX_TOTAL": "0"},
        scenario=scenario,
    )
    assert [(p.code, p.path) for p in found.problems] == [
        ("E201", "tpfdd.0AAAB.DEST"), ("E203", "tpfdd.0AAAD.UNIT_TYPE"), ("E305", "tpfdd.0AAAC.ORIGIN")
    ]  # fmt: skip
    assert found.problems[0].hint == "did you mean 'Bexbach'?"
    assert [entry.key for entry in found.sound] == ["0AAAA"]


def test_passengers_against_the_troops_that_are_required(mini: Scenario) -> None:
    assert lint_requirements(EXAMPLE, mini).problems == ()  # 9,000 of 9,000
    more = mini.model_copy(update={"question": mini.question.model_copy(update={"troops_required": 8000})})
    found = only(lint_requirements(EXAMPLE, more))
    assert (found.code, "9,000 passengers" in found.message, "8,000 troops" in found.message) == ("W604", True, True)


def test_unknown_nations(tmp_path: Path, mini: Scenario) -> None:
    row = {"ORIGIN": "HAJ", "DEST": "ORZ", "NATION": "GER", "RDD": "C+30"}
    found = [p for p in lint_of(tmp_path, row, scenario=mini).problems if p.code != "W604"]
    assert [(p.code, p.path) for p in found] == [("E225", "tpfdd.0AAAA.NATION")]
