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
# # From a spending path to the surface
#
# Per cent of GDP become euros, euros become projects, projects change rows of the tables, and the changed network is
# simulated. Each step can be looked at and changed. The southern plan alone keeps this short.

# %%
# %matplotlib inline
import flanksim as fs
from flanksim.investment.money import budgets
from flanksim.investment.timeline import plan_projects
from flanksim.metrics.schedule import project_timeline

scenario = fs.load("plan-south")
scenario

# %% [markdown]
# ## Money
# The infrastructure line of the pledge, of which a part reaches mobility. Both are assumptions: change them here.

# %%
spending = fs.Spending(infrastructure_share_pct=1.5, target_year=2035, mobility_fraction=0.12)
money = budgets(scenario, spending, until=2035)
dict(zip(money.years, money.infrastructure.sum(axis=1).round(1).tolist(), strict=True))

# %% [markdown]
# ## What it builds
# Money goes down a list, and no money shortens the build time below its floor.

# %%
timeline = plan_projects(scenario, spending, until=2035)
for year in (2028, 2030, 2032, 2035):
    print(year, len(timeline.done_by(year)), "projects done,", round(timeline.spent_by(year), 1), "EUR bn paid")

# %%
project_timeline(
    scenario, timeline, "Built under 1.5 % of GDP, 12 % of it for mobility", "typical cost and overrun"
).figure

# %% [markdown]
# ## The network of a year
# `apply` gives the scenario of 1 July of that year. It is pure: today's scenario stays as it is, and spending nothing
# changes nothing.

# %%
then = fs.apply(scenario, spending, 2035)
idle = fs.apply(scenario, spending.model_copy(update={"infrastructure_share_pct": 0.0}), 2035)
print(scenario.digest, then.digest, idle.digest == scenario.digest)

# %% [markdown]
# ## One difference, paired
# Both arms see the same random numbers, so that a few runs say something.

# %%
found = fs.compare([scenario, then.model_copy(update={"name": "network of 2035"})], replications=5, jobs=1)
found.table().set_index("alternative")[["closure_day", "on_time_share", "difference_days", "correlation", "verdict"]]

# %% [markdown]
# ## The surface
# More levels, years and runs take longer; this is the shape of it. `results=` keeps every run, `resume=` goes on after
# an interruption.

# %%
surface = fs.sweep(
    scenario.model_copy(update={"spending": spending}),
    infrastructure_share=[0, 1.5],
    year=[2028, 2035],
    mobility_fraction=[0.05, 0.25],
    replications=3,
    jobs=1,
)
surface.surface.plot().figure

# %%
surface.closure().round(2)

# %%
found.bottlenecks.plot().figure
