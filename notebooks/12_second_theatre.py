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
# # A second theatre: nothing in the code knows of Europe
#
# Places, waters, gauges, plans, countries and the frame of the map are rows. `flanksim new own.yaml --empty` writes a
# small theatre to be replaced by one's own; it is shipped as `template/theatre.yaml`: two units from the south and the
# east of Australia to Katherine.

# %%
# %matplotlib inline
import flanksim as fs
from flanksim.draw.network import network_map

theatre = fs.load("template/theatre.yaml")
theatre

# %%
network_map(theatre).figure

# %% [markdown]
# What is wrong or implausible is told before anything is run; here nothing is.

# %%
fs.check(theatre)

# %%
study = fs.run(theatre, 10, jobs=1)
study

# %%
study.map.plot(days=(5, 10, 15, 25)).figure

# %%
study.bottlenecks.plot().figure

# %% [markdown]
# ## Change it
# Changes are laid over the theatre as values: more train ramps at Katherine and Darwin, three more chartered ships, or
# both. All are run with the same random numbers.

# %%
changes = {
    "more ramps": {"facilities": {"ramp-katherine": {"servers_typical": 3}, "ramp-darwin": {"servers_typical": 3}}},
    "more ships": {"fleets": {"ships": {"count_typical": 6}}},
}
changes["both"] = {table: rows for change in changes.values() for table, rows in change.items()}
alternatives = [
    fs.from_values({"name": name.replace(" ", "-"), "title": name, "extends": "template/theatre.yaml"} | change)
    for name, change in changes.items()
]
found = fs.compare([theatre, *alternatives], replications=10, jobs=1)
table = found.table().set_index("title")
table[["closure_day", "on_time_share", "difference_days", "verdict"]].round(2)

# %% [markdown]
# ## Question: what closes the force at Katherine sooner?
# The difference is the mean over pairs of runs with the same random numbers. The unit that waits for ships comes from
# Brisbane, and nobody else needs them: so more of them cannot move the other unit.

# %%
days = {
    title: fs.run(entry, 10, jobs=1).units().pivot_table(index="seed", columns="unit", values="closed_day")
    for title, entry in (("as it is", theatre), ("more ships", alternatives[1]))
}
sooner = days["as it is"] - days["more ships"]
by_hand = (days["as it is"].max(axis=1) - days["more ships"].max(axis=1)).mean()
assert abs(by_hand + table.loc["more ships", "difference_days"]) < 1e-6
assert (sooner["second"] == 0).all()
print(
    f"With three more ships the force is closed on C+{days['more ships'].max(axis=1).mean():.1f}, {by_hand:.1f} days "
    f"sooner; the second unit closes on C+{days['as it is']['second'].mean():.1f} either way. "
    f"More ramps alone bring {-table.loc['more ramps', 'difference_days']:.1f} days, and both together "
    f"{-table.loc['both', 'difference_days']:.1f}."
)
