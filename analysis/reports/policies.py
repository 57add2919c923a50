"""`pointsman simulate`: what other policies would have cost on the requests that came.

The numbers are those of `analysis.simulate`, which says how they come about.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import polars as pl
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from analysis.asking import with_macros
from analysis.load import Ledger
from analysis.reports.showing import Limits, Places, pricing_of, reading, selection, zone_named
from analysis.selection import Selection
from analysis.simulate import Simulation, Wish, decisions, simulate
from proxy.cli.tables import UNKNOWN, cell, headed, printed

_NOTES: Final = """\
USD at list prices where it does not say paid. Saved: of the whole bill, by {against}; in brackets
what sessions drawn again give (95 %), then what other assumptions about caches give.
Both sides are simulated on the same requests, with caches as the log shows them:
predicted over reported reads {bias}."""
_ONE_PLACE: Final = (
    "All requests went to one place, so no policy has a choice: "
    "--among 3 plays them as if there were three like it."
)
_UNUSED: Final = (
    "Places without reads of their own are taken to be like the one used most: how caches treat "
    "sessions that move hardly shows, so read the other caches, not the 95 %."
)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed; fields as `simulate.Wish` has them."""

    policies: tuple[str, ...]
    against: str
    among: int = 1
    equal: bool = False
    anyway: bool = False


def show(asked: Asked, limits: Limits, places: Places, *, as_json: bool) -> None:
    """Print what policies would have cost.

    Raises:
        AnalysisError: There is nothing that was asked about, a policy is not known, or caches are
            not foretold well enough.
        SetupError: The configuration or the ledger cannot be read.
    """
    chosen = selection(limits, zone_named(limits.timezone))
    wish = Wish(
        policies=asked.policies,
        against=asked.against,
        among=asked.among,
        equal=asked.equal,
        anyway=asked.anyway,
        pricing=pricing_of(places),
    )
    with reading(places) as source:
        with_macros(source)
        found = _found(Ledger(source), chosen, wish)
    if as_json:
        typer.echo(msgspec.json.encode(_said(found)))
        return
    printed(table(found, asked.against))
    for line in notes(found, asked.against):
        typer.echo(line)


def _said(found: Simulation) -> dict[str, object]:
    return {
        "result": found.result.to_dicts(),
        "calibration": found.calibration.to_dicts(),
        "doubt": found.doubt,
    }


def _found(ledger: Ledger, chosen: Selection, wish: Wish) -> Simulation:
    ledger.refuse_empty(chosen)
    requests = int(ledger.ask("arrivals_served", chosen)["requests"][0])
    with _progress(decisions(wish, requests)) as progress:
        return simulate(ledger, chosen, wish, progress)


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    """Give what is told of decisions; on a terminal it shows how many are made."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("deciding again", total=total)
        yield lambda count: bar.advance(task, count)


def table(found: Simulation, against: str) -> Table:
    """Return one row per policy, the cheapest first."""
    made = headed(
        "policy",
        (
            *("cost USD", "paid USD", f"more than {against}", "saved (95 %)"),
            *("of input, other caches", "cache hit", "first content p95", "answered"),
            "busiest place",
        ),
    )
    lines = {(row["policy"], row["what"]): row for row in found.result.iter_rows(named=True)}
    names = dict.fromkeys(name for name, _ in lines)
    for name in sorted(names, key=lambda name: _order(lines[name, "cost (list)"])):
        made.add_row(
            cell(name),
            _usd(lines[name, "cost (list)"]),
            _usd(lines[name, "cost (paid)"]),
            _usd(lines.get((name, f"costs more than {against} (list)"))),
            _share(lines.get((name, f"{against} saves of all (list)")), digits=1),
            _range(lines.get((name, f"{against} saves of input (list), band"))),
            _percent(lines[name, "token hit"]["value"]),
            _seconds(lines.get((name, "first content, p95"))),
            _percent(lines[name, "availability"]["value"], digits=2),
            _times(lines[name, "busiest place over mean"]),
        )
    return made


def notes(found: Simulation, against: str) -> Iterator[str]:
    """Return what has to be said of the table."""
    bias = found.calibration.filter(pl.col("what") == "bias of reads")
    said = [
        f"{row['provider']} {row['value']:+.1%}"
        for row in bias.iter_rows(named=True)
        if row["value"] is not None
    ]
    yield _NOTES.format(against=against, bias=", ".join(said) or "are not known")
    coverage = found.result["coverage"].max()
    if isinstance(coverage, float) and coverage < 1:
        yield f"{coverage:.1%} of the prompt tokens could be played again and have a price."
    if len(bias) == 1:
        yield _ONE_PLACE
    elif bias["value"].null_count() and found.doubt is None:
        yield _UNUSED
    if found.doubt is not None:
        yield f"NOT CALIBRATED: {found.doubt}."


def _order(row: Row) -> float:
    return float("inf") if row["value"] is None else float(row["value"])


def _usd(row: Row | None) -> str:
    return UNKNOWN if row is None or row["value"] is None else f"{row['value']:,.2f}"


def _share(row: Row | None, digits: int) -> str:
    if row is None or row["value"] is None:
        return UNKNOWN
    return f"{_percent(row['value'], digits)}{_between(row)}"


def _range(row: Row | None) -> str:
    return UNKNOWN if row is None or row["lo"] is None else _between(row).strip(" ()") + " %"


def _between(row: Row) -> str:
    if row["lo"] is None or row["hi"] is None:
        return ""
    return f" ({row['lo'] * 100:.1f}–{row['hi'] * 100:.1f})"  # noqa: RUF001  # a range has an en dash


def _percent(share: float | None, digits: int = 1) -> str:
    return UNKNOWN if share is None else f"{share * 100:.{digits}f} %"


def _seconds(row: Row | None) -> str:
    return UNKNOWN if row is None or row["value"] is None else f"{row['value'] / 1000:.1f} s"


def _times(row: Row) -> str:
    return UNKNOWN if row["value"] is None else f"{row['value']:.2f} x mean"
