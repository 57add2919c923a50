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
# # How reliable is each provider, and do they fail together?

# %% tags=["parameters"]
ledger = "demo"  # or own, a folder, a snapshot, a folder of Parquet
since = ""  # 7d or 2026-11-01, UTC
until = ""
seed = 1

# %%
from analysis.notebook import opened, reliability

page = opened(ledger, since, until, seed)
answer = reliability.answer(page)
answer

# %% [markdown]
# ## How often does it answer?
# Availability leaves rate limits (429) out, the usable rate counts them as failures. Neither counts what was the
# client's fault, the account's or our own. Intervals allow for failures that come in outages; `clusters` says how many
# hours they rest on.

# %%
page.chart("success")

# %% [markdown]
# ## Which is the best?
# Shares are drawn to that of all providers, so that a lucky dozen of attempts does not win.

# %%
page.numbers("ranks", "chance to be best", "availability", title="The chance to be the best")

# %% [markdown]
# ## How do they fail?

# %%
reliability.failures(page)

# %% [markdown]
# ## Outages
# Three failures in a row and more are an outage; it is over with the next success. MTTR is how long one lasts, MTBF how long
# a provider is well in between; an outage that is not over counts with what it lasted so far.

# %%
reliability.outages(page)

# %%
reliability.by_hour(page)

# %%
page.chart("timeline", "outages")

# %% [markdown]
# ## Do they fail together?
# `if apart` is how many requests would have failed if the providers of a queue had nothing in common, `requests` how many did;
# `common mode` is the one over the other. Above 1 they fail together, or the proxy gave up too early.

# %%
page.numbers("independence", title="Together or apart")
