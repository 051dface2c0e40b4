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
# # A corridor built by hand, without any file
#
# `fs.from_values` takes what a scenario file holds as nested Python values. Parameters that are not stated are the
# shipped ones; without a table of nodes the ends of the links are the places. This corridor is so small that its
# answer can be worked out with pencil and paper.

# %%
# %matplotlib inline
import pandas as pd

import flanksim as fs

values = {
    "name": "by-hand",
    "title": "A battalion, one train, one line",
    "question": {"deadline_days": 3, "tier_1_deadline_days": 3, "horizon_days": 30},
    # What is not looked at here is switched off, so that times can be added up by hand.
    "mechanisms": {"chance": False, "permissions": False, "integration": False, "civil_traffic": False},
    "parameters": {"close_share": 1},
    "links": {
        "main-line": {"from_node": "barracks", "to_node": "area", "mode": "rail", "tracks": 2, "travel_hours": 10},
    },
    "facilities": {
        "ramp-west": {"place": "barracks", "kind": "rail_terminal", "servers_typical": 1, "handling_hours": 4},
        "ramp-east": {"place": "area", "kind": "rail_terminal", "servers_typical": 1, "handling_hours": 3},
    },
    "fleets": {
        "wagons": {
            "kind": "train", "pool": "wagons", "carries": "wheeled", "count_typical": 30, "group_size": 30,
            "capacity": 40, "home_node": "barracks",
        },
    },
    "units": {"battalion": {"wheeled": 160, "home_node": "barracks", "assembly_node": "area"}},
}  # fmt: skip
corridor = fs.from_values(values)
corridor

# %% [markdown]
# ## What is wrong is said with its place
# Every problem at once, with what to write instead.

# %%
wrong = values | {
    "links": {"main-line": values["links"]["main-line"] | {"lenght_km": 300}},
    "units": {"battalion": {"wheeled": "many", "home_node": "baracks", "assembly_node": "area"}},
}
try:
    fs.from_values(wrong)
except fs.FlanksimError as error:
    problems = error.problems
for problem in problems:
    print(f"{problem.path}: {problem.message}; {problem.hint}")
assert {problem.path for problem in problems} == {
    "links.main-line.lenght_km",
    "units.battalion.wheeled",
    "units.battalion.home_node",
}

# %% [markdown]
# ## One train to and fro
# 160 vehicles are four loads of 40. One set of wagons loads (4 h), runs (10 h), is unloaded (3 h) and comes back empty
# (10 h); then the next load.

# %%
run = fs.simulate(corridor, seed=1)
run.movements[["kind", "resource", "requested", "started", "ended"]].query("kind != 'ready'").head(12)

# %%
run.journey.plot("battalion").figure

# %% [markdown]
# ## More wagons
# Any number in the values can be a variable. A table may also be a DataFrame whose index holds the ids.


# %%
def with_sets(sets: int) -> fs.Scenario:
    fleets = pd.DataFrame.from_dict(values["fleets"], orient="index").assign(count_typical=30 * sets)
    return fs.from_values(values | {"name": f"sets-{sets}", "fleets": fleets})


hours = {sets: fs.simulate(with_sets(sets), seed=1).closures["all"].hour for sets in (1, 2, 3, 4)}
hours

# %% [markdown]
# ## Question: how many sets of wagons does the battalion need to be there in 30 hours?
# By hand: load k (from 0) of n sets begins when its set is back and the ramp is free.


# %%
def by_hand(sets: int, loads: int = 4, load: float = 4, way: float = 10, unload: float = 3) -> float:
    """Hour of the last arrival: each load takes the set that is back first."""
    back, ramp_west, ramp_east, last = [0.0] * sets, 0.0, 0.0, 0.0
    for _ in range(loads):
        begin = max(min(back), ramp_west)
        ramp_west = begin + load
        ramp_east = last = max(ramp_west + way, ramp_east) + unload
        back[back.index(min(back))] = last + way
    return last


assert hours == {sets: by_hand(sets) for sets in hours}
enough = min(sets for sets, hour in hours.items() if hour <= 30)
print(
    f"{enough} sets of wagons: with them the last load is there after {hours[enough]:g} hours, "
    f"with {enough - 1} after {hours[enough - 1]:g}."
)
