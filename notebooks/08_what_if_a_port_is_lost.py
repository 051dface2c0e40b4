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
# What everything passes is easily seen; what its loss costs is not, since loads wait or go another way. `fs.lose` takes
# out what the force relies on for some days, one thing at a time, with the random numbers of today's runs. It says what
# the own side would miss, not how likely a loss is.

# %%
# %matplotlib inline
import networkx as nx
import pandas as pd

import flanksim as fs

planned = {"routing": {"strategy": "planned"}}  # ways chosen by a program over all units together
scenario = fs.load("corridor-mini", planned)
scenario

# %% [markdown]
# ## Ten days
# From C+5 to the end of C+14, and nobody knew before: every load keeps the way of the plan, and who is bound for a lost
# port waits.

# %%
found = fs.lose(scenario, from_day=5, to_day=14, replications=8, top=1, jobs=1)
table = found.table().set_index("loss")
table[["title", "closure_days_later", "soldier_days_later", "sure"]].round(2)

# %%
found.map.plot().figure

# %% [markdown]
# What would make up for the dearest of them?

# %%
dearest = found.ranked[0]
pd.DataFrame(
    {
        cure["title"]: {
            "soldier sooner by": cure["soldier_days_saved"].mean,
            "then still later by": cure["soldier_days_left"].mean,
            "sure": cure["sure"],
        }
        for cure in dearest["cures"]
    }
).T

# %% [markdown]
# ## For good, and known before
# Now both ports are lost from C-day to the horizon, and the plan is made with the loss known.

# %%
horizon = scenario.question.horizon_days - 1
known = fs.lose(scenario, ["GDN", "BRV"], from_day=0, to_day=horizon, foreseen=True, replications=8, top=0, jobs=1)
lasting = known.table().set_index("loss")
lasting[["title", "closure_days_later", "closure_days_later_low", "closure_days_later_high", "sure"]].round(2)

# %% [markdown]
# ## The same in the graph
# A port that is lost for good is a place without links. networkx says who still has a way at all; the force is planned
# and run on what is left.

# %%
network = fs.graph(scenario)
base = fs.run(scenario, 8, jobs=1)
without = {}
for port in ("GDN", "BRV"):
    left = network.copy()
    left.remove_edges_from([edge for edge in network.edges(keys=True) if port in edge[:2]])
    assert all(nx.has_path(left, unit.home_node, unit.assembly_node) for unit in scenario.units.values())
    without[port] = fs.run(scenario, 8, jobs=1, network=left)
pd.DataFrame(
    {
        scenario.nodes[port].name: {
            "closure day": study.closure_day().mean,
            "days later": study.against(base).days.mean,
            "in time": study.p_on_time().words(),
        }
        for port, study in without.items()
    }
).T

# %%
without["BRV"].map.plot(days=(5, 15)).figure

# %% [markdown]
# ## Question: which of the two ports can the corridor less do without?
# The loss of a port for good must cost what the graph without it costs, run by run.

# %%
names = {port: scenario.nodes[port].name for port in without}
for port, study in without.items():
    later = [after - before for after, before in zip(study.closure_days(), base.closure_days(), strict=True)]
    assert abs(sum(later) / len(later) - lasting.loc[f"port:{port}", "closure_days_later"]) < 1e-6

for_good = {port: lasting.loc[f"port:{port}", "closure_days_later"] for port in without}
ten_days = {port: table.loc[f"port:{port}", "closure_days_later"] for port in without}
assert all(ten_days[port] > for_good[port] for port in without)
worse, other = sorted(for_good, key=lambda port: -for_good[port])
print(
    f"{names[worse]}: without it the force is closed {for_good[worse]:.1f} days later, without {names[other]} "
    f"{for_good[other]:.1f}, if that is known before. Ten days without warning cost {ten_days[worse]:.1f} and "
    f"{ten_days[other]:.1f} days: what nobody planned for costs more than what is gone for good."
)
