"""What a simulation plays again: requests as they came, in their order, whoever they went to.

From a ledger, or from a public trace of Claude Code sessions (its columns: estimators, section 8).
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import polars as pl

from analysis.errors import EmptyLedger, NoLedger
from analysis.load import Ledger
from analysis.selection import ALL, Selection

ROWS: Final = pl.Schema(
    {
        "id": pl.String(),
        "parent_id": pl.String(),  # earlier one that shares most of the prompt
        "app": pl.String(),
        "client_key": pl.String(),
        "session": pl.String(),
        "at_us": pl.Int64(),  # UTC microseconds
        "readable_us": pl.Int64(),  # later: what it wrote to a cache can be read
        "first_us": pl.Int64(),  # later: first content of the attempt that served
        "asked": pl.String(),  # model, by the client
        "sent": pl.String(),  # model, to the provider
        "provider": pl.String(),
        "credential": pl.String(),
        "service_tier": pl.String(),
        "chars": pl.Int64(),  # of the prompt
        "lcp_chars": pl.Int64(),  # ... that its parent begins with, too
        "prompt": pl.Float64(),  # tokens, as all that follow
        "read": pl.Float64(),  # from the cache; null: the provider does not say
        "written": pl.Float64(),
        "written_1h": pl.Float64(),
        "output": pl.Float64(),
    }
)
"""One row per answered request, by time."""

WARMING: Final = timedelta(hours=1)  # before a selection begins: caches are not cold at its start

MOST: Final = 200_000  # requests of a ledger, the newest ones: coverage tells what they are of
_APART_S: Final = 7200.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request may go: a key of a provider."""

    provider: str
    credential: str

    @property
    def account(self) -> str:
        """As routing knows it."""
        return f"{self.provider}/{self.credential}"


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Requests to play again.

    Attributes:
        rows: As `ROWS` has it.
        counts: Of each row, whether it is asked about; the others only warm the caches.
        places: Where requests can go, by how many they had.
        coverage: Share of the tokens asked about that are in `rows`.
        provenance: Where the requests are from, in words.
    """

    rows: pl.DataFrame
    counts: pl.Series
    places: tuple[Place, ...]
    coverage: float | None
    provenance: str

    def among(self, number: int) -> "Arrivals":
        """Return them as if there were that many places at least: more like the one used most."""
        first, missing = self.places[0], range(len(self.places), number)
        more = (Place(f"{first.provider} {no + 1}", first.credential) for no in missing)
        return replace(self, places=(*self.places, *more))


def arrivals(ledger: Ledger, selection: Selection = ALL) -> Arrivals:
    """Return the requests of a ledger; those just before the range warm the caches.

    Raises:
        EmptyLedger: None was answered with its prompt's chain and tokens known.
    """
    wanted = replace(selection, provider=None)  # a policy deals out what all of them had
    early = wanted
    if wanted.since is not None:
        early = replace(wanted, since=wanted.since - WARMING)
    rows = ledger.ask("arrivals", early).cast(ROWS).tail(MOST)
    counts = pl.Series("counts", [True] * len(rows), dtype=pl.Boolean)
    if wanted.since is not None:
        since = pl.Series([wanted.since]).dt.replace_time_zone(None).dt.epoch("us")[0]
        counts = (rows["at_us"] >= since).alias("counts")
    if not counts.any():
        raise EmptyLedger(
            f"{ledger.source.place} has no answered request with a known prompt to play again "
            f"({ledger.freshness()})"
        )
    served = ledger.ask("arrivals_served", wanted)["tokens"][0] or 0.0
    known = float(rows["prompt"].filter(counts).sum())
    return Arrivals(rows, counts, _places(rows), known / served if served else None, "the ledger")


def trace_arrivals(path: Path) -> Arrivals:
    """Return the requests of the public trace of Claude Code sessions, all at one place.

    When its sessions began is not known: here each begins some time after the one before has ended.
    It reports no cache reads, so no model of a cache can be calibrated on it.

    Raises:
        NoLedger: The file is no such trace.
    """
    try:
        trace = _one_after_another(pl.read_parquet(path))
        rows = trace.sort("t", "conv", "seq").select(_columns_of_trace()).cast(ROWS)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise NoLedger(f"{path} is no trace of Claude Code sessions: {error}") from error
    counts = pl.Series("counts", [True] * len(rows), dtype=pl.Boolean)
    return Arrivals(rows, counts, _places(rows), 1.0, "a trace")


def _one_after_another(trace: pl.DataFrame) -> pl.DataFrame:
    ends = trace.group_by("conv").agg(pl.col("t").max().alias("lasts")).sort("conv")
    begins = (pl.col("lasts") + _APART_S).cum_sum().shift(1, fill_value=0.0).alias("begins")
    both = trace.join(ends.select("conv", begins), on="conv")
    return both.with_columns(t=pl.col("t") + pl.col("begins"))


def _columns_of_trace() -> list[pl.Expr]:
    of = pl.format("{}.{}", pl.col("conv"), pl.col("seq"))
    nothing, began_us = pl.lit(None), 1_767_225_600_000_000  # 2026-01-01: prices have a day
    readable_us = (pl.col("api_time").fill_null(3.0).clip(upper_bound=3.0) * 1e6).cast(pl.Int64)
    columns = {
        "id": of,
        "parent_id": pl.when(pl.col("lcp_tokens") > 0).then(
            pl.format("{}.{}", pl.col("conv"), pl.col("parent_seq"))
        ),
        "app": pl.lit("claude"),
        "client_key": nothing,
        "session": pl.col("conv"),
        "at_us": (pl.col("t") * 1e6).cast(pl.Int64) + began_us,
        "readable_us": readable_us,
        "first_us": (pl.col("ttft") * 1e6).cast(pl.Int64),
        "asked": pl.col("model"),
        "sent": pl.col("model"),
        "provider": pl.lit("anthropic"),
        "credential": pl.lit("key"),
        "service_tier": nothing,
        "chars": pl.col("in_tokens"),
        "lcp_chars": pl.col("lcp_tokens"),
        "prompt": pl.col("in_tokens"),
        "read": nothing,
        "written": nothing,
        "written_1h": nothing,
        "output": pl.col("out_tokens"),
    }
    return [expression.alias(name) for name, expression in columns.items()]


def _places(rows: pl.DataFrame) -> tuple[Place, ...]:
    found = rows.group_by("provider", "credential").len()
    ordered = found.sort("len", "provider", "credential", descending=[True, False, False])
    return tuple(Place(*row) for row in ordered.select("provider", "credential").iter_rows())
