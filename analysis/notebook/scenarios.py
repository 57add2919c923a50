"""`07_fault_scenarios`: what the proxy does when providers fail in ways that are known.

Scenarios are played by `pointsman replay` in a process of its own: it runs in virtual time, which
no notebook's loop does, and the analysis does not know the fakes. What it prints is kept and read.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from analysis.errors import NoNotebook
from analysis.notebook import words
from analysis.notebook.answer import Answer, Headline
from analysis.notebook.charts import Lane, bars
from analysis.notebook.opening import Page
from analysis.notebook.showing import Panel, Table
from analysis.stats.proportions import Count, plain

QUESTION: Final = "What does the proxy do when providers fail in known ways, and which policy pays?"
_CAVEAT: Final = (
    "these are fakes in virtual time, each fault alone and each run one seed: they say what the "
    "proxy does, not how often a provider fails so. The ledger's own failures stand at the end."
)
FAULTS: Final = (
    "server-error-once",
    "rate-limit-lasting",
    "overload-lasting",
    "never-answers",
    "reset-before-head",
    "stall-midway",
    "cut-midway",
    "error-midway",
    "all-down",
    "own-fault-400",
)
"""Of the library those that take longest to think about; `pointsman replay list` has all."""

_COLUMNS: Final = pl.Schema(
    {
        "scenario": pl.String(),
        "cell": pl.String(),
        "what happens": pl.String(),
        "grade": pl.String(),
        "as wanted": pl.Boolean(),
        "requests": pl.Int64(),
        "attempts": pl.Int64(),
        "found": pl.String(),
        "events": pl.String(),
    }
)
MEASURES: Final = ("request_success", "attempts_per_request", "first_content_p95_s", "token_hit")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What came of the runs: one row each, with `MEASURES` after the columns that say which."""

    rows: pl.DataFrame

    @property
    def failed(self) -> pl.DataFrame:
        """Runs in which something was as it should not be."""
        return self.rows.filter(~pl.col("as wanted"))

    @property
    def as_wanted(self) -> Headline:
        """How many of the runs went as their scenario wants."""
        n, k = len(self.rows), int(self.rows["as wanted"].sum())
        found = plain(Count(k, n))
        method = "Wilson, over runs of other faults and wires"
        ends = (found.value, found.lo, found.hi)
        return Headline("replay", (), "runs as wanted", "share", *ends, n, method=method)


def played(names: Sequence[str] = FAULTS, policies: Sequence[str] = (), seed: int = 1) -> Verdicts:
    """Play scenarios of the library, under several policies if some are named.

    Raises:
        NoNotebook: They cannot be played.
    """
    asked = ["matrix" if policies else "run", *names, "--json", "--seed", str(seed)]
    asked += [word for policy in policies for word in ("--policy", policy)]
    done = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-m", "proxy", "replay", *asked],
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout.strip():
        raise NoNotebook(f"the scenarios could not be played: {done.stderr.strip()[-300:]}")
    return read(done.stdout)


def stored(path: Path) -> Verdicts:
    """Read what `pointsman replay run --json > FILE` has kept."""
    return read(path.read_text("utf-8"))


def read(text: str) -> Verdicts:
    """Read verdicts, one JSON object a line."""
    rows = [_row(json.loads(line)) for line in text.splitlines() if line.startswith("{")]
    measures = {name: pl.Float64() for name in MEASURES}
    return Verdicts(pl.DataFrame(rows, schema={**_COLUMNS, **measures}))


def _row(one: dict[str, Any]) -> dict[str, Any]:
    name, _, cell = one["id"].partition("[")
    found = [f"{it['code']}: {it['what']}" for it in one.get("findings", [])]
    return {
        "scenario": name,
        "cell": cell.removesuffix("]"),
        "what happens": one["title"],
        "grade": one["grade"],
        "as wanted": one["passed"],
        "requests": one["requests"],
        "attempts": one["attempts"],
        "found": "; ".join([*found, *one.get("broken", [])]) or None,
        "events": (one.get("events_sha256") or "")[:12] or None,
        **{measure: one.get("measures", {}).get(measure) for measure in MEASURES},
    }


def answer(page: Page, faults: Verdicts, policies: Verdicts) -> Answer:
    """Return the opening cell; it needs no request in the ledger."""
    grades = dict(faults.rows.group_by("grade").len().iter_rows())
    told = ", ".join(f"{grades[one]} {one}" for one in ("pass", "safe", "fail") if one in grades)
    said = f"{words.count(len(faults.rows), 'run')} of {faults.rows['scenario'].n_unique()} faults"
    said += f": {told}; {faults.as_wanted} as wanted. "
    by_policy = _policies(policies)
    if len(by_policy):
        best, worst = by_policy.row(0, named=True), by_policy.row(-1, named=True)
        said += (
            f"Attempts for a request of a flapping provider: {best['attempts_per_request']:.2f} "
            f"under {best['policy']}, {worst['attempts_per_request']:.2f} under {worst['policy']}."
        )
    return Answer(QUESTION, said, (faults.as_wanted,), page.window, _CAVEAT)


def grades(verdicts: Verdicts) -> Panel:
    """Return how each scenario ended, on each wire."""
    counts = verdicts.rows.group_by("scenario", "grade", maintain_order=True).len()
    lanes = []
    for grade in ("pass", "safe", "fail"):
        part = counts.filter(pl.col("grade") == grade)
        if len(part):
            lanes.append(Lane(grade, part["scenario"].to_list(), part["len"].to_list()))
    figure = bars(lanes, "How does each fault end? (runs, one a wire)", "runs", stacked=True)
    shown = verdicts.rows.select(
        "scenario", "cell", "what happens", "grade", "as wanted", "requests", "attempts", "found"
    )
    return Panel(figure, Table(shown, "pass: whole answers; safe: told cleanly; fail: neither"))


def _policies(verdicts: Verdicts) -> pl.DataFrame:
    policy = pl.col("cell").str.extract(r"policy=(\w+)").alias("policy")
    means = [pl.col(name).mean() for name in MEASURES]
    return (
        verdicts.rows.with_columns(policy)
        .group_by("policy")
        .agg(pl.len().alias("runs"), pl.col("requests").sum(), *means)
        .sort("attempts_per_request", "policy")
    )


def by_policy(verdicts: Verdicts) -> Panel:
    """Return what each policy came to in the same runs."""
    rows = _policies(verdicts)
    lanes = [Lane("attempts", rows["policy"].to_list(), rows["attempts_per_request"].to_list())]
    title = "How many attempts does a request take under each policy?"
    return Panel(bars(lanes if len(rows) else (), title, "attempts for a request"), Table(rows))


def again(names: Sequence[str], first: Verdicts, seed: int = 1) -> Table:
    """Play scenarios once more, and say of each whether the same happened, event for event."""
    second = played(names, seed=seed).rows.select(
        "scenario", "cell", pl.col("events").alias("then")
    )
    both = first.rows.join(second, on=["scenario", "cell"]).select(
        "scenario", "cell", "events", "then", (pl.col("events") == pl.col("then")).alias("same")
    )
    return Table(both, "The same scenario, played twice")
