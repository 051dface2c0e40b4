"""Graphs from files, edited or not, as networks that a run takes."""

from __future__ import annotations

import json
import os
from typing import Any
from xml.etree.ElementTree import ParseError

import networkx as nx

from flanksim.errors import FlanksimError, Problem
from flanksim.gis.plain import network_of
from flanksim.network.edited import from_json
from flanksim.network.graph import check
from flanksim.scenario.arguments import as_path
from flanksim.scenario.text import read_text


def read_network(source: str | os.PathLike[str] | nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """A network from a graph file, to be handed to a run: ``flanksim.simulate(scenario, network=...)``.

    Parameters
    ----------
    source
        A file that `flanksim.export_network` wrote as node-link or GraphML, edited or not; ``network.json`` of a
        results folder; or such a graph that networkx has read.

    Returns
    -------
    networkx.MultiDiGraph
        As `flanksim.graph` gives it.

    Raises
    ------
    FlanksimError
        E101 if it cannot be read, E308 for an attribute or a value that a run cannot take, E610 for a file that holds
        no graph.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from flanksim.gis.exporting import export_network
    >>> made = export_network("corridor-mini", mkdtemp(), form="graphml")
    >>> read_network(made.files["network"]).edges["HAJ", "POZ", "rail-west"]["gross_capacity"]
    165.0
    """
    if isinstance(source, nx.Graph):
        if not isinstance(source, nx.MultiDiGraph):
            check(source)
        found = network_of(source)
    else:
        path = as_path("source", source)
        text = read_text(path, path.name)
        read = _graphml if text.lstrip().startswith("<") else _json
        try:
            found = read(text)
        except (nx.NetworkXError, ParseError, ValueError, KeyError, TypeError, AttributeError) as error:
            hint = "write one with flanksim network export --format node-link or graphml"
            said = " ".join(str(error).split())[:200] + " is missing" * isinstance(error, KeyError)
            raise FlanksimError(Problem("E610", path.name, "", f"holds no graph: {said}", hint)) from error
    check(found)
    return found


def _graphml(text: str) -> nx.MultiDiGraph[str]:
    return network_of(nx.MultiDiGraph(nx.parse_graphml(text, edge_key_type=str, force_multigraph=True)))


def _json(text: str) -> nx.MultiDiGraph[str]:
    content: dict[str, Any] = json.loads(text)
    edges = content["edges"] if "edges" in content else content["links"]
    if edges and "from" in edges[0]:
        return from_json(content)
    found: nx.MultiDiGraph[str] = nx.MultiDiGraph(**content.get("graph", {}))
    for values in content["nodes"]:
        found.add_node(values["id"], **{name: value for name, value in values.items() if name != "id"})
    for values in edges:
        own = {name: value for name, value in values.items() if name not in ("source", "target", "key")}
        found.add_edge(values["source"], values["target"], key=values.get("key"), **own)
    return network_of(found)
