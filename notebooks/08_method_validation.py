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
# # Do the estimators tell the truth, and do the books agree?

# %% tags=["parameters"]
ledger = "demo"  # or own, a folder, a snapshot, a folder of Parquet
since = ""  # 7d or 2026-11-01, UTC
until = ""
seed = 1

# %%
from analysis.notebook import opened, validation

page = opened(ledger, since, until, seed)
coverage = validation.coverage(seed)
replays = validation.replayed(seed)
answer = validation.answer(page, coverage, replays)
answer

# %% [markdown]
# ## Is the truth in the interval?
# Worlds whose truth is known: a provider with an outage every twelve hours, sessions whose cache hits differ, waits with a long
# tail. *Used* are those that metrics are made with.

# %%
validation.covering(coverage)

# %% [markdown]
# ## Do the prices agree?
# The price book, joined in SQL, against genai-prices asked for each attempt.

# %%
validation.pricing(validation.prices(page))

# %% [markdown]
# ## Do the sums agree?
# The same, counted by requests and by attempts. Where a part of a prompt is not known, it is not counted in either.

# %%
validation.conserved(page)

# %% [markdown]
# ## Does the same seed give the same history?
# Each scenario twice, in processes of their own; the name is a digest of every row, answer and provider's log.

# %%
replays
