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
# # What does the proxy itself cost, by size, at once, and beside a raw pass-through?

# %% tags=["parameters"]
ledger = "demo"  # or own, a folder, a snapshot, a folder of Parquet
since = ""  # 7d or 2026-11-01, UTC
until = ""
seed = 1
benchmarks = ""  # a folder of JSON of `make bench`; empty: build/benchmarks

# %%
from analysis.notebook import benchmarks as measured
from analysis.notebook import opened

page = opened(ledger, since, until, seed)
runs = measured.found(benchmarks)
answer = measured.answer(page, runs)
answer

# %% [markdown]
# ## Beside a raw pass-through
# The floor is the same server around thirty lines that pass bytes on with the same HTTP client: no routing, no reading along, no
# ledger. Both are measured in the same run, seconds apart; how is in `docs/benchmarks.md`.

# %%
measured.beside_the_floor(runs)

# %% [markdown]
# ## By size, and how many at a time

# %%
measured.scaling(runs)

# %% [markdown]
# ## Over time

# %%
measured.over_time(runs)

# %% [markdown]
# ## Its parts
# On their own, in one process, caches warm.

# %%
measured.parts(runs)

# %%
measured.ledger(runs)

# %% [markdown]
# ## What it was in real requests
# From the ledger: what the proxy added to each request for an answer, on the way in and on the way out.

# %%
page.numbers("overhead", "both p50", "both p95", "both p99", title="What the proxy added")
