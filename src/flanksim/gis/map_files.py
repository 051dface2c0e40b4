"""Map files of any form as shapes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from flanksim.errors import FlanksimError, Problem
from flanksim.gis.geojson_in import json_of, read_geojson
from flanksim.gis.osm_in import read_overpass, read_xml
from flanksim.gis.shapes import Read, position_of
from flanksim.scenario.geometry import locode_degrees
from flanksim.scenario.text import read_text

#: Columns of the code list, which is published without a header.
_LOCODE = (
    "Change", "Country", "Location", "Name", "NameWoDiacritics", "Subdivision", "Function", "Status", "Date", "IATA",
    "Coordinates", "Remarks",
)  # fmt: skip
#: What is no text, and how to make some of it.
_OTHERS = {
    ".pbf": "osmium cat FILE -o extract.osm; cut it down before: osmium tags-filter",
    ".gpkg": "ogr2ogr lines.geojson FILE lines",
    ".shp": "ogr2ogr -t_srs EPSG:4326 lines.geojson FILE",
    ".gz": "gunzip FILE",
    ".bz2": "bunzip2 FILE",
    ".zip": "unzip FILE",
}


def read_map(path: Path) -> Read:
    """Read GeoJSON, OpenStreetMap XML, Overpass JSON, or a UN/LOCODE table, whichever it is.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Read
        Its points and lines.

    Raises
    ------
    FlanksimError
        E101 if it cannot be read, E611 if it is none of these, E612 for each thing in it that cannot be used.
    """
    if (remedy := _OTHERS.get(path.suffix.lower())) is not None and path.is_file():
        hint = remedy.replace("FILE", path.name)
        raise FlanksimError(Problem("E611", path.name, "", f"a file of kind {path.suffix} is not read here", hint))
    text = read_text(path, path.name)
    found = Read(path.name)
    head = text.lstrip()[:1]
    if head == "<":
        read_xml(text, found)
    elif path.suffix.lower() == ".csv":
        _locodes(text, found)
    else:
        content = json_of(text, path.name)
        if "elements" in content:
            read_overpass(content, text, found)
        else:
            read_geojson(content, text, found)
    if found.problems:
        raise FlanksimError(found.problems)
    return found


def _locodes(text: str, found: Read) -> None:
    """Rows of a UN/LOCODE table, with a header or in the order in which it is published."""
    found.form = "UN/LOCODE"
    reader = csv.reader(io.StringIO(text, newline=""))
    names: Sequence[str] = _LOCODE
    for number, cells in enumerate(reader):
        if number == 0 and "Coordinates" in cells:
            names = [cell.strip() for cell in cells]
            continue
        if not any(cells):
            continue
        if len(cells) != len(names):
            hint = f"{len(_LOCODE)} columns as published, or a header with Country, Location, Name and Coordinates"
            found.say("E611", reader.line_num, "", f"no row of a UN/LOCODE table: {len(cells)} cells", hint)
            return
        row = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
        if not row.get("Location") or row.get("Change", "") in ("X", "="):
            continue  # the name of a country, a place that is removed, or another name of one
        if not row["Coordinates"]:
            found.left_out["UN/LOCODE places without coordinates"] += 1
            continue
        degrees = locode_degrees(row["Coordinates"])
        code = row["Country"] + row["Location"]
        if degrees is None:
            said = f"'{row['Coordinates']}' are no coordinates"
            found.say("E612", reader.line_num, code, said, "write degrees and minutes: 5120N 00424E")
            continue
        tags = {
            "locode": code,
            "country": row["Country"],
            "name": row.get("Name", ""),
            "function": row.get("Function", ""),
        }
        found.add(reader.line_num, code, "", [position_of(degrees[1], degrees[0])], tags)
