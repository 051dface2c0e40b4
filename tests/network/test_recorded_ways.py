"""Ways of recorded moves: the route that flanksim takes passes the recorded places, and is about as long."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flanksim import load
from flanksim.network.lift import lift_pools
from flanksim.network.network import Network
from flanksim.network.physics import Physics
from flanksim.network.routes import Itinerary, Layered
from flanksim.planning.loads import loads_of

CASES = Path(__file__).parents[2] / "scenarios" / "validation"


class Way(NamedTuple):
    """What is recorded of a way.

    `places` are passed in this order; `changes` is the number of changes of lift on it.
    """

    case: str
    unit: dict[str, Any]
    km: float
    countries: list[str]
    places: list[str]
    changes: int = 0


WAYS = {
    # Grafenwoehr to Sestokai in February 2017: standard gauge all the way, two borders, the one line by Suwalki.
    "R16": Way("r16-trains", {}, 1270, ["DEU", "POL", "LTU"], ["J_NUE", "J_SUW", "G_MOC"]),
    # Nabburg to Rukla in August 2020, with a change of gauge at Mockava or Sestokai.
    "R17": Way(
        "r17-train", {"assembly_node": "J_RUK"}, 1400, ["DEU", "POL", "LTU"], ["J_NUE", "J_SUW", "G_MOC", "J_RUK"], 1
    ),
    # France to Fagaras in autumn 2025, four borders at most. The tanks of the brigade stand at Olivet by Orleans: from
    # Paris on it is about as far.
    "R18": Way("r18-train", {"home_node": "J_PAR"}, 2300, ["FRA", "DEU", "AUT", "HUN", "ROU"], ["J_MTZ", "J_FAG"]),
    # Bremerhaven to Zagan in January 2017, nights at Bergen-Hohne north of Hannover and at Lehnin by Berlin.
    "R21": Way("r21-column", {}, 700, ["DEU", "POL"], ["P_BRV", "J_HAJ", "J_BER", "J_ZAG"]),
    # Vilseck to Orzysz in October 2017, through Czechia.
    "R22": Way("r22-column", {}, 1094, ["DEU", "CZE", "POL"], ["J_NUE", "J_PRG", "J_ORZ"]),
}


def first_way(way: Way) -> tuple[Itinerary, list[str], float, Network]:
    """The shortest itinerary of the case's load, the places on it and its kilometres."""
    scenario = load(CASES / f"{way.case}.yaml", {"units": {"load": way.unit}})
    network = Network(scenario)
    physics = Physics(network, lift_pools(network))
    moved = next(entry for entry in loads_of(network) if entry.element != "troops")
    (itinerary,) = Layered(physics, moved.load_class).itineraries([moved.home], moved.target, 1)[moved.home]
    legs = [leg for segment in itinerary.segments for leg in segment.legs]
    places = [legs[0].from_node, *(leg.to_node for leg in legs)]
    km = sum(network.edge(leg.link_id, leg.forward).length_km for leg in legs)
    return itinerary, places, km, network


@pytest.mark.parametrize("name", WAYS)
def test_the_way_is_the_recorded_one(name: str) -> None:
    way = WAYS[name]
    itinerary, places, km, network = first_way(way)
    assert [place for place in places if place in way.places] == way.places
    countries = [country for country, _ in groupby(network.places[place].country for place in places)]
    assert countries == way.countries
    assert len(itinerary.segments) - 1 == way.changes
    assert km == pytest.approx(way.km, rel=0.1)
