"""What the prompt cache saved, after what writing to it cost more.

Of each attempt with a price: its cost with all read and written tokens moved to fresh input, minus
its cost. Signed: a prompt that was written and never read lost money. Read discount and write
premium stand apart and give the net saving together. Saved share is the net saving over what would
have been paid without a cache; clusters are sessions. Source: estimators 6.8.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from analysis.metrics.metric import Line, Metric, groups
from analysis.metrics.money import BASES, total
from analysis.stats.resampling import ratio

_SUMS: Final = (("net saving", "saved"), ("read discount", "read"), ("write premium", "write"))


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "provider"):
        n, tokens = int(part["attempts"].sum()), float(part["tokens"].sum())
        for basis in BASES:
            priced = float(part[f"{basis}_tokens"].sum())
            for what, column in _SUMS:
                found = total(part[f"{basis}_{column}_usd"], n, priced, tokens)
                yield Line(about, f"{what} ({basis})", "USD", found)
            known = part.filter(pl.col(f"{basis}_bare_usd").is_not_null())
            share = ratio(known[f"{basis}_saved_usd"], known[f"{basis}_bare_usd"])
            if share.value is not None:
                share = replace(share, n=int(known["attempts"].sum()), coverage=priced / tokens)
            yield Line(about, f"saved share ({basis})", "share", share)


METRIC: Final = Metric(
    name="cache_savings",
    unit="USD",
    grain="attempt",
    keys=("provider",),
    query="cache_savings",
    needs=(
        "attempts.prompt_tokens",
        "attempts.cache_read_tokens",
        "attempts.cache_write_tokens",
        "attempts.cache_write_1h_tokens",
        "attempts.output_tokens",
        "attempts.provider",
        "requests.session_id",
    ),
    estimate=_lines,
    is_priced=True,
)
