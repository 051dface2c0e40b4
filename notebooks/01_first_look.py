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
# # A first look: load, simulate, read, draw
#
# One replication of the shipped question, and what can be read from it. Open this file with jupytext
# (`jupytext --to ipynb notebooks/01_first_look.py`) or run it as a script.

# %%
# %matplotlib inline
import flanksim as fs
from flanksim.draw.closure import closure_curve
from flanksim.draw.map import link_flow, network_map
from flanksim.measure.critical import by_cause

scenario = fs.load("eastern-flank")
scenario

# %% [markdown]
# One run is one possible course of events. The same seed gives the same bytes anywhere.

# %%
run = fs.simulate(scenario, seed=1)
run

# %%
for name, closure in run.closures.items():
    print(f"{name:8} {closure.troops:>8,} troops  closed on C+{closure.day:5.1f}  {closure.on_time_share:4.0%} in time")

# %% [markdown]
# ## Movements
# Every thing that happens to a serial or to a lift asset is a row with four times (hours since C-day):
# `requested <= started <= cleared <= ended`. Waiting is `started - requested`.

# %%
movements = run.movements
movements.head()

# %%
movements.assign(waiting_h=movements["started"] - movements["requested"]).groupby("kind", observed=True)[
    "waiting_h"
].agg(["count", "mean", "max"]).round(1)

# %% [markdown]
# ## Why so late
# The critical path of the unit that completes the force: its pieces sum to the closure time exactly.

# %%
pieces = run.critical_path()
hours = by_cause(pieces)
assert abs(sum(hours.values()) - run.closures["all"].hour) < 1e-6
{cause: f"{value / 24:.1f} days" for cause, value in hours.items()}

# %% [markdown]
# ## The closure curve and the network

# %%
axes = closure_curve(run.plan, [run.outcome.closed_h], title="Troops in closed units, one run")
axes.figure

# %%
axes = network_map(scenario, link_flow(movements), title="Serials over the network, one run")
axes.figure

# %% [markdown]
# ## Change one number
# Overrides have the shape of the file. What would three-day permissions do to this run?

# %%
faster = fs.load("eastern-flank", {"regime": {"permission": "three_days"}})
fs.simulate(faster, seed=1)
