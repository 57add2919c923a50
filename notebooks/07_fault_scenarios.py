# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What does the proxy do when providers fail in known ways, and which policy pays?

# %% tags=["parameters"]
ledger = "demo"  # or own, a folder, a snapshot, a folder of Parquet
since = ""  # 7d or 2026-11-01, UTC
until = ""
seed = 1
verdicts = ""  # a file of `pointsman replay run --json`, instead of playing some here

# %%
from pathlib import Path

from analysis.notebook import opened, scenarios

page = opened(ledger, since, until, seed)
faults = scenarios.stored(Path(verdicts)) if verdicts else scenarios.played(seed=seed)
policies = scenarios.played(["flapping"], ["priority", "round_robin", "random"], seed)
answer = scenarios.answer(page, faults, policies)
answer

# %% [markdown]
# ## How each fault ends
# *pass*: everybody got a whole answer, or was told of a fault of their own. *safe*: somebody did not, and was told so
# cleanly. *fail*: a check found something that must not be. Every run is held to all checks, on every wire.

# %%
scenarios.grades(faults)

# %% [markdown]
# ## The same trouble under several policies
# A primary that is down for 20 s in every minute, on four wires: means over the wires.

# %%
scenarios.by_policy(policies)

# %% [markdown]
# ## What befell this ledger
# The failures that really came: `pointsman replay capture` makes a scenario of an incident.

# %%
from analysis.notebook import reliability

reliability.failures(page)
