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
# # Spending and the year: from per cent of GDP to a surface
#
# Per cent of GDP become euros, euros become projects, projects change rows of the tables, and the changed network is
# simulated. Each step can be looked at and changed. To keep it short, Italy's part of the southern plan moves alone,
# with all lift and all capacity to itself; `fs.load("eastern-flank")` is the whole force.

# %%
# %matplotlib inline
import flanksim as fs
from flanksim.investment.money import budgets
from flanksim.investment.timeline import plan_projects
from flanksim.metrics.schedule import project_timeline

scenario = fs.from_values(
    {
        "name": "italy-south",
        "title": "Italy's part of the southern plan",
        "extends": "plan-south",
        "forces": {"nations": ["ITA"]},
        "question": {"troops_required": None},
    }
)
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
# ## The surface
# More levels, years, mobility fractions and runs take longer; this is the shape of it. `results=` keeps every run,
# `resume=` goes on after an interruption. At 0 % only what is already under way is built. All points have the same
# random numbers, so that their differences say something after a few runs.

# %%
surface = fs.sweep(
    scenario.model_copy(update={"spending": spending}),
    infrastructure_share=[0, 1.5],
    year=[2026, 2035],
    mobility_fraction=[0.12],
    replications=3,
    jobs=1,
)
surface.surface.plot().figure

# %%
points = surface.closure().set_index(["infrastructure_share", "year"])
points[["closure_day", "on_time_share", "difference_days", "verdict", "projects_done", "spent_bn_eur"]].round(2)

# %% [markdown]
# ## Question: what does 1.5 % of GDP buy by 2035 that waiting alone does not?
# Projects and money of a point can be counted from the timeline. The days are a mean over runs with the same random
# numbers, and the verdict says whether they can be told from chance.

# %%
rich, poor = points.loc[(1.5, 2035)], points.loc[(0.0, 2035)]
assert rich["projects_done"] == len(timeline.done_by(2035))
assert abs(rich["spent_bn_eur"] - timeline.spent_by(2035)) < 0.01
print(
    f"By 2035 the works under way alone close the force on C+{poor['closure_day']:.1f}, "
    f"{points.loc[(0.0, 2026)]['closure_day'] - poor['closure_day']:.1f} days sooner than in 2026. "
    f"EUR {rich['spent_bn_eur']:.0f} bn for {rich['projects_done'] - poor['projects_done']:.0f} more projects move "
    f"that by {rich['difference_days']:+.1f} days ({rich['verdict']})."
)
