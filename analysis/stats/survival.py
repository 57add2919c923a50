"""Times to something that not everybody reaches: Kaplan-Meier with Greenwood's variance.

Who failed or left has waited that long at least: leaving them out would call a provider fast for
giving up. Sources: Kaplan and Meier 1958; the log-log interval of Kalbfleisch and Prentice, section
1.4; its inversion for quantiles: Brookmeyer and Crowley 1982. Rows are taken as independent.
"""

import math
from dataclasses import dataclass

import polars as pl

from analysis.stats.estimate import NO_ROWS, Estimate, Z


@dataclass(frozen=True, slots=True)
class Curve:
    """One row per time at which somebody got there: time, survival, lo, hi, all f64."""

    steps: pl.DataFrame
    n: int
    events: int
    longest: float | None  # wait that was seen


def kaplan_meier(times: pl.Series, reached: pl.Series, counts: pl.Series | None = None) -> Curve:
    """Return which share still waits after each time.

    Args:
        times: How long each waited; no null.
        reached: Whether it got there; if not, it waited that long and was lost from sight.
        counts: How many did so; one each if not told.
    """
    times_each = pl.lit(1, pl.Int64) if counts is None else counts.cast(pl.Int64)
    rows = pl.DataFrame({"time": times.cast(pl.Float64), "reached": reached}).with_columns(
        times_each.alias("each")
    )
    found = (
        rows.group_by("time")
        .agg(d=pl.col("each").filter(pl.col("reached")).sum(), out=pl.col("each").sum())
        .sort("time")
        .with_columns(at_risk=pl.col("out").cum_sum(reverse=True))
        .filter(pl.col("d") > 0)
    )
    d, r = pl.col("d"), pl.col("at_risk")
    steps = found.with_columns(
        survival=(1 - d / r).cum_prod(),
        # The last step takes all who are left: Greenwood's term has no value there.
        greenwood=pl.when(d < r).then(d / (r * (r - d))).cum_sum(),
    ).select("time", "survival", *_band())
    events = rows["each"].filter(rows["reached"]).sum()
    return Curve(steps, int(rows["each"].sum()), int(events), _plain(rows["time"].max()))


def _band() -> tuple[pl.Expr, pl.Expr]:
    """Return the ends of the log-log interval; null where the curve touches 0."""
    s = pl.col("survival")
    inside = (s > 0) & (s < 1)
    width = pl.when(inside).then(Z * pl.col("greenwood").sqrt() / s.log().abs())
    return (s.pow(width.exp())).alias("lo"), (s.pow((-width).exp())).alias("hi")


def waiting(curve: Curve, q: float) -> Estimate:
    """Estimate the time after which the share q got there; `None` if fewer did in all."""
    if not curve.n:
        return NO_ROWS
    steps, left = curve.steps, 1 - q
    value = _first(steps, pl.col("survival") <= left + 1e-12)
    lo = _first(steps, pl.col("lo") <= left)
    hi = _first(steps, pl.col("hi") <= left)
    censored = curve.n - curve.events
    method = f"Kaplan-Meier, log-log, {censored} of {curve.n} not reached"
    if value is None:
        method = f"not reached: more than {curve.longest:.4g}"
    return Estimate(value, lo, hi, curve.n, None, method)


def _first(steps: pl.DataFrame, condition: pl.Expr) -> float | None:
    return _plain(steps.filter(condition)["time"].min())


def _plain(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
