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
# # Where did the money and the tokens go, and how much of it is priced?

# %% tags=["parameters"]
ledger = "demo"  # or own, a folder, a snapshot, a folder of Parquet
since = ""  # 7d or 2026-11-01, UTC
until = ""
seed = 1

# %%
from analysis.notebook import opened, spend

page = opened(ledger, since, until, seed)
answer = spend.answer(page)
answer

# %% [markdown]
# ## Day by day
# By class of tokens, at list prices. Cache reads are most of the tokens and little of the money.

# %%
page.chart("cost_over_time")

# %% [markdown]
# ## By model and by provider
# The same rows as `pointsman usage models` and `pointsman usage providers`. A request counts with whoever
# answered it; tokens and money count with whoever was asked, failed attempts as well.

# %%
spend.by(page, "models")

# %%
spend.by(page, "providers")

# %% [markdown]
# ## By session
# A session is one conversation of a client: a few of them are most of the bill.

# %%
spend.by(page, "session")

# %% [markdown]
# ## By block of five hours
# As subscriptions count them. Burn and where a block ends are forecasts, and say so.

# %%
page.numbers("blocks", title="Blocks of five hours")

# %% [markdown]
# ## What a token of input really costs
# What input cost over all input tokens, cache hits and writes included: the number to compare providers by.

# %%
spend.input_prices(page)

# %% [markdown]
# ## What was paid for nothing
# Attempts that used tokens and served nobody.

# %%
page.numbers(
    "waste", "attempts", "cost (paid)", "wasted share (paid)", title="Attempts that served nobody"
)
