"""Why tokens that an earlier request had put into a cache were not read from it, in money.

Of each attempt that reports reads and whose request shares a beginning with an earlier one: what
could be read is that beginning, in tokens; what was missed is that minus what was read, if less
than nine tenths of it was. The first cause that fits: too short to be cached, another model,
another provider (why is the pin's word), another account, too late for the cache's lifetime (an
hour where the earlier one wrote for an hour, else as `analysis/caches` has it), a prompt that was
compacted or changed, an earlier one still under way; else unexplained: evicted, or a relay's
accounts. The money is what the missed tokens cost more than read ones, and the lines of a provider
add up. Source: estimators 6.9.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from analysis.metrics.metric import Line, Metric, groups
from analysis.metrics.money import BASES, total
from analysis.stats import Estimate
from analysis.stats.resampling import ratio


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "provider"):
        every = part.group_by("session").agg(pl.col("missed").sum().alias("every"))
        for (cause,), some in groups(part, "cause"):
            key = (*about, cause)
            n, tokens = int(some["attempts"].sum()), float(some["missed"].sum())
            yield Line(key, "missed", "tokens", Estimate(tokens, n=n, method="sum"))
            yield Line(key, "share of missed", "share", _share(every, some, n))
            for basis in BASES:
                priced = float(some[f"{basis}_tokens"].sum())
                found = total(some[f"{basis}_usd"], n, priced, tokens)
                yield Line(key, f"cost ({basis})", "USD", found)


def _share(every: pl.DataFrame, some: pl.DataFrame, n: int) -> Estimate:
    """Return the share of all missed tokens; clusters are sessions."""
    theirs = some.group_by("session").agg(pl.col("missed").sum())
    both = every.join(theirs, on="session", how="left").fill_null(0).sort("session")
    return replace(ratio(both["missed"], both["every"]), n=n)


METRIC: Final = Metric(
    name="cache_misses",
    unit="USD",
    grain="request",
    keys=("provider", "cause"),
    query="cache_misses",
    needs=(
        "requests.parent_request",
        "requests.lcp_chars",
        "requests.prompt_chars",
        "requests.session_id",
        "requests.first_content_us",
        "attempts.cache_read_tokens",
        "attempts.prompt_tokens",
        "attempts.provider",
        "attempts.credential",
        "attempts.model_sent",
        "attempts.pin_why",
    ),
    estimate=_lines,
    is_priced=True,
)
