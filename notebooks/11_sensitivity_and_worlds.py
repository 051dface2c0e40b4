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
# # Sensitivity and worlds: which unknown number moves the answer
#
# Runs differ by chance. What is not known (a capacity, a speed, a share) is the same in all of them, so more runs do
# not tell what it does. `fs.sensitivity` puts each uncertain number to its low and its high value; worlds draw all of
# them at once.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np

import flanksim as fs

numbers = [
    "parameters integration_days typical",
    "parameters berth_pieces_per_hour typical",
    "parameters heavy_vehicles_per_train typical",
    "parameters close_share typical",
    "parameters travel_factor_road typical",
    "parameters lane_m_per_container typical",
]
found = fs.sensitivity("corridor-mini", numbers, replications=8, jobs=1)
table = found.table().set_index("number")
table[["values", "evidence", "low_soldier", "high_soldier", "low_sure", "high_sure"]].round(2)

# %%
order = table["most_soldier"].sort_values().index
figure, axes = plt.subplots(figsize=(8, 2.8))
for end, colour in (("low", "#0072b2"), ("high", "#d55e00")):
    axes.barh(range(len(order)), table.loc[order, f"{end}_soldier"], color=colour, label=f"at its {end} value")
axes.set_yticks(range(len(order)), [name.split()[1].replace("_", " ") for name in order])
axes.axvline(0, color="#333333", linewidth=0.8)
axes.set_xlabel("days by which a soldier is closed later, mean")
axes.legend(frameon=False)
plt.tight_layout()

# %% [markdown]
# ## Worlds
# In each world every number with a low and a high value is another one. Two runs of each tell chance and ignorance
# apart.

# %%
study = fs.run("corridor-mini", 20, worlds=20, world_runs=2, jobs=1)
alone, together = study.closure_spread(), study.worlds.closure_spread()
print(f"by chance alone         C+{alone.median:.1f}, nine runs in ten C+{alone.p05:.1f} to C+{alone.p95:.1f}")
print(f"and what is not known   C+{together.median:.1f}, nine runs in ten C+{together.p05:.1f} to C+{together.p95:.1f}")

# %% [markdown]
# `C+inf` would say that in one run in twenty the force was not closed by the horizon.

# %%
figure, axes = plt.subplots(figsize=(7, 3))
horizon = study.scenario.question.horizon_days
for runs, name, colour in ((study, "chance alone", "#0072b2"), (study.worlds.together, "worlds", "#d55e00")):
    closed = np.sort([day if np.isfinite(day) else horizon + 1 for day in runs.closure_days()])
    axes.step(closed, np.arange(1, len(closed) + 1) / len(closed), where="post", color=colour, label=name)
axes.set(xlabel="closure of the force, C+ days", ylabel="part of the runs", ylim=(0, 1), xlim=(0, 80))
axes.legend(frameon=False, loc="lower right")
plt.tight_layout()

# %% [markdown]
# ## Question: is the spread of the answer luck, or what is not known?
# The variance of the day on which a soldier is closed in the mean, split by hand: within worlds it is chance, between
# them what is not known (one-way analysis of variance).

# %%
by_world = np.array([runs.mean_closings() for runs in study.worlds.worlds])
chance = by_world.var(axis=1, ddof=1).mean()
not_known = max(0.0, by_world.mean(axis=1).var(ddof=1) - chance / by_world.shape[1])

variance = study.worlds.closing_variance()
assert np.allclose([variance.chance, variance.not_known], [chance, not_known])
first = table.sort_values("most_soldier", ascending=False).iloc[0]
ignorance = not_known / (chance + not_known)
print(
    f"{ignorance:.0%} of the variance comes of what is not known and {1 - ignorance:.0%} is chance: "
    f"{'knowledge' if ignorance > 0.5 else 'luck'} makes the greater difference. Of the six numbers the first to "
    f"look up is {first.name.split()[1]}, which moves a soldier by up to {first['most_soldier']:.1f} days."
)
