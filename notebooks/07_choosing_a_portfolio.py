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
# # Choosing a portfolio: the best list for a budget
#
# `fs.best_buys` ranks projects one by one; but gains do not add up, and money is limited. `fs.portfolio` finds for each
# budget the list that does most. The shipped scenario has 139 projects; here are five for a corridor, so that every
# list can be run to check the choice. All figures are assumed.

# %%
# %matplotlib inline
from itertools import combinations

import pandas as pd

import flanksim as fs

projects = pd.DataFrame(
    [
        ("ship", "One more ro-ro ship", "ship", "GBR", 0.15),
        ("two_ships", "Two more ro-ro ships", "ship", "GBR", 0.35),
        ("quay", "Two more berths at Gdansk", "port", "POL", 0.12),
        ("track", "Second track through Masuria", "rail", "POL", 0.45),
        ("ramps", "More ramps at Hannover and Orzysz", "rail_ramp", "DEU", 0.10),
    ],
    columns=["id", "name", "kind", "countries", "cost_typical_bn_eur"],
).set_index("id")
money = projects["cost_typical_bn_eur"]
projects = projects.assign(
    countries=projects["countries"].map(lambda key: [key]),
    cost_low_bn_eur=0.8 * money, cost_high_bn_eur=1.5 * money,
    build_low_years=1, build_typical_years=2, build_high_years=4,
    overrun_low=1, overrun_typical=1, overrun_high=1,
)  # fmt: skip
effects = pd.DataFrame(
    [
        ("ship", "fleets", ["ro-ro"], "count", "add", 1),
        ("two_ships", "fleets", ["ro-ro"], "count", "add", 2),
        ("quay", "facilities", ["berth-GDN"], "servers", "add", 2),
        ("track", "links", ["rail-masuria"], "tracks", "set", 2),
        ("track", "links", ["rail-masuria"], "capacity", "set", 165),
        ("ramps", "facilities", ["ramp-HAJ", "ramp-ORZ"], "servers", "add", 2),
    ],
    columns=["project_id", "table", "targets", "attribute", "operation", "typical"],
    index=[f"effect-{number}" for number in range(6)],
)
payers = pd.DataFrame(
    {"name": ["Germany", "Poland", "United Kingdom"], "gdp_2025_bn_eur": [4000, 800, 3000]}, index=["DEU", "POL", "GBR"]
)
scenario = fs.from_values(
    {
        "name": "corridor-projects",
        "title": "Corridor in miniature, with projects",
        "extends": "corridor-mini",
        "projects": projects,
        "effects": effects,
        "economies": payers,
    }
)
scenario

# %%
budgets = [0.2, 0.4, 0.6]
found = fs.portfolio(scenario, budgets, replications=10, jobs=1)
found.table()[["budget_bn_eur", "projects", "spent_bn_eur", "closure_day", "gain", "certainty"]].round(2)

# %%
found.frontier.plot().figure

# %% [markdown]
# What the last list brings, and who pays for it:

# %%
last = found.rows[-1]
pd.DataFrame(last["payers"]).round(2)

# %%
gains = pd.Series({scenario.projects[key].name: gain.mean for key, gain in found.alone.items()}, name="days, alone")
gains.round(2)

# %% [markdown]
# ## Question: is it the best list for the money?
# All lists that a budget can pay, each run with the same random numbers (`fs.compare`), without the search.

# %%
cost = {
    "+".join(keys): sum(money[key] for key in keys)
    for size in range(1, len(projects) + 1)
    for keys in combinations(projects.index, size)
}
within = [name for name, price in cost.items() if price <= budgets[-1] + 1e-9]
every = fs.compare(scenario, within, 10, jobs=1).table().set_index("projects")["difference_delay_days"].dropna()
best = {
    budget: max((-days for name, days in every.items() if cost[name.replace(";", "+")] <= budget + 1e-9), default=0.0)
    for budget in budgets
}
for row in found.rows:
    assert best[row["budget_bn_eur"]] - row["gain"].mean <= 0.1, "the list is as good but for what does not matter"

# %%
print(
    f"Of {len(within)} lists for up to EUR {budgets[-1]:g} bn none brings a soldier in more than 0.1 days sooner than "
    f"'{' + '.join(last['titles'])}': EUR {last['spent_bn_eur']:.2f} bn for {last['gain'].mean:.1f} days of a soldier. "
    f"The whole list of projects costs EUR {sum(money):.2f} bn."
)
