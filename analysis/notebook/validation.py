"""`08_method_validation`: whether the estimators tell the truth, where the truth is known.

Each simulation draws from a world whose truth is set, asks the estimator, and counts how often its
interval has the truth in it: at a nominal 95 %, nineteen of twenty times.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.notebook import scenarios, words
from analysis.notebook.answer import Answer, Headline
from analysis.notebook.charts import intervals
from analysis.notebook.opening import Page
from analysis.notebook.showing import Panel, Table, numbers
from analysis.prices.frame import with_prices
from analysis.stats import Estimate
from analysis.stats.proportions import Count, clustered, plain
from analysis.stats.quantiles import quantile
from analysis.stats.resampling import ratio
from proxy.price_list import LIST_PRICES, listed

QUESTION: Final = "Do the estimators tell the truth, and do the books agree?"
_CAVEAT: Final = (
    "few runs, to be quick: the interval of a coverage says how few. Worlds are simple, and where "
    "a week has only some fourteen outages the clustered interval is still too narrow."
)
RUNS: Final = 200
_WEEK_H, _PER_HOUR, _MTBF_H, _MTTR_H = 168, 40, 12.0, 1 / 6
_SESSIONS, _ROWS, _P95 = 40, 300, 0.95
Draw = np.random.Generator


@dataclass(frozen=True, slots=True)
class World:
    """A truth that is known, and an estimator that is asked for it."""

    name: str
    estimate: Callable[[Draw], Estimate]
    truth: float


def _week(draw: Draw) -> list[Count]:
    """Return an hour's successes each of a provider that is up and down in turn, without memory."""
    means = np.tile([_MTBF_H, _MTTR_H], _WEEK_H)
    edges = np.cumsum(draw.exponential(means))
    asked_h = np.arange(_WEEK_H * _PER_HOUR) / _PER_HOUR
    is_up = np.searchsorted(edges, asked_h, side="right") % 2 == 0
    return [Count(int(hour.sum()), _PER_HOUR) for hour in is_up.reshape(_WEEK_H, _PER_HOUR)]


def _plain(draw: Draw) -> Estimate:
    counts = _week(draw)
    return plain(Count(sum(one.k for one in counts), sum(one.n for one in counts)))


def _hits(draw: Draw) -> Estimate:
    """Return a hit ratio over sessions, long ones of which hit more often."""
    tokens = draw.lognormal(10.0, 1.0, _SESSIONS)
    read = tokens * draw.beta(8.0, 2.0, _SESSIONS)
    return ratio(pl.Series(read), pl.Series(tokens), seed=int(draw.integers(2**31)))


def _slow(draw: Draw) -> Estimate:
    return quantile(pl.Series(draw.lognormal(0.0, 1.0, _ROWS)), _P95)


WORLDS: Final = (
    World("share, by hours (used)", lambda d: clustered(_week(d)), _MTBF_H / (_MTBF_H + _MTTR_H)),
    World("share, rows as independent", _plain, _MTBF_H / (_MTBF_H + _MTTR_H)),
    World("ratio, by sessions (used)", _hits, 0.8),
    World("p95, order statistics (used)", _slow, math.exp(1.6448536269514722)),
)


def coverage(seed: int, runs: int = RUNS) -> pl.DataFrame:
    """Return of each world how often the interval has the truth in it, as rows of a metric."""
    return pl.DataFrame(list(_covered(seed, runs)), infer_schema_length=None)


def _covered(seed: int, runs: int) -> Iterator[dict[str, object]]:
    for world in WORLDS:
        draw = np.random.default_rng(seed)
        found = [world.estimate(draw) for _ in range(runs)]
        hits = [
            (one.lo is None or one.lo <= world.truth) and (one.hi is None or world.truth <= one.hi)
            for one in found
        ]
        values: NDArray[np.float64] = np.array([one.value for one in found], dtype=np.float64)
        covered = plain(Count(sum(hits), runs))
        off = float(values.mean() / world.truth - 1)
        yield _line(world.name, "coverage", covered, "Wilson, of independent runs")
        spread = 1.96 * float(values.std(ddof=1)) / math.sqrt(runs) / world.truth
        mean = Estimate(off, off - spread, off + spread, runs)
        yield _line(world.name, "bias", mean, "mean of runs, normal")


