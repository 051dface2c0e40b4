"""Requirements to a scenario, run, and out again: mapped as worked out by hand, and nothing is lost on the way."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flanksim import FlanksimError, export_requirements, import_requirements, lint_requirements, load, run
from flanksim.tpfdd.exporting import ACTUALS
from flanksim.tpfdd.requirement import Requirement, remark, remembered
from tests.conftest import OPEN
from tests.tpfdd.test_lint import EXAMPLE

#: 30 hours of railway, without chance, lift, handling and integration: a unit is in 30 hours after it is ready.
BASE = (
    OPEN
    + """
parameters: {close_share: 1}
nodes: {a: {name: Ahaus}, b: {name: Bexbach, regional_plan: west}, c: {}}
regional_plans: [west]
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 30, headway_hours: 0}
  spur: {from_node: c, to_node: a, mode: rail, tracks: 2, travel_hours: 5, headway_hours: 0}
  road: {from_node: a, to_node: b, mode: road, travel_hours: 40}
  lane: {from_node: c, to_node: a, mode: road, travel_hours: 9}
unit_types:
  battery: {troops_typical: 100, wheeled_typical: 30, heavy_typical: 10, containers_typical: 4, heaviest_mlc: 40}
units:
  u: {home_node: a, assembly_node: b, wheeled: 1, ready_day: 1}
