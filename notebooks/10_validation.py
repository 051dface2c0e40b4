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
# # Validation: what is simulated beside what is recorded
#
# `fs.validate` runs the model on moves that took place and puts what happened beside it. Nothing is fitted to these
# cases: they are predicted. Here are a few short ones; `fs.validate()` takes all (some minutes), and the command
# `flanksim validate` prints them.

# %%
# %matplotlib inline
import pandas as pd

import flanksim as fs

found = fs.validate(["R09", "R12", "R17", "R20", "R21"], runs=6, jobs=1)
found.plot().figure

# %%
rows = [
    {
        "case": result.id,
        "what": result.recorded.title,
        "observed": (result.recorded.observed.low, result.recorded.observed.high),
        "simulated": (result.simulated.p05, result.simulated.p95),
        "median": result.simulated.median,
        "unit": result.recorded.observed.unit,
        "verdict": result.verdict,
    }
    for result in found.results
]
table = pd.DataFrame(rows).set_index("case")
table.round(2)

# %% [markdown]
# A miss comes with its reason as the record gives it:

# %%
for result in found.results:
    if result.verdict == "miss":
        print(f"{result.id}: {result.recorded.why}")

# %% [markdown]
# A record is a scenario like any other, and can be looked at and run.

# %%
case = fs.load("validation/r09-voyage.yaml")
case

# %% [markdown]
# ## Question: how many of these predictions meet the record, and how far off are they?
# Two ranges meet if neither lies beyond the other. How far off: the simulated median over the middle of what was
# observed.

# %%
meets = [
    made[0] <= seen[1] and seen[0] <= made[1] for seen, made in zip(table["observed"], table["simulated"], strict=True)
]
assert sum(meets) == found.summary["overlaps"]
assert [verdict != "miss" for verdict in table["verdict"]] == meets

ratios = pd.Series({result.id: result.ratio for result in found.results})
middle = table["observed"].map(lambda seen: (seen[0] + seen[1]) / 2)
assert ((table["median"] / middle / ratios - 1).abs() < 0.02).all()
furthest = ratios.apply(lambda ratio: max(ratio, 1 / ratio)).idxmax()
print(
    f"{sum(meets)} of {len(meets)} simulated ranges meet what was observed. The furthest off is {furthest} "
    f"({table['what'][furthest]}), by a factor of {ratios[furthest]:.2f}."
)
