"""What can be lost: ports, airports, bridges, links and fleets, each taken out for some days or doubled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flanksim.scenario import naming
from flanksim.scenario.rows import Window
from flanksim.scenario.schema import Scenario
from flanksim.units import available_hour, deadline_hour

#: Facilities that stand still when a port or an airport is lost.
FACILITIES = {"port": ("berth", "barge_terminal", "port_exit", "rail_terminal", "gauge_change"), "airport": ("stand",)}
#: That by which it is a port or an airport.
_MARK = {"port": "berth", "airport": "stand"}
_CROSSINGS = ("bridge", "tunnel")
#: Kinds of assets, in the order in which they are told.
KINDS = ("port", "airport", *_CROSSINGS, "link", "fleet")
_NEW = "_second"


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that can be lost.

    Attributes
    ----------
    kind
        Of `KINDS`.
    key
        Id of the node (for a bridge or tunnel that of its chokepoints), link or fleet.
    rows
        What stands still: table and ids of its rows.
    """

    kind: str
    key: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def name(self) -> str:
        """Kind and id: no two assets have the same."""
        return f"{self.kind}:{self.key}"

    @property
    def things(self) -> frozenset[tuple[str, str]]:
        """Its rows, by table and id."""
        return frozenset((table, key) for table, keys in self.rows for key in keys)


def assets(scenario: Scenario) -> dict[str, Asset]:
    """Everything that can be lost, by name; of links and fleets those that there are today.

    A place is a port if it has a berth, and an airport if it has a stand. A bridge or tunnel is a place in the table
    of chokepoints; all links on which it stands are lost with it.
    """
    found: list[Asset] = []
    at: dict[tuple[str, str], list[str]] = {}
    for key, row in sorted(scenario.facilities.items()):
        at.setdefault((row.place, row.kind), []).append(key)
    for kind, kinds in FACILITIES.items():
        for place in sorted({place for place, other in at if other == _MARK[kind]}):
            keys = tuple(key for other in kinds for key in at.get((place, other), ()))
            found.append(Asset(kind, place, (("facilities", keys),)))
    crossed: dict[tuple[str, str], set[str]] = {}
    for point in scenario.chokepoints.values():
        if point.kind in _CROSSINGS:
            crossed.setdefault((point.kind, point.node_id), set()).add(point.link_id)
    found += [Asset(kind, node, (("links", tuple(sorted(links))),)) for (kind, node), links in sorted(crossed.items())]
    found += [Asset("link", key, (("links", (key,)),)) for key, row in sorted(scenario.links.items()) if _built(row)]
    found += [
        Asset("fleet", key, (("fleets", (key,)),)) for key, row in sorted(scenario.fleets.items()) if row.count_typical
    ]
    return {asset.name: asset for asset in found}


def _built(row: Any) -> bool:
    return row.capacity_typical is None or row.capacity_typical > 0


def title(scenario: Scenario, asset: Asset) -> str:
    """An asset in words."""
    if asset.kind == "fleet":
        return scenario.fleets[asset.key].name or asset.key
    if asset.kind == "link":
        return naming.link(scenario, asset.key)
    named = {point.name for point in scenario.chokepoints.values() if point.node_id == asset.key and point.name}
    if asset.kind in _CROSSINGS and named:
        return min(named)
    return naming.place(scenario, asset.key)


def places(scenario: Scenario, asset: Asset) -> tuple[tuple[str, ...], ...]:
    """Where an asset is: the ends of each link, one place for what stands at one, none for lift."""
    if asset.kind == "fleet":
        return ()
    if asset.kind in FACILITIES:
        return ((asset.key,),)
    links = [scenario.links[key] for _, keys in asset.rows for key in keys if key in scenario.links]
    return tuple((row.from_node, row.to_node) for row in links)


def lose(scenario: Scenario, lost: Iterable[Asset], from_day: float, to_day: float) -> Scenario:
    """The scenario in which assets are out from the start of one C-day to the end of another.

    Nobody enters a link, begins to be worked at a port or airport, or sets out with a fleet meanwhile. Who is on the
    link goes on to its end, work at a place stops and goes on afterwards, lift that is under way comes back first.
    """
    window = Window(from_hour=available_hour(from_day), to_hour=deadline_hour(to_day))
    tables: dict[str, dict[str, Any]] = {}
    for asset in lost:
        for table, keys in asset.rows:
            rows = tables.setdefault(table, dict(getattr(scenario, table)))
            for key in keys:
                rows[key] = rows[key].model_copy(update={"closures": (*rows[key].closures, window)})
    return scenario.with_tables(tables)


def doubled(scenario: Scenario, asset: Asset) -> Scenario:
    """The scenario with a second one like it: a link or fleet beside it, a place with the same facilities and links."""
    tables: dict[str, dict[str, Any]] = {}
    for table, keys in asset.rows:
        if table == "facilities":
            _second_place(scenario, asset.key, keys, tables)
        else:
            _add(scenario, tables, table, keys, {})
    links = tables.get("links", {}).keys() - scenario.links.keys()
    for key, point in scenario.chokepoints.items():  # a new link is as tight as that beside it
        if point.link_id + _NEW in links:
            _add(scenario, tables, "chokepoints", [key], {"link_id": point.link_id + _NEW})
    for key, border in scenario.facilities.items():  # and has its border
        if border.place + _NEW in links:
            _add(scenario, tables, "facilities", [key], {"place": border.place + _NEW})
    return scenario.with_tables(tables)


def _second_place(scenario: Scenario, node: str, keys: Sequence[str], tables: dict[str, dict[str, Any]]) -> None:
    """A place beside this one, with these facilities, and with every link of it to the same other places."""
    new = node + _NEW
    _add(scenario, tables, "nodes", [node], {})
    _add(scenario, tables, "facilities", keys, {"place": new})
    for key, row in scenario.links.items():
        if node in (row.from_node, row.to_node) and _built(row):
            ends = {end: new for end in ("from_node", "to_node") if getattr(row, end) == node}
            _add(scenario, tables, "links", [key], ends)


def _add(
    scenario: Scenario,
    tables: dict[str, dict[str, Any]],
    table: str,
    keys: Collection[str],
    changes: Mapping[str, Any],
) -> None:
    rows = tables.setdefault(table, dict(getattr(scenario, table)))
    for key in keys:
        rows[key + _NEW] = rows[key].model_copy(update=dict(changes))
