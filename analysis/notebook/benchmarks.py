"""`09_benchmarks`: what the proxy itself costs, from the files that `make bench` leaves.

Each file is one run on one machine; ratios are of proxy and floor of the same run, for machines
differ, and what else they do. The floor is thirty lines that pass bytes through.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from analysis.notebook import places, words
from analysis.notebook.answer import Answer, Headline
from analysis.notebook.charts import Lane, bars, lines
from analysis.notebook.opening import Page
from analysis.notebook.showing import Panel, Table
from analysis.stats import NO_ROWS, Estimate
from analysis.stats.quantiles import quantile

QUESTION: Final = (
    "What does the proxy itself cost, by size, at once, and beside a raw pass-through?"
)
NONE_YET: Final = "There is no benchmark yet: run `make bench`, about five minutes."
_CAVEAT: Final = (
    "CPU of one machine, which may have done other things: read the ratios, not the microseconds. "
    "An event's share has the opening of its request in it."
)
_SCHEMA: Final = pl.Schema(
    {
        "run": pl.String(),
        "machine": pl.String(),
        "kind": pl.String(),
        "subject": pl.String(),
        "workload": pl.String(),
        "at a time": pl.Int64(),
        "part": pl.String(),
        "us": pl.Float64(),
        "lo": pl.Float64(),
        "hi": pl.Float64(),
        "rounds": pl.Int64(),
        "event_us": pl.Float64(),
        "found": pl.Float64(),
        "unit": pl.String(),
        "aim": pl.Float64(),
    }
)


@dataclass(frozen=True, slots=True)
class Runs:
    """Every benchmark of every run, the oldest run first; times in µs, medians over rounds."""

    rows: pl.DataFrame
    place: str

    @property
    def newest(self) -> pl.DataFrame:
        """The newest run in which requests were measured; a run may be of some benchmarks only."""
        known = self.rows.filter(pl.col("kind") == "cpu")["run"]
        return self.rows.filter(pl.col("run") == known.max()) if len(known) else self.rows.head(0)

    def of(self, kind: str) -> pl.DataFrame:
        """Return the newest of each benchmark of a kind."""
        keys = ["subject", "workload", "at a time", "part"]
        return self.rows.filter(pl.col("kind") == kind).unique(
            keys, keep="last", maintain_order=True
        )


def found(place: str = "") -> Runs:
    """Return the runs in a folder; without one, in that of `make bench`."""
    folder = Path(place).expanduser() if place else places.BENCHMARKS
    rows = [row for path in sorted(folder.glob("*.json")) for row in _rows(path)]
    return Runs(pl.DataFrame(rows, schema=_SCHEMA), str(folder))


def _rows(path: Path) -> Iterator[dict[str, object]]:
    try:
        run = json.loads(path.read_text("utf-8"))
    except ValueError:
        return  # it broke off in the middle: a run that is not over is none
    machine = run["machine_info"]
    for one in run["benchmarks"]:
        told: Mapping[str, Any] = one["extra_info"]
        us = _us(one["stats"])
        yield {
            "run": run["datetime"][:19],
            "machine": f"{machine['system']} {machine['release']}, Python "
            f"{machine['python_version']}, {machine['cpu'].get('brand_raw') or 'unknown CPU'}",
            "kind": told.get("kind"),
            "subject": told.get("subject"),
            "workload": told.get("workload"),
            "at a time": told.get("concurrency"),
            "part": told.get("part"),
            "us": us.value,
            "lo": us.lo,
            "hi": us.hi,
            "rounds": us.n,
            "event_us": told.get("per_event_us"),
            "found": told.get("value"),
            "unit": told.get("unit"),
            "aim": told.get("aim"),
        }


def _us(stats: Mapping[str, Any]) -> Estimate:
    """Return the median of the rounds; a part that ran a million times keeps no rounds."""
    rounds = stats.get("data")
    if rounds:
        return quantile(pl.Series(rounds) * 1e6, 0.5)
    median = stats.get("median")
    return NO_ROWS if median is None else Estimate(median * 1e6, n=stats["rounds"])


def ratios(rows: pl.DataFrame) -> pl.DataFrame:
    """Return proxy over floor of each run, workload and number at a time.

    The ends are those of both intervals that lie farthest apart.
    """
    keys = ["run", "workload", "at a time"]
    cpu = rows.filter(pl.col("kind") == "cpu")
    proxy = cpu.filter(pl.col("subject") == "proxy")
    floor = cpu.filter(pl.col("subject") == "floor").select(
        *keys, *(pl.col(name).alias(f"floor_{name}") for name in ("us", "lo", "hi"))
    )
    return proxy.join(floor, on=keys, maintain_order="left").select(
        *keys,
        pl.col("floor_us").alias("floor, µs"),
        pl.col("us").alias("proxy, µs"),
        (pl.col("us") / pl.col("floor_us")).alias("proxy / floor"),
        (pl.col("lo") / pl.col("floor_hi")).alias("at least"),
        (pl.col("hi") / pl.col("floor_lo")).alias("at most"),
        pl.col("event_us").alias("proxy, µs an event"),
        "rounds",
    )


def headlines(runs: Runs) -> list[Headline]:
    """Return the ratios of the newest run."""
    method = "medians of rounds, order statistics of both at their far ends"
    return [
        Headline(
            "benchmark",
            (row["workload"], f"{row['at a time']} at a time"),
            "proxy / floor",
            "ratio",
            row["proxy / floor"],
            row["at least"],
            row["at most"],
            row["rounds"],
            method=method,
        )
        for row in ratios(runs.newest).iter_rows(named=True)
    ]


def answer(page: Page, runs: Runs) -> Answer:
    """Return the opening cell; it needs no request in the ledger."""
    window = f"benchmarks in {runs.place}; and {page.window}"
    newest = runs.newest
    if newest.is_empty():
        return Answer(QUESTION, NONE_YET, (), f"no {window}", _CAVEAT)
    told = headlines(runs)
    values = [one.value for one in told if one.value is not None]
    events = ratios(newest)["proxy, µs an event"].drop_nulls().to_list()
    said = f"Of CPU {min(values):.2f} to {max(values):.2f} times what a raw pass-through costs"
    if events:
        said += f"; {min(events):.0f} to {max(events):.0f} µs for an event of a stream"
    last = newest.row(0, named=True)
    many = words.count(runs.rows["run"].n_unique(), "run")
    when = f"{many}, the newest {last['run'].replace('T', ' ')} UTC on {last['machine']}; {window}"
    return Answer(QUESTION, f"{said}.", tuple(told), when, _CAVEAT)


def beside_the_floor(runs: Runs) -> Panel:
    """Return what requests cost, beside a raw pass-through of the same run."""
    rows = ratios(runs.newest)
    names = [f"{w}, {n} at a time" for w, n in rows.select("workload", "at a time").iter_rows()]
    told = (("floor", "floor, µs"), ("proxy", "proxy, µs"))
    lanes = [Lane(name, names, rows[column].to_list()) for name, column in told]
    title = "What does a request cost, beside a raw pass-through?"
    return Panel(bars(lanes if names else (), title, "µs of CPU"), Table(rows.drop("run")))


def over_time(runs: Runs) -> Panel:
    """Return how the ratios have changed from run to run."""
    rows = ratios(runs.rows)
    lanes = [
        Lane(f"{w}, {n}", part["run"].to_list(), part["proxy / floor"].to_list())
        for (w, n), part in rows.group_by("workload", "at a time", maintain_order=True)
    ]
    shown = rows.select("run", "workload", "at a time", "proxy / floor", "proxy, µs an event")
    title = "Has it become dearer? (proxy / floor)"
    return Panel(lines(lanes, title, "run, UTC", "ratio"), Table(shown.tail(24)))


def scaling(runs: Runs) -> Panel:
    """Return how the cost of a request grows with its size, one and several at a time."""
    cpu = runs.newest.filter((pl.col("kind") == "cpu") & (pl.col("subject") == "proxy"))
    size = pl.col("workload").str.extract(r"^(\d+) KB").cast(pl.Float64)
    form = pl.when(pl.col("workload").str.contains("stream")).then(pl.lit("stream"))
    rows = cpu.select(
        form.otherwise(pl.lit("whole")).alias("answer"),
        "at a time",
        size.alias("KB asked"),
        pl.col("us").alias("µs"),
        pl.col("lo").alias("at least"),
        pl.col("hi").alias("at most"),
    ).sort("answer", "at a time", "KB asked")
    lanes = [
        Lane(
            f"{form}, {many} at a time",
            part["KB asked"].to_list(),
            part["µs"].to_list(),
            part["at least"].to_list(),
            part["at most"].to_list(),
        )
        for (form, many), part in rows.group_by("answer", "at a time", maintain_order=True)
    ]
    title = "How does it grow with the request?"
    return Panel(lines(lanes, title, "KB of the request", "µs of CPU"), Table(rows))


def parts(runs: Runs) -> Panel:
    """Return what the parts cost on their own, the dearest first."""
    rows = (
        runs.of("part")
        .sort("us", "part", descending=[True, False])
        .select("part", "us", "rounds", "run")
    )
    lane = Lane("a call", rows["part"].to_list(), rows["us"].to_list())
    figure = bars([lane] if len(rows) else (), "What do the parts cost?", "µs")
    return Panel(figure.update_yaxes(type="log"), Table(rows))


def ledger(runs: Runs) -> Table:
    """Return what the ledger's benchmarks found, beside what was aimed at."""
    rows = runs.of("ledger").select("part", "found", "unit", "aim", "run")
    return Table(rows, "The ledger, found and aimed at")
