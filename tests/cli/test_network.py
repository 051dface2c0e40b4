"""`flanksim network` as a script meets it: files, exit codes, JSON on stdout, problems on stderr."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_cli import flanksim
from tests.gis.maps import REED, feature, geojson


def test_a_network_goes_out_and_comes_back(tmp_path: Path) -> None:
    done = flanksim("network", "export", "corridor-mini", "-o", "geo", "--set", "links.s7=null", cwd=tmp_path)
    assert "links.geojson: 11 links" in done.stdout
    flanksim("network", "export", "corridor-mini", "--format", "shp", cwd=tmp_path, check=2)
    files = sorted(str(path) for path in (tmp_path / "geo").iterdir())
    done = flanksim("network", "import", *files, "-o", "back", cwd=tmp_path)
    assert "back.yaml: 7 places, 11 links (rail 5, road 4, sea 2)" in done.stdout
    assert "E301" in done.stderr


def test_what_keeps_it_from_running_is_what_check_tells(tmp_path: Path) -> None:
    (tmp_path / "reed.osm").write_text(REED, encoding="utf-8")
    made = json.loads(flanksim("network", "import", "reed.osm", "-o", "reed", "--json", cwd=tmp_path).stdout)
    assert (made["modes"], made["one_way"]) == ({"rail": 1, "road": 4}, 1)
    told = json.loads(flanksim("check", "reed.yaml", "--json", cwd=tmp_path, check=1).stdout)["problems"]
    assert [problem["code"] for problem in told] == [problem["code"] for problem in made["remaining"]] == ["E301"]
    with (tmp_path / "reed.yaml").open("a", encoding="utf-8") as file:
        file.write("units: {U: {wheeled: 90, home_node: Reed, assembly_node: Marsh_Port}}\n")
    assert "reed: no errors" in flanksim("check", "reed.yaml", cwd=tmp_path).stdout


def test_a_map_with_mistakes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "map.geojson").write_text(geojson(feature([99.0, 99.0], name="nowhere")), encoding="utf-8")
    done = flanksim("network", "import", "map.geojson", "-o", "made", cwd=tmp_path, check=1)
    assert "E612  map.geojson:2" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["map.geojson"]
