# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The network as a networkx graph: look at it, edit it, run it
#
# `fs.graph` gives the graph on which routes are searched, bounds are built and maps are drawn. What networkx can do
# with a graph can be done with it, and an edited graph goes back into the simulation.

# %%
# %matplotlib inline
import networkx as nx

import flanksim as fs
from flanksim.draw.network import network_map

scenario = fs.load("corridor-mini")
network = fs.graph(scenario)
network

# %%
network_map(scenario).figure

# %% [markdown]
# Each link is two edges, one in each direction, whose key is its id. They carry what routes and the engine read:
# capacities are net of civil traffic.

# %%
for start, end, link, row in sorted(network.edges(keys=True, data=True), key=lambda edge: edge[2]):
    if row["forward"] and row["mode"] == "rail":
        print(f"{link:14} {start} -> {end}  {row['length_km']:4.0f} km  {row['trains_per_day']:5.1f} trains a day")

# %% [markdown]
# ## What networkx says of it
# Trains from Hannover to Orzysz: the shortest way, and how many a day can pass at most (a maximum flow; its minimum
# cut is what limits them).

# %%
rail = nx.DiGraph()
for start, end, link, row in network.edges(keys=True, data=True):
    if row["mode"] == "rail":
        rail.add_edge(start, end, link=link, km=row["length_km"], trains=row["trains_per_day"])
way = nx.shortest_path(rail, "HAJ", "ORZ", weight="km")
most, (west, east) = nx.minimum_cut(rail, "HAJ", "ORZ", capacity="trains")
cut = sorted(rail.edges[edge]["link"] for edge in rail.edges if edge[0] in west and edge[1] in east)
print(
    " -> ".join(way), f"| {nx.path_weight(rail, way, 'km'):.0f} km | at most {most:.1f} trains a day, limited by", *cut
)

# %% [markdown]
# ## Edit it
# By land the heavy brigade's trains go over Poznan and Warsaw. What if the line through Masuria is lost? And what if
# it passes twice as many trains? `fs.check` refuses a graph that no run could take.

# %%
without = network.copy()
without.remove_edges_from([("WAW", "ORZ", "rail-masuria"), ("ORZ", "WAW", "rail-masuria")])
doubled = network.copy()
for ends in (("WAW", "ORZ"), ("ORZ", "WAW")):
    doubled.edges[*ends, "rail-masuria"]["trains_per_day"] *= 2
for edited in (without, doubled):
    assert fs.check(edited) == ()

# %%
runs = {
    "as it is": fs.simulate(scenario, seed=1, network=network),
    "without the line": fs.simulate(scenario, seed=1, network=without),
    "twice the trains": fs.simulate(scenario, seed=1, network=doubled),
}
for name, run in runs.items():
    closed = run.units.set_index("unit")["closed_day"]
    print(f"{name:18}", "  ".join(f"{unit} C+{day:.1f}" for unit, day in closed.items()))

# %%
runs["without the line"].journey.plot("heavy-brigade").figure

# %% [markdown]
# A study takes the edited graph too (`fs.run(..., network=)`), saves it as `network.json`, and takes it again when it
# is opened; `fs.bound(..., network=)` says what no schedule can beat on it.

# %%
bounds = {name: fs.bound(scenario, network=given).day for name, given in (("as it is", network), ("without", without))}
bounds

# %% [markdown]
# ## Question: what does the loss of the line through Masuria cost the heavy brigade?
# An edit of the graph is the same as the edit of the row from which it is built: with the row taken out of the scenario
# the run has the same movements.

# %%
by_row = fs.simulate(fs.load("corridor-mini", {"links": {"rail-masuria": None}}), seed=1)
assert by_row.movements.equals(runs["without the line"].movements)

days = {name: run.units.set_index("unit")["closed_day"]["heavy-brigade"] for name, run in runs.items()}
lost = days["without the line"] - days["as it is"]
gained = days["as it is"] - days["twice the trains"]
print(
    f"Without the line through Masuria the heavy brigade closes on C+{days['without the line']:.1f} instead of "
    f"C+{days['as it is']:.1f}, {lost:.1f} days later; twice the trains on it bring {gained:.1f} days."
)
