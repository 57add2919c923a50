"""Whether providers fail apart: what failover could gain at most, against what it does.

If the providers asked for an app failed independently, a request would fail as seldom as the
product of their failure rates (of attempts: whole of whole, failed and throttled). Common mode is
the failed share of requests over that product: 1 when they fail apart, more when they fail together
or the proxy gives up too early. Clusters are hours. Source: estimators 6.2.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.metrics.metric import Line, Metric, groups
from analysis.stats.resampling import of_sums


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "app"):
        providers = sorted(part["provider"].drop_nulls().unique())
        if not providers:
            continue
        hours = part.with_columns(name=pl.col("provider").fill_null("")).pivot(
            "name", index="hour", values=["failed", "judged"], aggregate_function="sum"
        )
        order = [f"{what}_{name}" for name in ["", *providers] for what in ("failed", "judged")]
        if "judged_" not in hours.columns:
            continue
        clusters = hours.sort("hour").select(order).fill_null(0)
        chain = " > ".join(providers)
        yield Line((*about, chain), "if apart", "failed share", of_sums(clusters, _apart))
        yield Line((*about, chain), "requests", "failed share", of_sums(clusters, _failed))
        yield Line((*about, chain), "common mode", "ratio", of_sums(clusters, _common_mode))


def _rates(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the failed shares of requests, then of each provider."""
    failed, judged = sums[:, 0::2], sums[:, 1::2]
    return np.divide(failed, judged, out=np.full_like(failed, np.nan), where=judged > 0)


def _failed(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return _rates(sums)[:, 0]


def _apart(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(_rates(sums)[:, 1:].prod(axis=1), dtype=np.float64)


def _common_mode(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    over, under = _failed(sums), _apart(sums)
    return np.divide(over, under, out=np.full_like(over, np.nan), where=under > 0)


METRIC: Final = Metric(
    name="independence",
    unit="ratio",
    grain="request",
    keys=("app", "providers"),
    query="independence",
    needs=(
        "requests.outcome",
        "requests.app",
        "attempts.outcome",
        "attempts.failure",
        "attempts.provider",
    ),
    estimate=_lines,
)
