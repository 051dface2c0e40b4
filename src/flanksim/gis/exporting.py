"""The network of a scenario or of a run as files for GIS and graph programs."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx

from flanksim.errors import FlanksimError, Problem
from flanksim.gis import features
from flanksim.gis.geojson import collection
from flanksim.gis.plain import plain_graph
from flanksim.investment.apply import at_year
from flanksim.measure.traffic import Traffic
from flanksim.network.edited import tables_of
from flanksim.network.graph import build
from flanksim.network.network import Network
from flanksim.saving import file_name, make_folder
from flanksim.scenario.arguments import as_path, as_scenario, one_of
from flanksim.scenario.schema import Scenario
from flanksim.study.store import open_folder, write_text
from flanksim.study.study import reopened

if TYPE_CHECKING:
    import pandas as pd

#: What can be written: form, and the ending of its files.
FORMS = {"geojson": ".geojson", "node-link": ".json", "graphml": ".graphml"}
#: Layers of GeoJSON: features of the network, and whether they are lines.
LAYERS = {
    "places": (features.places, False),
    "links": (features.links, True),
    "facilities": (features.facilities, False),
    "chokepoints": (features.chokepoints, False),
}
#: What XML cannot hold.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class ExportedNetwork:
    """What was written.

    Attributes
    ----------
    files
        The files, by what they hold.
    counts
        Features, rows or edges in each.
    about
        Scenario and, of a run, the seed that the flows are of.
    """

    files: Mapping[str, Path]
    counts: Mapping[str, int]
    about: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "files": {name: str(path) for name, path in self.files.items()},
            "counts": dict(self.counts),
            **self.about,
        }


@dataclass(frozen=True)
class _Found:
    """A network, and what moved on it where there was a run."""

    network: Network
    about: dict[str, Any]
    table: pd.DataFrame | None = None
    traffic: Traffic | None = None


def export_network(
    source: Scenario | str | os.PathLike[str],
    folder: str | os.PathLike[str] | None = None,
    *,
    form: str = "geojson",
    network: nx.MultiDiGraph[str] | None = None,
) -> ExportedNetwork:
    """Write a network for GIS and graph programs; of a results folder also flows by day and queues.

    Parameters
    ----------
    source
        A Scenario, the name of a shipped one, the path of a file, or a results folder of `flanksim.run`.
    folder
        Where the files go; ``<scenario>-network``, or ``network`` in the results folder, if None.
    form
        ``geojson``: a file a layer, in degrees (RFC 7946). ``node-link`` and ``graphml``: one graph with plain
        attributes, which `flanksim.read_network` reads back; flows and queues are tables beside it.
    network
        The network of a scenario, as `flanksim.graph` gives it, edited; None for that of its tables.

    Returns
    -------
    ExportedNetwork
        The files, and how much is in each.

    Raises
    ------
    FlanksimError
        E112 if a file is there, E120 or E505 for a folder without a run, E130 for an argument that cannot be used,
        E308 for a network that cannot, E507 if a file cannot be written, and what `flanksim.load` raises.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> export_network("corridor-mini", mkdtemp()).counts
    {'places': 7, 'links': 12, 'facilities': 14}
    """
    chosen = one_of("form", form, FORMS)
    found, beside = _of_results(source, network) if _is_folder(source) else _of_scenario(source, network)
    target = beside if folder is None else as_path("folder", folder)
    texts = _geojson(found) if chosen == "geojson" else _graph(found, chosen)
    endings = {name: ".csv" if chosen != "geojson" and name != "network" else FORMS[chosen] for name in texts}
    files = {name: target / f"{name}{ending}" for name, ending in endings.items()}
    if taken := [path for path in files.values() if path.exists()]:
        hint = "choose another folder with -o"
        raise FlanksimError(
            [Problem("E112", str(path), "", "exists already; nothing was written", hint) for path in taken]
        )
    make_folder(target)
    for name, path in files.items():
        write_text(path, texts[name][0])
    return ExportedNetwork(files, {name: count for name, (_, count) in texts.items()}, found.about)


def _is_folder(source: object) -> bool:
    return isinstance(source, str | os.PathLike) and as_path("source", source).is_dir()


def _of_scenario(source: Scenario | str | os.PathLike[str], graph: nx.MultiDiGraph[str] | None) -> tuple[_Found, Path]:
    scenario = at_year(as_scenario(source))
    scenario = scenario if graph is None else tables_of(scenario, graph)
    found = _Found(Network(scenario, graph), _about(scenario))
    return found, Path(f"{file_name(scenario.name)}-network")


def _of_results(source: Any, graph: nx.MultiDiGraph[str] | None) -> tuple[_Found, Path]:
    if graph is not None:
        hint = "leave it out: a results folder has the network that was run"
        raise FlanksimError(Problem("E130", "network", "", "a results folder takes no other network", hint))
    saved = open_folder(as_path("source", source))
    saved.only(("run",), "exported")
    study = reopened(saved)
    scenario = study.scenario
    traffic = Traffic(scenario, study.replay())
    about = _about(scenario) | {"seed": study.shown.seed}
    network = Network(scenario, build(scenario) if saved.network is None else saved.network)
    return _Found(network, about, features.by_day(scenario, traffic), traffic), saved.folder / "network"


def _about(scenario: Scenario) -> dict[str, Any]:
    return {"scenario": scenario.name, "title": scenario.title, "digest": scenario.digest}


def _geojson(found: _Found) -> dict[str, tuple[str, int]]:
    """Text and count of each layer that holds anything."""
    layers = {name: (list(make(found.network)), lines) for name, (make, lines) in LAYERS.items()}
    if found.table is not None:
        scenario = found.network.scenario
        layers["flows"] = (list(features.flows(scenario, found.table)), True)
        layers["queues"] = (list(features.queues(scenario, found.table)), False)
    return {
        name: (collection(rows, found.about, lines=lines), len(rows)) for name, (rows, lines) in layers.items() if rows
    }


def _graph(found: _Found, form: str) -> dict[str, tuple[str, int]]:
    """The graph, and the tables of a run by link and place."""
    graph = plain_graph(found.network.graph)
    graph.graph.update(found.about)
    texts: dict[str, tuple[str, int]] = {}
    if found.table is not None and found.traffic is not None:
        _measure(graph, found.table, found.traffic)
        passed = found.table["what"] == "pieces_per_day"
        flows = found.table[passed].rename(columns={"where": "link_id", "value": "pieces_per_day"}).drop(columns="what")
        waits = found.table[~passed].rename(columns={"where": "node_id"})
        texts["flows"] = (flows.to_csv(index=False), len(flows))
        texts["queues"] = (waits.to_csv(index=False), len(waits))
    text = graphml(graph) if form == "graphml" else json.dumps(node_link(graph), indent=1, allow_nan=False) + "\n"
    return {"network": (text, graph.number_of_edges())} | texts


def _measure(graph: nx.MultiDiGraph[str], table: pd.DataFrame, traffic: Traffic) -> None:
    """Sums over the whole run as attributes of edges and nodes."""
    passed = traffic.passed(-1.0, float("inf"))
    for *_, values in graph.edges(keys=True, data=True):
        values["pieces_both_ways"] = float(passed.get(values["link_id"], 0.0))
    for name, what, how in (
        ("serial_days_waiting", "serials_waiting", "sum"), ("troops_closed", "troops_closed", "max"),
    ):  # fmt: skip
        sums = table[table["what"] == what].groupby("where")["value"].agg(how).to_dict()
        for key, values in graph.nodes(data=True):
            values[name] = float(sums.get(key, 0.0))


def node_link(graph: nx.MultiDiGraph[str]) -> dict[str, Any]:
    """A graph in the node-link form of networkx: ``networkx.node_link_graph(content, edges="edges")`` reads it."""
    return {
        "directed": True,
        "multigraph": True,
        "graph": dict(graph.graph),
        "nodes": [{"id": key, **values} for key, values in graph.nodes(data=True)],
        "edges": [
            {"source": tail, "target": head, "key": key, **values}
            for tail, head, key, values in graph.edges(keys=True, data=True)
        ],
    }


def graphml(graph: nx.MultiDiGraph[str]) -> str:
    """A graph as GraphML; characters that XML cannot hold are left out."""
    clean: nx.MultiDiGraph[str] = nx.MultiDiGraph(**{name: _clean(value) for name, value in graph.graph.items()})
    clean.add_nodes_from(
        (_clean(key), {name: _clean(value) for name, value in values.items()}) for key, values in graph.nodes(data=True)
    )
    for tail, head, key, values in graph.edges(keys=True, data=True):
        clean.add_edge(
            _clean(tail), _clean(head), _clean(key), **{name: _clean(value) for name, value in values.items()}
        )
    out = io.BytesIO()
    nx.write_graphml_xml(clean, out, prettyprint=True)
    return out.getvalue().decode("utf-8")


def _clean(value: Any) -> Any:
    return _NO_XML.sub("", value) if isinstance(value, str) else value
