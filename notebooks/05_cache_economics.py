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
# # What did prompt caches save, and what did their misses cost?

# %% tags=["parameters"]
ledger = "demo"  # or own, a folder, a snapshot, a folder of Parquet
since = ""  # 7d or 2026-11-01, UTC
until = ""
seed = 1

# %%
from analysis.notebook import caches, opened

page = opened(ledger, since, until, seed)
answer = caches.answer(page)
answer

# %% [markdown]
# ## Hits, by tokens
# `hit ratio` is read tokens over all tokens of prompts; `of reachable` over what an earlier prompt had already.

# %%
caches.hits(page)

# %% [markdown]
# ## What they saved
# What reading saved, minus what writing cost more. It may be negative: a prompt that is written and never read loses money.

# %%
caches.savings(page)

# %% [markdown]
# ## What misses cost, and why
# The first cause that fits each; all of them add up to the last bar.

# %%
caches.misses(page)

# %%
page.chart("cache_waterfall")

# %% [markdown]
# ## Does a write pay?
# Writing for five minutes costs a quarter more than fresh input, for an hour as much again; a read costs a tenth. So a written token
# has to be read as often as the lines say.

# %%
caches.lifetimes(page)

# %% [markdown]
# ## How a conversation grew
# The longest one; dotted lines are where another provider took over.

# %%
page.chart("session", "cache_hit")
