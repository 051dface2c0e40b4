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
# # Scaling out: the same study on a Dask cluster
#
# A study is many independent runs. `jobs=` spreads them over the cores of one machine, `dask=` over a cluster: the
# address of its scheduler is enough. Workers need flanksim and no folder in common. Here the cluster is two processes
# on this machine; `dask scheduler` and `dask worker` start a real one (`pip install 'flanksim[dask]'`).

# %%
# %matplotlib inline
import math
import tempfile

from distributed import LocalCluster

import flanksim as fs

here = fs.run("corridor-mini", 40, jobs=1)
here

# %%
with LocalCluster(
    n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, local_directory=tempfile.mkdtemp()
) as cluster:
    address = cluster.scheduler_address
    there = fs.run("corridor-mini", 40, dask=address, results="results")
there

# %% [markdown]
# The seed of a run comes from the study's seed and its number, not from where or when it is run. So the cluster gives
# the same answer to the last digit, and a study that was stopped goes on with `resume=`, here or there.

# %%
assert there.replications == here.replications
reopened = fs.open(there.folder)
assert reopened.closure_days() == here.closure_days()
reopened.closure.plot().figure

# %% [markdown]
# `fs.sweep`, `fs.compare`, `fs.best_buys`, `fs.reach` and `fs.portfolio` take `dask=` as well. The compiled engine
# (`pip install 'flanksim[fast]'`) gives the same bytes too, some twenty times as fast a run.
#
# ## Question: how many runs would make the mean closing day certain to a quarter of a day?
# The half width of an interval falls with the square root of the runs.

# %%
days = here.closure_days()
mean = sum(days) / len(days)
deviation = math.sqrt(sum((day - mean) ** 2 for day in days) / (len(days) - 1))
interval = here.closure_day()
assert abs(interval.mean - mean) < 1e-9
needed = math.ceil((1.96 * deviation / 0.25) ** 2)
print(
    f"{len(days)} runs give C+{mean:.1f} with a half width of {(interval.high - interval.low) / 2:.1f} days; a quarter "
    f"of a day takes about {needed:,} runs, {needed // len(days)} times as many: work for a cluster."
)