"""
)
HEADER = "ULN,NATION,PAX_TOTAL,T,UNIT_TYPE,WHEELED,TRACKED,MARRY_UP_ID,ORIGIN,DEST,RLD,RDD,MAX_MLC,Colour\n"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "base.yaml"
    path.write_text(BASE, encoding="utf-8")
    return path


def moves(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "moves.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_mapped_by_hand(tmp_path: Path, base: Path) -> None:
    file = moves(
        tmp_path,
        "U1,X,0,12.5,,3,,,a,b,C+2,C+9,,red",  # counted: 3 wheeled
        "U2,X,0,181,,,yes,,Ahaus,BEXBACH,C-1,C+5,60,",  # guessed: 181 t at 10 t a piece are 19 heavy ones
        "U3,X,50,,battery,,,,a,b,2,C010,,",  # half a battery: 15 wheeled, 5 heavy, 2 containers
        "U4,X,0,90,,9,,U5,c,b,C+1,C+8,,",  # kit that meets soldiers of another place
        "U5,X,20,0,,,,U4,a,b,C+3,C+7,,",
    )
    made = import_requirements(file, base, tmp_path / "mine.yaml", leave_out=True)
    assert made.left_out == ("U3",)  # neither STONS nor T
    units = made.scenario.units
    assert list(units) == ["U1", "U2", "U4"]
    assert {unit.unit_id: [entry.key for entry in unit.requirements] for unit in made.units} == {
        "U1": ["U1"], "U2": ["U2"], "U4": ["U4", "U5"]
    }  # fmt: skip
    one, two, four = units.values()
    assert (one.wheeled, one.heavy, one.ready_day, one.required_day, one.tier, one.regional_plan) == (
        3,
        0,
        2,
        9,
        1,
        "west",
    )
    assert (two.wheeled, two.heavy, two.heaviest_mlc, two.ready_day, two.home_node) == (0, 19, 60, 0, "a")
    assert (four.troops, four.wheeled, four.home_node, four.stock_node, four.ready_day, four.required_day) == (
        20, 9, "a", "c", 3, 7
    )  # fmt: skip
    codes = [(problem.code, problem.path) for problem in made.problems]
    assert ("E104", "tpfdd.U3.STONS") in codes
    assert ("W607", "tpfdd.U4.RLD") in codes
    assert ("W607", "tpfdd.U4.RDD") in codes
    assert ("W608", "tpfdd.U2.RLD") in codes
    assert made.scenario.troops_required == 20


def test_types_and_partners_that_go_elsewhere(tmp_path: Path, base: Path) -> None:
    file = moves(tmp_path, "U3,X,50,100,battery,,,,a,b,2,C010,,", "U6,X,0,10,,1,,U3,a,c,2,9,,")
    made = import_requirements(file, base, tmp_path / "mine.yaml")
    battery = made.scenario.units["U3"]
    assert (battery.troops, battery.wheeled, battery.heavy, battery.containers) == (50, 15, 5, 2)
    assert battery.unit_type == "battery"
    assert made.scenario.units["U6"].assembly_node == "c"
    assert [(p.code, p.path) for p in made.problems if p.code == "W607"] == [("W607", "tpfdd.U6.ORIGIN")]


def test_a_file_with_errors_is_refused_whole(tmp_path: Path, base: Path) -> None:
    file = moves(tmp_path, "U1,X,0,12.5,,3,,,a,bb,C+2,C+9,,", "U2,X,0,1,,1,,,a,b,C+3,C+2,,")
    with pytest.raises(FlanksimError) as caught:
        import_requirements(file, base, tmp_path / "mine.yaml")
    assert sorted(problem.code for problem in caught.value.problems if problem.code[0] == "E") == ["E201", "E602"]
    with pytest.raises(FlanksimError):  # nothing is left of it
        import_requirements(file, base, tmp_path / "mine.yaml", leave_out=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base.yaml", "moves.csv"]


def test_nothing_is_overwritten(tmp_path: Path, base: Path) -> None:
    file = moves(tmp_path, "U1,X,0,12.5,,3,,,a,b,C+2,C+9,,")
    for name, code in (("base.yaml", "E112"), ("mine", "E113"), ("a b.yaml", "E113")):
        with pytest.raises(FlanksimError) as caught:
            import_requirements(file, base, tmp_path / name)
        assert caught.value.problems[0].code == code


def test_actual_dates_by_hand(tmp_path: Path, base: Path) -> None:
    """Ready at hour 48, in and closed at hour 78: C+2.00 as RLD counts, C+2.25 as RDD does, 18 hours before its end."""
    file = moves(tmp_path, "U1,X,0,12.5,,3,,,a,b,C+2,C+3,,red")
    made = import_requirements(file, base, tmp_path / "mine.yaml")
    study = run(made.path, 2, jobs=1, results=tmp_path / "results")
    assert study.folder is not None
    found = export_requirements(study.folder, tmp_path / "out.csv")
    (row,) = found.rows
    assert {name.removeprefix("ACTUAL_"): text for name, text in row.items() if name in ACTUALS} == {
        "READY": "C+2.00", "ARRIVED": "C+2.25", "CLOSED": "C+2.25", "DAYS_LATE": "-0.75", "CLOSED_MEDIAN": "C+2.25",
        "CAUSES": "not ready 2.0; moving by rail 1.2", "CLOSED_RUNS": "2", "RUNS": "2", "UNIT": "U1",
        "SEED": str(study.shown.seed),
    }  # fmt: skip
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# TPFDD-like, for synthetic data only")
    (cells,) = csv.DictReader(lines[1:])
    assert (cells["ULN"], cells["T"], cells["RLD"], cells["RDD"], cells["Colour"]) == (
        "U1",
        "12.5",
        "C+2",
        "C+3",
        "red",
    )
    with pytest.raises(FlanksimError, match="E112"):
        export_requirements(study.folder, tmp_path / "out.csv")


def test_the_example_comes_back_as_it_was(tmp_path: Path) -> None:
    made = import_requirements(EXAMPLE, "corridor-mini", tmp_path / "reed.yaml")
    assert (len(made.units), made.scenario.troops_required, made.left_out) == (9, 9000, ())
    assert load(tmp_path / "reed.yaml").digest == made.scenario.digest
    brigade, engineers, kit = (made.scenario.units[key] for key in ("0DAAA", "0GABA", "0GAAA"))
    assert (brigade.modes, brigade.heavy, brigade.tanks) == (("rail", "road", "ferry", "waterway"), 140, 44)  # 80 + 60
    assert (engineers.modes, engineers.route, engineers.tier) == ((), ("GDN",), 2)
    assert (kit.troops, kit.wheeled, kit.containers) == (3000, 560, 170)  # 2,800 soldiers meet 200 with the kit
    study = run(made.path, 1, jobs=1, results=tmp_path / "results")
    assert study.folder is not None
    found = export_requirements(study.folder, tmp_path / "out.csv")
    assert found.traced == 12
    before = lint_requirements(EXAMPLE)
    after = lint_requirements(tmp_path / "out.csv")
    assert sorted(after.requirements, key=lambda entry: entry.key) == sorted(
        before.requirements, key=lambda entry: entry.key
    )
    assert after.problems == ()
    again = import_requirements(tmp_path / "out.csv", "corridor-mini", tmp_path / "again.yaml")
    assert again.scenario.units == made.scenario.units


def test_free_flow_is_that_of_the_whole_unit(tmp_path: Path) -> None:
    """A row of one piece, as the lint looks at it, takes as long as its unit does by the bound for every schedule."""
    from flanksim.bounds.flow_network import FlowNetwork
    from flanksim.bounds.free_flow import unit_hours
    from flanksim.bounds.inputs import inputs_of
    from flanksim.network.network import Network
    from flanksim.planning.compile import plan_on

    path = tmp_path / "moves.csv"
    path.write_text(
        "ULN,NATION,PAX_TOTAL,T,SQFT,WHEELED,HEAVY,CONTAINERS,MAX_MLC,ORIGIN,DEST,RLD,RDD\n"
        "R1,DEU,0,500,1,40,0,0,20,HAJ,ORZ,C+0,C+0\nR2,DEU,100,0,,,,,,HAJ,ORZ,C+0,C+0\n"
        "R3,GBR,0,500,1,0,10,0,60,MCH,ORZ,C+0,C+0\nR4,GBR,70,500,1,0,0,30,,MCH,ORZ,C+0,C+0\n",
        encoding="utf-8",
    )
    told = {p.path: p.message for p in lint_requirements(path, "corridor-mini").problems if p.code == "W422"}
    made = import_requirements(path, "corridor-mini", tmp_path / "mine.yaml")
    network = Network(load(made.path, {"mechanisms": {"permissions": False}}))
    plan = plan_on(network)
    hours = unit_hours(FlowNetwork(network, inputs_of(plan)))
    assert len(told) == 4
    for unit, hour in zip(plan.units, hours, strict=True):
        assert f"before C{hour / 24 - 1:+.2f} on" in told[f"tpfdd.{unit.unit_id}.RDD"]


def test_units_that_came_from_no_file(tmp_path: Path, base: Path) -> None:
    study = run(base, 1, jobs=1, results=tmp_path / "results")
    assert study.folder is not None
    found = export_requirements(study.folder, tmp_path / "out.csv")
    (row,) = found.rows
    assert found.traced == 0
    wanted = {"ULN": "u", "T": "10", "WHEELED": "1", "ORIGIN": "a", "DEST": "b", "RLD": "C+1", "RDD": "C+30"}
    assert {name: row[name] for name in wanted} == wanted
    assert row["ACTUAL_CLOSED"] == "C+1.25"  # hour 24 + 30 = 54
    only_nation = [(p.code, p.path) for p in lint_requirements(tmp_path / "out.csv").problems if p.code[0] == "E"]
    assert only_nation == [("E104", "tpfdd.NATION")]  # the unit has none


TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12).filter(
    lambda text: text.strip() == text
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda name, mass, day, tracked, tags: Requirement(
                "K1", {"ULN": "K1", "UNIT_NAME": name, "STONS": mass, "RLD": day, "TRACKED": tracked}, tags
            ),
            TEXT,
            st.floats(0, 1e6),
            st.integers(-3650, 3650),
            st.booleans(),
            st.dictionaries(TEXT, TEXT, max_size=3),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_remarks_lose_nothing(rows: list[Requirement]) -> None:
    assert remembered(remark(rows)) == rows


@pytest.mark.parametrize("note", ["", "guards", "TPFDD", "TPFDD is classified", "TPFDD ULN=", "TPFDD STONS=1"])
def test_remarks_that_are_none(note: str) -> None:
    assert remembered(note) == []
