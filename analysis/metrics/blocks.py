"""Five-hour blocks, as subscriptions count them: spent, burn, and where it will end.

A block begins with the first request after the one before is over, at the full hour before it, and
lasts five hours. Burn is what the last hour with traffic used, in steps of ten minutes. The
projection of the block under way is what is spent plus burn for the time that is left; its interval
resamples the ten-minute steps of the last fourteen days at the same hours of the day, or all steps
where those are few. It is a forecast: it says what happens if it goes on like this. Times are UTC;
the end of what is known is taken as the present. Source: estimators 6.11.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from analysis.five_hours import LASTS, begins
from analysis.metrics.metric import Line, Metric
from analysis.stats import Estimate
from analysis.stats.resampling import DRAWS, SEED

STEP: Final = timedelta(minutes=10)
_DAYS: Final = timedelta(days=14)
_FEW: Final = 12
_MEASURES: Final = (("tokens", "tokens"), ("list_usd", "USD"), ("paid_usd", "USD"))


@dataclass(frozen=True, slots=True)
class Block:
    """One of five hours; `steps` are its rows of ten minutes."""

    began: datetime
    steps: pl.DataFrame

    @property
    def ends(self) -> datetime:
        return self.began + LASTS


def blocks(rows: pl.DataFrame) -> list[Block]:
    """Return the blocks in what `queries/blocks.sql` gives, oldest first."""
    ordered = rows.sort("step")
    inside = pl.col("step")
    return [
        Block(one, ordered.filter((inside >= one) & (inside < one + LASTS)))
        for one in begins(ordered["step"])
    ]


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    found = blocks(rows)
    now = max(rows["step"]) + STEP
    for block in found:
        about = (block.began.isoformat(sep=" ", timespec="minutes"),)
        for column, unit in _MEASURES:
            spent = _spent(block.steps, column)
            yield Line(about, f"spent {column}", unit, spent)
            if block is found[-1] and spent.value is not None:
                yield Line(about, f"burn {column}", f"{unit}/h", _burn(rows, column))
                yield Line(about, f"projected {column}", unit, _projected(rows, block, column, now))


def forecast(rows: pl.DataFrame, now: datetime) -> Iterator[Line]:
    """Return where the block under way will end, as `_lines` does; nothing if there is none.

    Args:
        rows: What `queries/blocks.sql` gives.
        now: UTC, as the ledger has it: without saying so.
    """
    found = blocks(rows)
    if not found or not found[-1].began <= now < found[-1].ends:
        return
    block, first = found[-1], min(rows["step"])
    reached = first + ((now - first) // STEP + 1) * STEP  # the end of the step that `now` is in
    about = (block.began.isoformat(sep=" ", timespec="minutes"),)
    for column, unit in _MEASURES:
        if _spent(block.steps, column).value is not None:
            projected = _projected(rows, block, column, min(reached, block.ends))
            yield Line(about, f"projected {column}", unit, projected)


def _spent(steps: pl.DataFrame, column: str) -> Estimate:
    n = int(steps["requests"].sum())
    if not steps[column].count():
        return Estimate(None, n=n, method="no price known")
    tokens = float(steps["tokens"].sum())
    priced = tokens if column == "tokens" else float(steps[f"{column}_tokens"].sum())
    share = priced / tokens if tokens else None
    return Estimate(float(steps[column].sum()), n=n, method="sum", coverage=share)


def _burn(rows: pl.DataFrame, column: str) -> Estimate:
    """Return what the last six steps with traffic used."""
    last = rows.sort("step").tail(6)
    an_hour = float(last[column].sum()) * 6 / len(last)
    n = int(last["requests"].sum())
    return Estimate(an_hour, n=n, n_clusters=len(last), method="last 60 active minutes")


def _projected(rows: pl.DataFrame, block: Block, column: str, now: datetime) -> Estimate:
    spent = float(block.steps[column].sum())
    left = max(round((block.ends - now) / STEP), 0)
    burn = _burn(rows, column)
    n = int(block.steps["requests"].sum())
    if burn.value is None or not left:
        return Estimate(spent, spent, spent, n, None, "the block is over")
    steps = _alike(rows, column, now, block.ends)
    drawn = np.random.default_rng(SEED).choice(steps, size=(DRAWS, left)).sum(axis=1) + spent
    lo, hi = np.quantile(drawn, [0.025, 0.975])
    value = spent + burn.value * left / 6
    method = f"forecast: {left} steps drawn from {len(steps)}"
    return Estimate(value, float(lo), float(hi), n, len(steps), method)


def _alike(rows: pl.DataFrame, column: str, now: datetime, until: datetime) -> list[float]:
    """Return what steps of the last days at the hours to come used, quiet ones as well."""
    begins = max(min(rows["step"]), now - _DAYS)
    every = pl.DataFrame({"step": pl.datetime_range(begins, now, STEP, closed="left", eager=True)})
    past = every.join(rows.select("step", column), on="step", how="left").fill_null(0)
    hours = {(now + STEP * k).hour for k in range(round((until - now) / STEP))}
    alike = past.filter(pl.col("step").dt.hour().is_in(hours))[column].to_list()
    return alike if len(alike) >= _FEW else past[column].to_list()


METRIC: Final = Metric(
    name="blocks",
    unit="tokens",
    grain="request",
    keys=("block",),
    query="blocks",
    needs=("requests.received_at", "attempts.prompt_tokens", "attempts.output_tokens"),
    estimate=_lines,
    is_priced=True,
)
