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
# # How long do the slowest wait, at which provider and hour, and what do we add?

# %% tags=["parameters"]
ledger = "demo"  # or own, a folder, a snapshot, a folder of Parquet
since = ""  # 7d or 2026-11-01, UTC
until = ""
seed = 1

# %%
from analysis.notebook import latency, opened

page = opened(ledger, since, until, seed)
answer = latency.answer(page)
answer

# %% [markdown]
# ## First content
# The curve of a provider ends below 1 by the share of attempts that never had any.

# %%
page.chart("latency", "first_content")

# %% [markdown]
# ## By hour of the day

# %%
latency.by_hour(page)

# %% [markdown]
# ## Once it flows
# Tokens a second from the first to the last, and the longest wait between two pieces.

# %%
latency.speeds(page)

# %%
latency.of(
    page, "stalls", ("longest gap p95", "longest gap p99"), "How long does a stream fall silent?"
)

# %% [markdown]
# ## From end to end
# As the client sees it: failed attempts and what the proxy does are in it.

# %%
latency.of(page, "tails", ("first content p95", "all of it p95"), "How long do clients wait?")

# %% [markdown]
# ## What the proxy adds
# From the request's last byte to the first attempt, and from content here to content at the client; waiting for a second
# attempt is not in it.

# %%
page.numbers("overhead", "both p50", "both p95", "both p99", title="What the proxy itself adds")

# %% [markdown]
# ## How busy it was

# %%
page.numbers("load", title="Load")
