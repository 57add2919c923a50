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
# # How many requests did failover rescue, and what did that cost?

# %% tags=["parameters"]
ledger = "demo"  # or own, a folder, a snapshot, a folder of Parquet
since = ""  # 7d or 2026-11-01, UTC
until = ""
seed = 1

# %%
from analysis.notebook import failover, opened

page = opened(ledger, since, until, seed)
answer = failover.answer(page)
answer

# %% [markdown]
# ## What it gained
# At the first try, and in the end: the difference is what failover gave. `harmed` must be 0: no request that went well at
# first may end badly for it.

# %%
failover.gains(page)

# %% [markdown]
# ## What it cost in seconds
# From the start of the first attempt to the start of the one that answered, by what the first one failed of. A refusal costs
# milliseconds, a provider that says nothing costs the whole limit: the class at the top is the limit to look at
# (`[limits.APP]`).

# %%
failover.waits(page)

# %% [markdown]
# ## What it cost in warmth
# The prompt was in the cache of the provider that failed, and not in the other's: what its tokens cost more.

# %%
page.numbers("failover_cost", title="Cold caches of rescued requests")

# %% [markdown]
# ## What clients got in the end

# %%
page.numbers("request_success", title="Requests that were answered in full")

# %% [markdown]
# ## Attempts that were for nothing

# %%
page.numbers(
    "waste", "attempts", "time", "wasted share (list)", title="Attempts that served nobody"
)
