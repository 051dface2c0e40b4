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
# One replication, and what can be read from it. Open this file with jupytext
# (`jupytext --to ipynb notebooks/01_first_look.py`) or run it as a script. It looks at the northern plan alone, which
# runs in seconds; `"eastern-flank"` is the whole question and takes some ten times as long.

# %%
# %matplotlib inline
import flanksim as fs
from flanksim.measure.critical import by_cause

scenario = fs.load("plan-north")
scenario

# %% [markdown]
# One run is one possible course of events. The same seed gives the same bytes anywhere.

# %%
run = fs.simulate(scenario, seed=1)
run

# %%
for name, closure in run.closures.items():  # a regional plan's key begins with "plan"
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
# The critical path of the unit that completes the force, its own movements and waits: its pieces sum to the closure
# time exactly. `run.waited_for()` is the other reading: behind each wait the past of what was in the way.

# %%
pieces = run.critical_path()
hours = by_cause(pieces)
assert abs(sum(hours.values()) - run.closures["all"].hour) < 1e-6
{str(cause): f"{value / 24:.1f} days" for cause, value in hours.items()}

# %% [markdown]
# ## Metrics
# A metric is callable for its table and has `.plot()` for its figure: `closure`, `bottlenecks`, `queues`, `map`,
# `journey` and `fleets`. A study of many runs (`fs.run`) has the same, and `fs.open` opens a saved one.

# %%
run.closure()

# %%
run.closure.plot().figure

# %%
run.bottlenecks.plot().figure

# %%
run.map.plot(days=(10, 20, 30, 60)).figure

# %%
run.queues.plot().figure

# %% [markdown]
# One unit's serials, each a strip from C-day to the closure of the unit. Without a name it is the unit that completes
# the force.

# %%
run.journey.plot().figure

# %% [markdown]
# ## Change one number
# Overrides have the shape of the file. What would three-day permissions do to this run?

# %%
faster = fs.load("plan-north", {"regime": {"permission": "three_days"}})
sooner = fs.simulate(faster, seed=1)
sooner

# %% [markdown]
# ## Question: would leave to cross borders in three days close this force sooner, and if not, why?
# The closing day is that on which the closed units first hold the required troops. It can be counted from the table
# of units as well.

# %%
arrivals = run.units.sort_values("closed_day")
complete = arrivals[arrivals["troops"].cumsum() >= scenario.troops_required].iloc[0]
assert abs(complete["closed_day"] - run.closure_day) < 1e-6

moved = sooner.closure_day - run.closure_day
cause, longest = max(hours.items(), key=lambda item: item[1])
print(
    f"Leave in three days moves the closing day, C+{run.closure_day:.1f}, by {moved:+.1f} days: {complete['unit']}, "
    f"which completes the force, spends {longest / 24:.1f} of its {sum(hours.values()) / 24:.1f} days on one thing, "
    f"{cause}."
)
