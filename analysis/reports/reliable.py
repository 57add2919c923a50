"""`pointsman reliability`: how often each provider answers, with intervals, the best one first.

The numbers are those of the metrics `success` and `ranks`, which say what counts.
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
from analysis.reports.showing import Limits, Places, reading, selection, zone_named
from proxy.cli.tables import UNKNOWN, cell, headed, printed

_NUMBERS: Final = (
    "availability (95 %)",
    "usable (95 %)",
    "throttled (95 %)",
    "attempts",
    "clusters",
    "best with",
)
NOTE: Final = (
    "availability: whole answers of those and failures; usable: a 429 is a failure as well; "
    "clusters: hours, or as long as outages are; best with: chance to be the best, by shares that "
    "are drawn to that of all, rows taken as independent"
)

Row = Mapping[str, Any]


def show(limits: Limits, places: Places, *, as_json: bool) -> None:
    """Print how reliable providers are.

    Raises:
        AnalysisError: There is nothing that was asked about, or the range holds nothing.
        SetupError: The configuration or the ledger cannot be read.
    """
    asked = selection(limits, zone_named(limits.timezone))
    with reading(places) as source:
        with_macros(source)
        ledger = Ledger(source)
        ledger.refuse_empty(asked)
        success, ranks = (measure(ledger, name, asked) for name in ("success", "ranks"))
    if as_json:
        said = {"success": success.to_dicts(), "ranks": ranks.to_dicts()}
        typer.echo(msgspec.json.encode(said))
        return
    printed(table(success, ranks))
    typer.echo(NOTE)


def table(success: pl.DataFrame, ranks: pl.DataFrame) -> Table:
    """Return one row per provider: what the metrics of these names say."""
    lines = {(row["provider"], row["what"]): row for row in success.iter_rows(named=True)}
    chances = {
        row["provider"]: row["value"]
        for row in ranks.iter_rows(named=True)
        if row["what"] == "chance to be best"
    }
    made = headed("provider", _NUMBERS)
    names = {name for name, _ in lines if name is not None}
    for name in sorted(names, key=lambda name: (-(chances.get(name) or 0.0), name)):
        available = lines[name, "availability"]
        made.add_row(
            cell(name),
            *(_share(lines[name, what]) for what in ("availability", "usable rate", "throttled")),
            f"{available['n']:,}",
            UNKNOWN if available["n_clusters"] is None else f"{available['n_clusters']:,}",
            _percent(chances.get(name)),
        )
    return made


def _share(row: Row) -> str:
    if row["value"] is None:
        return UNKNOWN
    if row["lo"] is None or row["hi"] is None:
        return _percent(row["value"])
    return f"{_percent(row['value'])} ({row['lo'] * 100:.2f}–{row['hi'] * 100:.2f})"  # noqa: RUF001  # a range has an en dash


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{share * 100:.2f} %"
