"""How often a client's request comes to a whole answer, whoever gave it.

Whole of all requests for an answer but those that no proxy could help: refused for the client's own
fault, rejected before any attempt, or left by the client. A request that the proxy itself spoilt
(stopped, crashed) is a failure. Nines are -log10 of the failed share; without a failure they have a
lower end only. Clusters are hours. Source: estimators 6.2.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from analysis.metrics import hours
from analysis.metrics.metric import Line, Metric, groups
from analysis.stats import Estimate
from analysis.stats.proportions import clustered


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "app"):
        every = hours.length(part, "whole", "judged")
        share = clustered(hours.counts(part, "whole", "judged", every))
        share = share.of(int(part["requests"].sum()))
        yield Line(about, "success", "share", share)
        yield Line(about, "nines", "nines", _nines(share))


def _nines(share: Estimate) -> Estimate:
    value, lo, hi = (_nine(one) for one in (share.value, share.lo, share.hi))
    return replace(share, value=value, lo=lo, hi=hi)


def _nine(share: float | None) -> float | None:
    return None if share is None or share >= 1 else -math.log10(1 - share)


METRIC: Final = Metric(
    name="request_success",
    unit="share",
    grain="request",
    keys=("app",),
    query="request_success",
    needs=("requests.outcome", "requests.app", "requests.endpoint", "requests.received_at"),
    estimate=_lines,
)
