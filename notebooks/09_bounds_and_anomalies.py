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
# # Bounds and anomalies: what no schedule beats, and when more is worse
#
# A run closes later than a perfect schedule would. `fs.bound` proves a day before which no schedule closes the force.
# What lies between may be won by better plans; what lies below it only by capacity. And a run can get *worse* with more
# capacity, which a bound never does.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt

import flanksim as fs

corridor = fs.load("corridor-mini", {"mechanisms": {"chance": False}})
ladder = fs.bound(corridor, time_expanded=True)
ladder.bounds

# %% [markdown]
# The highest rung is the bound. Without chance it holds for the one run that there is.

# %%
run = fs.simulate(corridor)
days = {name.replace("_", " "): day for name, day in ladder.bounds.items() if day is not None} | {
    "run": run.closure_day
}
assert max(day for day in ladder.bounds.values() if day is not None) == ladder.day <= run.closure_day
figure, axes = plt.subplots(figsize=(7, 2.4))
axes.barh(list(days)[::-1], list(days.values())[::-1], color=["#d55e00", *["#0072b2"] * (len(days) - 1)])
axes.set_xlabel("C+ days: no schedule is earlier (blue); as it was run (orange)")
plt.tight_layout()
print(f"set by {', '.join(ladder.together)}; run and bound are {run.closure_day - ladder.day:.1f} days apart")

# %% [markdown]
# ## Graham's anomaly
# Five loads, three sets of wagons, a line of which the second half is a single track with a train every 1.5 hours. What
# happens with a fourth set?

# %%
rows = {}
for sets in (2, 3, 4, 5):
    line = fs.load("verification/graham.yaml", {"fleets": {"sets": {"count_typical": sets}}})
    rows[sets] = (fs.simulate(line, seed=1), fs.bound(line))
for sets, (run, bound) in rows.items():
    last, least = run.closures["all"].hour, 24 * (bound.day + 1)
    print(f"{sets} sets: the last load is in after {last:4.1f} h, in no schedule before {least:4.1f} h")

# %% [markdown]
# The extra set loads early, its empty train comes back sooner and takes the path in front of the last load. Who serves
# in the order of asking cannot wait for what is not there yet.

# %%
for sets in (3, 4):
    moves = rows[sets][0].movements
    track = moves[moves["resource"].astype(str).str.startswith("l1")]
    figure, axes = plt.subplots(figsize=(7, 2.0))
    for kind, colour in (("travel", "#0072b2"), ("empty_run", "#e69f00")):
        chosen = track[track["kind"] == kind]
        ends = (1, 2) if kind == "travel" else (2, 1)
        for start, end in zip(chosen["started"], chosen["ended"], strict=True):
            axes.plot((start, end), ends, color=colour, linewidth=2)
        axes.plot([], [], color=colour, label=kind.replace("_", " "))
    axes.set(yticks=(1, 2), yticklabels=("n1", "n2"), xlabel="hours", xlim=(0, 17), title=f"{sets} sets, single track")
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    plt.tight_layout()

# %% [markdown]
# ## Question: is a fourth set of wagons worth having?
# By hand: load k (from 0) can begin to pass the single track no sooner than 2 + 1.5 k hours after the start (an hour at
# the ramp, an hour on the first half), and needs two more hours. So five loads take 10 hours at least, with any number
# of sets. A schedule that leaves the fourth set standing is allowed: the best with four is no later than with three.

# %%
by_hand = 2 + 1.5 * 4 + 2
hours = {sets: run.closures["all"].hour for sets, (run, _) in rows.items()}
bounds = {sets: 24 * (bound.day + 1) for sets, (_, bound) in rows.items()}
assert all(abs(bounds[sets] - by_hand) < 1e-6 for sets in (3, 4, 5))
assert all(bounds[sets] <= hours[sets] + 1e-6 for sets in rows)
assert hours[4] > hours[3]
print(
    f"Not if it is used as it comes: the last load is in after {hours[4]:g} hours with four sets and {hours[3]:g} with "
    f"three. No schedule beats {bounds[4]:g} hours with either, so the harm lies in the order of the trains; five sets "
    f"make it in {hours[5]:g}."
)
