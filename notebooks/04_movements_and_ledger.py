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
# # Reading movements and ledger: what was waited for
#
# The movement table has a row for everything that happens to a serial or to lift. The ledger splits the life of each
# serial, from C-day to the closure of its unit, into states that sum to it. So every hour of delay is somewhere.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import pandas as pd

import flanksim as fs

scenario = fs.load("corridor-mini", {"question": {"deadline_days": 10}})
run = fs.simulate(scenario, seed=1)
run

# %% [markdown]
# ## Movements
# Four times, in hours since C-day 00:00: `requested <= started <= cleared <= ended`. A row that was not finished by the
# horizon has missing times. `granted_by` is the row that freed what was waited for, `after` the one before it.

# %%
movements = run.movements
movements.head()

# %%
waits = movements.assign(waiting_h=movements["started"] - movements["requested"])
where = waits.groupby(["kind", "resource"], observed=True)["waiting_h"].agg(["count", "sum", "max"])
where.sort_values("sum", ascending=False).head(8).round(1)

# %% [markdown]
# What happened to one serial, in order, and the same as states of its life:

# %%
serial = movements.loc[movements["kind"] == "travel", "serial"].iloc[0]
movements[movements["serial"] == serial][["kind", "resource", "requested", "started", "ended"]].round(1)

# %%
ledger = run.ledger
ledger.life(serial).round(1)

# %% [markdown]
# ## The ledger in sums
# By state, cause, unit, element, place; counted by serials, or by what they carry (`weight="quantity"`).

# %%
ledger.table(("unit", "state")).pivot_table(index="state", columns="unit", values="hours", aggfunc="sum").round(0)

# %% [markdown]
# ## Lateness
# Hours of life beyond the deadline of the force. They sum to all lateness, so a share of it is a share of the blame.

# %%
late = ledger.lateness("cause")
causes = pd.Series({str(cause): hours / 24 for (cause,), hours in late.items()}, name="serial-days late")
axes = causes.head(8)[::-1].plot.barh(figsize=(8, 3.2), color="#0072b2")
axes.set_xlabel(f"serial-days after C+{scenario.question.deadline_days:g}")
for side in ("top", "right"):
    axes.spines[side].set_visible(False)
plt.tight_layout()

# %% [markdown]
# ## Question: what made the corridor's force late, and how much of it?
# The sum can be had without the ledger: each serial that reaches the assembly area is late by what its unit closed
# after the deadline.

# %%
closed_h = (run.units.set_index("unit")["closed_day"] + 1) * 24
deadline_h = (scenario.question.deadline_days + 1) * 24
final = pd.Series([run.plan.units[entry.unit].unit_id for entry in run.plan.serials if entry.final])
by_units = (final.map(closed_h) - deadline_h).clip(lower=0).sum()
assert by_units > 0
assert abs(sum(late.values()) - by_units) < 1e-6

(cause,), hours = next(iter(late.items()))
print(
    f"{by_units / 24:.0f} serial-days were lost after C+{scenario.question.deadline_days:g} by "
    f"{' and '.join(closed_h.index[closed_h > deadline_h])}; {hours / by_units:.0%} of them went to one cause: {cause}."
)
