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
# # What if a port is lost?
#
# What everything passes is easily seen; what its loss costs is not, since loads go another way. Here each link of a
# corridor is taken out of the graph, one after the other, and then a port, and the force is planned and run anew with
# the same random numbers.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import networkx as nx
import pandas as pd

import flanksim as fs

planned = {"routing": {"strategy": "planned"}}  # ways chosen by a program over all units together
scenario = fs.load("corridor-mini", planned)
network = fs.graph(scenario)
base = fs.run(scenario, 8, jobs=1)
base

# %%
base.map.plot(days=(5, 15)).figure


# %% [markdown]
# ## Each link alone
# A loss that leaves a unit without any way is refused with its reason (E305).


# %%
def without(chosen) -> nx.MultiDiGraph:
    """The network without the links for which `chosen(start, end, link)` holds, in both directions."""
    lost = network.copy()
    lost.remove_edges_from([edge for edge in network.edges(keys=True) if chosen(*edge)])
    return lost


rows = {}
for link in scenario.links:
    try:
        study = fs.run(scenario, 8, jobs=1, network=without(lambda _, __, key, link=link: key == link))
    except fs.FlanksimError as error:
        rows[link] = {"what": error.problems[0].message}
        continue
    found = study.against(base)
    rows[link] = {
        "days": found.days.mean,
        "soldier": found.closing.mean,
        "what": found.verdict,
    }
links = pd.DataFrame.from_dict(rows, orient="index").sort_values("soldier", ascending=False)
links.round(2)

# %%
shown = links["soldier"].dropna()[::-1]
figure, axes = plt.subplots(figsize=(7, 3.2))
axes.barh(shown.index, shown, color="#0072b2")
axes.axvline(0, color="#333333", linewidth=0.8)
axes.set_xlabel("days by which a soldier is closed later, mean, with this link lost")
plt.tight_layout()

# %% [markdown]
# ## A port alone
# A port is lost with all links that end there. networkx says who still has a way at all.

# %%
ports = {}
for port in ("GDN", "BRV"):
    lost = without(lambda start, end, _, port=port: port in (start, end))
    stuck = [key for key, unit in scenario.units.items() if not nx.has_path(lost, unit.home_node, unit.assembly_node)]
    assert not stuck
    ports[port] = fs.run(scenario, 8, jobs=1, network=lost)
table = pd.DataFrame(
    {
        scenario.nodes[port].name: {
            "closure day": study.closure_day().mean,
            "days later": study.against(base).days.mean,
            "a soldier later": study.against(base).closing.mean,
            "in time": study.p_on_time().words(),
        }
        for port, study in ports.items()
    }
).T
table

# %%
ports["GDN"].map.plot(days=(5, 15, 30)).figure

# %% [markdown]
# ## Loss and plan
# What a loss costs depends on how ways are chosen. With the default, `spread`, each lot takes the way with the earliest
# expected end, one after the other, and the force is better off without Gdansk: an anomaly like those of the next
# notebook. With ways chosen by a program over all units, as here, it is not.

# %%
spread = fs.load("corridor-mini")
lost = without(lambda start, end, _: "GDN" in (start, end))
moved = fs.run(spread, 8, jobs=1, network=lost).against(fs.run(spread, 8, jobs=1))
print(f"with `spread` the loss of Gdansk moves the closing day by {moved.days.mean:+.1f} days ({moved.verdict})")

# %% [markdown]
# ## Question: which of the two ports can the corridor less do without?
# The same without the graph: the rows of the links of a port are taken out of the scenario.

# %%
later = {}
for port, study in ports.items():
    gone = {key: None for key, link in scenario.links.items() if port in (link.from_node, link.to_node)}
    by_rows = fs.run(fs.load("corridor-mini", planned | {"links": gone}), 8, jobs=1)
    assert by_rows.closure_days() == study.closure_days()
    days = [after - before for after, before in zip(by_rows.closure_days(), base.closure_days(), strict=True)]
    later[scenario.nodes[port].name] = sum(days) / len(days)
(worse, most), (other, least) = sorted(later.items(), key=lambda item: -item[1])
highest = links["soldier"].max()
dearest = " or ".join(links.index[links["soldier"] > highest - 0.01])
print(
    f"{worse}: without it the force is closed {most:.1f} days later, without {other} {least:.1f}. Of the links with a "
    f"way round, the loss of {dearest} costs a soldier most: {highest:.1f} days."
)
