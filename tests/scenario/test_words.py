"""Words that nothing knows are refused wherever they stand, with what was meant."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flanksim import FlanksimError, load, loads, simulate
from flanksim.cli_support import nested
from flanksim.errors import Problem
from flanksim.scenario import shipped

#: The line after the last row of the shipped table of places.
NEXT_LINE = 1 + len((Path(__file__).parents[2] / "scenarios" / "europe" / "nodes.csv").read_text().splitlines())


def problem(overrides: dict[str, Any], base: str = "corridor-mini") -> Problem:
    with pytest.raises(FlanksimError) as caught:
        load(base, overrides)
    (found,) = caught.value.problems
    return found


@pytest.mark.parametrize(
    ("overrides", "code", "path", "hint"),
    [
        ({"nodes": {"GDN": {"country": "POX"}}}, "E225", "nodes.GDN.country", "'POL'"),
        ({"units": {"logistics": {"nation": "GER"}}}, "E225", "units.logistics.nation", "'GBR'"),
        ({"units": {"logistics": {"regional_plan": "center"}}}, "E225", "units.logistics.regional_plan", "'centre'"),
        ({"question": {"troops_required": None}, "forces": {"nations": ["DEU", "GBX"]}},
         "E225", "forces.nations", "'GBR'"),
        ({"forces": {"regional_plans": ["centre", "nort"]}}, "E225", "forces.regional_plans", "write centre"),
        ({"regime": {"transit_states": ["AUTT"]}}, "E225", "regime.transit_states", "'AUT'"),
        ({"sustainment": {"supply_nodes": {"DUE": "HAJ"}}}, "E225", "sustainment.supply_nodes.DUE", "'DEU'"),
        ({"links": {"s7": {"source": "S1"}}}, "E225", "links.s7.source", "add it to sources"),
        ({"fleets": {"ro-ro": {"waters": ["nothern"]}}}, "E225", "fleets.ro-ro.waters", "'northern'"),
        ({"fleets": {"flats": {"carries": "weeled"}}}, "E105", "fleets.flats.carries.0", "'wheeled'"),
        ({"fleets": {"flats": {"gauge_mm": 1453}}}, "E225", "fleets.flats.gauge_mm", "'1435'"),
        ({"links": {"rail-east": {"gauge_mm": "1435;15210"}}}, "E106", "links.rail-east.gauge_mm.1", "3,000"),
        ({"loading_gauges": ["GB", "GC"], "links": {"rail-east": {"loading_gauge": "gb"}}},
         "E225", "links.rail-east.loading_gauge", "'GB'"),
        ({"links": {"rail-east": {"loading_gauge": "W7"}}}, "E225", "links.rail-east.loading_gauge", "loading_gauges"),
        ({"facilities": {"border-rail": {"place": "a2-west"}}}, "E227", "facilities.border-rail.place", "rail link"),
        ({"facilities": {"border-road": {"place": "HAJ"}}}, "E227", "facilities.border-road.place", "road link"),
        ({"facilities": {"berth-GDN": {"place": "s7"}}}, "E227", "facilities.berth-GDN.place", "node"),
        ({"facilities": {"berth-GDN": {"kind": "birth"}}}, "E105", "facilities.berth-GDN.kind", "'berth'"),
        ({"fleets": {"ro2": {"kind": "train", "pool": "ro-ro", "carries": "heavy;wheeled;cargo", "count_typical": 2,
                             "capacity": 30, "home_node": "MCH"}}}, "E226", "fleets.ro2.kind", "pool of its own"),
        ({"fleets": {"ro2": {"kind": "ship", "pool": "ro-ro", "carries": "heavy", "count_typical": 2, "capacity": 30,
                             "capacity_unit": "lane_m", "home_node": "MCH"}}}, "E226", "fleets.ro2.carries", "alike"),
        ({"fleets": {"ro2": {"kind": "ship", "pool": "ro-ro", "carries": "cargo;heavy;wheeled", "waters": "atlantic",
                             "count_typical": 2, "capacity": 30, "capacity_unit": "lane_m", "home_node": "MCH"}},
          "links": {"sea-weser": {"waters": "atlantic"}}}, "E226", "fleets.ro2.waters", "alike"),
        ({"fleets": {"ro-rro": {"capacity": 3000}}}, "E104", "fleets.ro-rro", "'ro-ro'"),
        ({"units": {"logistcs": None}}, "E105", "units.logistcs", "'logistics'"),
        ({"links": {"s61": {"capacity": 30}}}, "E103", "links.s61.capacity", "'capacity_typical'"),
        ({"links": {"s61": {"Length_km": 30}}}, "E103", "links.s61.Length_km", "'length_km'"),
        ({"parameters": {"march_unit_gap_minute": 3}}, "E209", "parameters.march_unit_gap_minute", "'march_unit_gap"),
        ({"name": "../../x"}, "E113", "name", "letter"),
        ({"name": "A/B"}, "E113", "name", "letter"),
        ({"name": ".."}, "E113", "name", "letter"),
        ({"name": ".hidden"}, "E113", "name", "letter"),
        ({"units": {"../up": {"home_node": "HAJ", "assembly_node": "ORZ", "wheeled": 1}}},
         "E111", "units.../up", "no /"),
        ({"nodes": {"POZ": {"kind": "chokepoint"}}, "links": {"rail-west": None, "a2-west": None, "a2-east": None},
          "facilities": {"border-rail": None, "border-road": None}}, "E220", "links.rail-east.from_node", "kind"),
        ({"projects": {"p": {"name": "P", "cost_low_bn_eur": 1, "cost_typical_bn_eur": 1, "cost_high_bn_eur": 1,
                             "build_low_years": 1, "build_typical_years": 1, "build_high_years": 1,
                             "in_service": "soon"}}}, "E107", "projects.p.in_service", "write 2030"),
        ({"extends": "eastern-flank"}, "E103", "extends", "scenario file"),
        ({"tables": "europe"}, "E103", "tables", "scenario file"),
        ({"effects": {"e": {"project_id": "p", "table": "links", "targets": "s7", "attribute": "capacity",
                            "operation": "scale", "typical": -2}},
          "projects": {"p": {"name": "P", "cost_low_bn_eur": 1, "cost_typical_bn_eur": 1, "cost_high_bn_eur": 1,
                             "build_low_years": 1, "build_typical_years": 1, "build_high_years": 1}}},
         "E212", "projects.p", "effects"),
    ],
)  # fmt: skip
def test_a_word_that_nothing_knows(overrides: dict[str, Any], code: str, path: str, hint: str) -> None:
    found = problem(overrides)
    assert (found.code, found.path) == (code, path)
    assert hint in found.hint


def test_projects_name_what_exists() -> None:
    assert problem({"projects": {"PR03": {"links": "L173;L999"}}}, "eastern-flank").code == "E202"
    assert problem({"projects": {"PR03": {"places": "NOWHERE"}}}, "eastern-flank").code == "E204"


def test_the_line_is_that_of_whoever_wrote_the_value(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "extends: corridor-mini\nname: base\nlinks:\n  s7:\n    capacity_low: 100\n    capacity_typical: 300\n"
    )
    (tmp_path / "mine.yaml").write_text("extends: base.yaml\nname: mine\nlinks:\n  s7:\n    capacity_typical: 50\n")
    with pytest.raises(FlanksimError, match=r"E107  mine.yaml:5  links.s7"):
        load(tmp_path / "mine.yaml")
    with pytest.raises(FlanksimError, match=r"E107  --set  links.s7"):
        load(tmp_path / "base.yaml", {"links": {"s7": {"capacity_typical": 50}}})


# ---- what is missing is named with its place -------------------------------------------------------------


@pytest.mark.parametrize(
    ("overrides", "hint"),
    [
        ({"facilities": {"berth-MCH": None}}, "no berth at Marchwood (MCH)"),
        ({"facilities": {"berth-GDN": None, "berth-BRV": None}}, "no berth at Gdansk (GDN)"),
        ({"facilities": {"stand-MCH": None}}, "no stand is at Marchwood (MCH)"),
        (
            {"fleets": {"ro-ro": None}},
            "no ship takes containers in northern waters from Marchwood (MCH)",
        ),
        (
            {
                "fleets": {"ro-ro": {"waters": "atlantic"}},
                "links": {
                    "ocean": {
                        "from_node": "BRV",
                        "to_node": "GDN",
                        "mode": "sea",
                        "length_km": 900,
                        "waters": "atlantic",
                    }
                },
            },
            "no ship takes containers in northern waters",
        ),
        (
            {
                "fleets": {"ro-ro": {"draught_m": 12}},
                "facilities": {"berth-GDN": {"max_draught_m": 9}, "berth-BRV": {"max_draught_m": 9}},
            },
            "each ship draws too much",
        ),
        ({"fleets": {"coaches": None, "aircraft": None}}, "no coach takes soldiers from Hannover (HAJ)"),
    ],
)
def test_what_is_missing_on_the_way(overrides: dict[str, Any], hint: str) -> None:
    with pytest.raises(FlanksimError) as caught:
        simulate(load("corridor-mini", overrides), 1)
    assert {found.code for found in caught.value.problems} == {"E305"}
    assert hint in caught.value.problems[0].hint


# ---- text that is no scenario ----------------------------------------------------------------------------

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    "text",
    [BOMB, "a: " + "[" * 50_000, "a: " + "{b: " * 5_000 + "1" + "}" * 5_000, "{" * 90_000,
     "\n".join(" " * n + "a:" for n in range(2_000))],
)  # fmt: skip
def test_aliases_and_nesting_are_refused_before_they_grow(text: str) -> None:
    with pytest.raises(FlanksimError, match="E102"):
        loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: !!int x",
        "a: 2026-13-41",
        "a: !!binary x",
        "a: \x00",
        "a: *b",
        "a: " + "9" * 5_000,
        "b: {<<: 3}",
        "a: 1\n---\nb: 2",
    ],
)
def test_a_parser_does_not_get_through(text: str) -> None:
    with pytest.raises(FlanksimError, match="E102"):
        loads(text)


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", "name: &a {b: *a}\nlinks: *a"])
def test_what_contains_itself_is_refused(text: str) -> None:
    with pytest.raises(FlanksimError):
        loads(text)


def test_merge_keys_and_anchors_are_yaml() -> None:
    text = (shipped() / "corridor-mini.yaml").read_text(encoding="utf-8")
    text = text.replace("  rail-east: {", "  rail-east: &east {").replace(
        "  rail-port: {", "  spare: {<<: *east, to_node: GDN}\n  rail-port: {"
    )
    assert loads(text).links["spare"].length_km == 305


# ---- options ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pairs", [["title=["], ["a=1", "a.b=2"], ["a.b=2", "a=1"], ["a=!!int x"], [f"a={'[' * 9000}"], ["a='"]]
)
def test_set_says_what_is_wrong(pairs: list[str]) -> None:
    with pytest.raises(FlanksimError) as caught:
        nested(pairs)
    assert caught.value.problems[0].where.startswith("--set")


# ---- tables ----------------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(shipped() / "europe", tmp_path / "europe")
    shutil.copyfile(shipped() / "eastern-flank.yaml", tmp_path / "eastern-flank.yaml")
    return tmp_path


def _changed(change: Callable[[list[list[str]]], None]) -> Callable[[str], bytes]:
    def done(text: str) -> bytes:
        rows = list(csv.reader(io.StringIO(text)))
        change(rows)
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows(rows)
        return stream.getvalue().encode()

    return done


def _name(old: str, new: str) -> Callable[[str], bytes]:
    return _changed(lambda rows: rows[0].__setitem__(rows[0].index(old), new))


def _drop(column: str) -> Callable[[str], bytes]:
    def change(rows: list[list[str]]) -> None:
        at = rows[0].index(column)
        for row in rows:
            del row[at]

    return _changed(change)


@pytest.mark.parametrize(
    ("change", "code", "where", "message"),
    [
        (
            lambda text: text.replace("Keflavik", "Keflav\u00edk").encode("cp1252"),
            "E101",
            "europe/nodes.csv:2",
            "not UTF-8",
        ),
        (lambda text: text.encode("utf-16"), "E101", "europe/nodes.csv", "UTF-16"),
        (lambda text: text.replace(",", ";").encode(), "E110", "europe/nodes.csv:1", "semicolons"),
        (lambda text: text.replace(",", "\t").encode(), "E110", "europe/nodes.csv:1", "tabs"),
        (
            lambda text: text.encode() + b"X_NEW," + b"x" * 200_000,
            "E110",
            f"europe/nodes.csv:{NEXT_LINE}",
            "a cell is longer",
        ),
        (lambda text: text.encode() + b'X_NEW,"x', "E110", f"europe/nodes.csv:{NEXT_LINE}", "is opened in this row"),
        (lambda text: b"", "E110", "europe/nodes.csv:1", "no column"),
        (_name("country", "county"), "E103", "europe/nodes.csv:1", "unknown column 'county'"),
        (_name("lon", "lat"), "E110", "europe/nodes.csv:1", "the column 'lat' is there 2 times"),
        (_name("note", ""), "E110", "europe/nodes.csv:1", "has no name"),
    ],
)
def test_a_table_that_is_none(
    copied: Path, change: Callable[[str], bytes], code: str, where: str, message: str
) -> None:
    path = copied / "europe" / "nodes.csv"
    path.write_bytes(change(path.read_text(encoding="utf-8")))
    with pytest.raises(FlanksimError) as caught:
        load(copied / "eastern-flank.yaml")
    (found,) = [problem for problem in caught.value.problems if problem.code == code]
    assert found.where == where
    assert message in found.message


def test_a_column_that_is_missing_is_named_once(copied: Path) -> None:
    path = copied / "europe" / "links.csv"
    path.write_bytes(_drop("from_node")(path.read_text(encoding="utf-8")))
    with pytest.raises(FlanksimError, match=r"E104  europe/links.csv:1  links.from_node") as caught:
        load(copied / "eastern-flank.yaml")
    assert len(caught.value.problems) == 1


def test_a_folder_in_place_of_a_table(copied: Path) -> None:
    (copied / "europe" / "nodes.csv").unlink()
    (copied / "europe" / "nodes.csv").mkdir()
    with pytest.raises(FlanksimError, match=r"E101  europe/nodes\.csv"):
        load(copied / "eastern-flank.yaml")


def test_a_parameter_of_the_table_that_nothing_reads_is_refused(copied: Path) -> None:
    path = copied / "europe" / "parameters.csv"
    path.write_text(path.read_text().replace("\ncoach_mlc,", "\ncoach_mcl,"))
    with pytest.raises(FlanksimError, match=r"E209  europe/parameters.csv:\d+  parameters.coach_mcl") as caught:
        load(copied / "eastern-flank.yaml")
    assert "did you mean 'coach_mlc'?" in str(caught.value)


def test_an_unknown_source_of_a_table_is_refused(copied: Path) -> None:
    path = copied / "europe" / "fleets.csv"
    path.write_text(path.read_text().replace(",S143,", ",S143x,", 1))
    with pytest.raises(FlanksimError, match=r"E225  europe/fleets.csv:\d+  fleets\.\w+\.source") as caught:
        load(copied / "eastern-flank.yaml")
    assert "did you mean 'S143'?" in str(caught.value)


def test_a_value_of_any_length_makes_a_short_message(copied: Path) -> None:
    path = copied / "europe" / "facilities.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"source": "x" * 100_000, "place": "y" * 100_000} for row in rows[:20])
    with pytest.raises(FlanksimError) as caught:
        load(copied / "eastern-flank.yaml")
    assert max(len(str(problem)) for problem in caught.value.problems) < 1_000
    assert problem({"units": {"logistics": {"home_node": "x" * 100_000}}}).message.startswith("unknown node 'xxx")


def test_problems_have_a_shape_for_programs() -> None:
    found = problem({"links": {"s61": {"capacity": 30}}}).as_json()
    assert json.loads(json.dumps(found)) == {
        "code": "E103",
        "severity": "error",
        "file": "--set",
        "line": None,
        "path": "links.s61.capacity",
        "message": "unknown field 'capacity'",
        "hint": "did you mean 'capacity_typical'?",
    }
