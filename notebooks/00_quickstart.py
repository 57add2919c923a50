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
# # What is in this ledger, and where does one begin?

# %% tags=["parameters"]
ledger = "demo"  # or own, a folder, a snapshot, a folder of Parquet
since = ""  # 7d or 2026-11-01, UTC
until = ""
seed = 1

# %% [markdown]
# The proxy may run meanwhile: a ledger is read without stopping it, and a request shows once it has ended.
# `own` is the ledger of your configuration (`pointsman ledger path`); `demo` is made up.

# %%
from analysis.notebook import opened, start

page = opened(ledger, since, until, seed)
answer = start.answer(page)
answer

# %%
start.rows(page)

# %%
start.newest(page)

# %% [markdown]
# ## The first three figures
# How reliable each provider is, with intervals that know that failures come in outages:

# %%
page.chart("success")

# %% [markdown]
# How long until first content, attempts that never came so far included:

# %%
page.chart("latency", "first_content")

# %% [markdown]
# What each day cost:

# %%
page.chart("cost_over_time")

# %% [markdown]
# ## Where to go
# | notebook | asks |
# | --- | --- |
# | 01_spend_and_usage | where the money and the tokens went |
# | 02_provider_reliability | how reliable each provider is, and whether they fail together |
# | 03_failover_value | what failover rescued, and what that cost |
# | 04_latency_tails | how long the slowest wait, and for what |
# | 05_cache_economics | what prompt caches saved, and why they missed |
# | 06_sticky_counterfactual | what another policy would have cost |
# | 07_fault_scenarios | what the proxy does when providers fail in known ways |
# | 08_method_validation | whether these numbers tell the truth |
# | 09_benchmarks | what the proxy itself costs |
#
# From Python: `analysis.open_ledger(place)`, `analysis.measure(ledger, "success")`; in SQL: `page.ledger.connection.sql(…)`.