def _line(name: str, what: str, found: Estimate, method: str) -> dict[str, object]:
    return {
        "estimator": name,
        "what": what,
        "unit": "share",
        "value": found.value,
        "lo": found.lo,
        "hi": found.hi,
        "n": found.n,
        "n_clusters": None,
        "method": method,
        "coverage": None,
    }


def covering(rows: pl.DataFrame) -> Panel:
    """Return how often intervals have the truth in them, and where they should."""
    figure = intervals(rows, ("coverage",), "How often is the truth in a nominal 95 % interval?")
    figure.add_vline(x=0.95, line_dash="dot", annotation_text="95 %")
    return Panel(figure, numbers(rows))


def prices(page: Page) -> pl.DataFrame:
    """Return some attempts with their price from the book, and genai-prices' own of the same."""
    from genai_prices import Usage  # noqa: PLC0415  # 0.2 s, for who asks for prices

    with_prices(page.ledger, LIST_PRICES, page.selection)
    rows = page.ask("priced_few")
    theirs: list[float | None] = []
    for row in rows.iter_rows(named=True):
        found = listed(row["provider"], row["model"])
        if found is None:
            theirs.append(None)
            continue
        usage = Usage(
            input_tokens=row["prompt_tokens"],
            cache_read_tokens=row["read"],
            cache_write_tokens=row["written"],
            cache_write_1h_tokens=row["written_1h"],
            output_tokens=row["output"],
        )
        theirs.append(float(found.cost(usage, row["started_at"].replace(tzinfo=UTC)).total_price))
    both = rows.with_columns(pl.Series("theirs_usd", theirs, dtype=pl.Float64))
    return both.with_columns(off_usd=(pl.col("list_usd") - pl.col("theirs_usd")).abs())


def pricing(found: pl.DataFrame) -> Table:
    """Return by model how far the two prices are apart."""
    by_model = found.group_by("provider", "model", maintain_order=True).agg(
        pl.len().alias("attempts"),
        pl.col("list_usd").sum().alias("book, USD"),
        pl.col("theirs_usd").sum().alias("genai-prices, USD"),
        (pl.col("off_usd").max() < 1e-9).alias("equal"),  # noqa: PLR2004  # of a dollar
    )
    return Table(by_model, "The same attempts, priced twice")


def conserved(page: Page) -> Table:
    """Return what must be equal in a ledger, counted in two ways."""
    return Table(page.ask("conserved"), "The same sums, by requests and by attempts")


def answer(page: Page, rows: pl.DataFrame, replays: Table) -> Answer:
    """Return the opening cell; the half of it that needs no request is there for any ledger."""
    used, naive = (_headline(rows, name) for name in (WORLDS[0].name, WORLDS[1].name))
    others = [_headline(rows, world.name) for world in WORLDS[2:]]
    same = int(replays.frame["same"].sum())
    said = f"Where failures come in outages, a nominal 95 % covers the truth {used} by hours, "
    said += f"and {naive} if rows were taken as independent. "
    said += f"{same} of {words.count(len(replays.frame), 'replay')} went the same way twice. "
    if not page.is_empty:
        equal = page.ask("conserved")["equal"]
        agree = f"{int(equal.sum())} of {words.count(len(equal), 'sum')}"
        said += f"{agree} agree both ways in this ledger."
    return Answer(QUESTION, said.strip(), (used, naive, *others), page.window, _CAVEAT)


def _headline(rows: pl.DataFrame, name: str) -> Headline:
    wanted = (pl.col("estimator") == name) & (pl.col("what") == "coverage")
    row = rows.row(by_predicate=wanted, named=True)
    values = {key: row[key] for key in ("unit", "value", "lo", "hi", "n", "n_clusters", "method")}
    return Headline("simulated", (name,), "coverage", **values)


def replayed(seed: int) -> Table:
    """Play a few scenarios twice, and say whether the same happened."""
    names = ("server-error-once", "flapping")
    return scenarios.again(names, scenarios.played(names, seed=seed), seed)
