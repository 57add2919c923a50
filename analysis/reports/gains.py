"""`pointsman savings`: what prompt caches saved, and what failover gained and cost.

The numbers are those of the metrics that `ASKED` names, which say what counts. What another policy
would have cost is no number of a ledger: that is `pointsman simulate`.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import polars as pl
import typer
from rich.table import Table

from analysis.asking import with_macros
from analysis.load import Ledger
from analysis.measuring import measure
from analysis.reports.showing import (
    Limits,
    Places,
    pricing_of,
    reading,
    selection,
    zone_named,
)
from proxy.cli.tables import UNKNOWN, cell, headed, printed

ASKED: Final = (
    *("cache_savings", "cache_hit", "cache_misses"),
    *("failover", "failover_time", "failover_cost", "waste"),
)
_CACHES: Final = (
    *("saved USD", "of the input (95 %)", "read discount", "write premium"),
    *("saved USD, paid", "hit (95 %)", "lost by switching USD"),
)
_FAILOVER: Final = (
    *("first try (95 %)", "in the end (95 %)", "gained (95 %)", "rescued (95 %)"),
    *("lost, p50", "lost, p95", "of all waiting", "cold cache USD"),
)
NOTES: Final = """\
USD at list prices where it does not say paid.
saved: against the same requests without a cache, after what writing to it cost more.
lost by switching: what tokens cost more that another provider's cache had.
gained: requests that ended well although their first attempt did not, against no retry at all;
rescued: of those whose first attempt failed; cold cache: what their answers cost more elsewhere.
What sticky routing saved against other policies is not in a ledger: pointsman simulate"""

Row = Mapping[str, Any]
Results = Mapping[str, pl.DataFrame]


def show(limits: Limits, places: Places, *, as_json: bool) -> None:
    """Print both tables.

    Raises:
        AnalysisError: There is nothing that was asked about, or the range holds nothing.
        SetupError: The configuration or the ledger cannot be read.
    """
    asked, pricing = selection(limits, zone_named(limits.timezone)), pricing_of(places)
    with reading(places) as source:
        with_macros(source)
        ledger = Ledger(source)
        ledger.refuse_empty(asked)
        found = {name: measure(ledger, name, asked, pricing) for name in ASKED}
    if as_json:
        typer.echo(msgspec.json.encode({name: rows.to_dicts() for name, rows in found.items()}))
        return
    printed(caches(found))
    printed(failover(found))
    typer.echo(_wasted(found["waste"]))
    typer.echo(NOTES)


def caches(found: Results) -> Table:
    """Return one row per provider: what its cache saved."""
    made = headed("prompt cache of", _CACHES)
    saved, hits = _lines(found["cache_savings"], "provider"), _lines(found["cache_hit"], "provider")
    lost = _lost(found["cache_misses"])
    names = {name for name, _ in (*saved, *hits) if name is not None}
    for name in sorted(names):
        made.add_row(
            cell(name),
            _usd(saved.get((name, "net saving (list)"))),
            _share(saved.get((name, "saved share (list)"))),
            _usd(saved.get((name, "read discount (list)"))),
            _usd(saved.get((name, "write premium (list)"))),
            _usd(saved.get((name, "net saving (paid)"))),
            _share(hits.get((name, "hit ratio"))),
            UNKNOWN if name not in lost else f"{lost[name]:,.2f}",
        )
    return made


def failover(found: Results) -> Table:
    """Return one row per app: what asking others gained, and what it cost."""
    made = headed("failover of", _FAILOVER)
    gains, costs = _lines(found["failover"], "app"), _lines(found["failover_cost"], "app")
    times = _lines(found["failover_time"].filter(pl.col("failure") == "all"), "app")
    for name in sorted({name for name, _ in gains if name is not None}):
        shares = ("first success", "final success", "gain", "rescue rate")
        made.add_row(
            cell(name),
            *(_share(gains.get((name, what))) for what in shares),
            *(_seconds(times.get((name, what))) for what in ("p50", "p95")),
            _share(times.get((name, "share of waiting"))),
            _usd(costs.get((name, "cold cost (list)"))),
        )
    return made


def _lines(rows: pl.DataFrame, key: str) -> dict[tuple[str | None, str], Row]:
    return {(row[key], row["what"]): row for row in rows.iter_rows(named=True)}


def _lost(misses: pl.DataFrame) -> dict[str, float]:
    """Return by provider what misses cost because another one was asked before."""
    switched = misses.filter(
        pl.col("cause").str.starts_with("provider_switched")
        & (pl.col("what") == "cost (list)")
        & pl.col("value").is_not_null()
    )
    summed = switched.group_by("provider").agg(pl.col("value").sum())
    return dict(summed.iter_rows())


def _wasted(waste: pl.DataFrame) -> str:
    found = waste.filter((pl.col("what") == "cost (list)") & pl.col("value").is_not_null())
    if found.is_empty():
        return "what attempts cost that served nobody is not known"
    return f"attempts that served nobody cost {found['value'].sum():,.2f} USD at list prices"


def _usd(row: Row | None) -> str:
    return UNKNOWN if row is None or row["value"] is None else f"{row['value']:,.2f}"


def _seconds(row: Row | None) -> str:
    if row is None or row["value"] is None:
        return UNKNOWN
    return f"{row['value']:,.1f} s{_ends(row, 1)}"


def _share(row: Row | None) -> str:
    if row is None or row["value"] is None:
        return UNKNOWN
    return f"{row['value'] * 100:.1f} %{_ends(row, 100)}"


def _ends(row: Row, factor: float) -> str:
    """Return the interval, if there is one."""
    if row["lo"] is None and row["hi"] is None:
        return ""
    ends = ["?" if row[end] is None else f"{row[end] * factor:,.1f}" for end in ("lo", "hi")]
    return f" ({'–'.join(ends)})"  # noqa: RUF001  # a range has an en dash
