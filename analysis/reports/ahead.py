"""Where the five-hour block under way will end, if it goes on like this; it needs frames."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from analysis.load import Ledger
from analysis.metrics.blocks import forecast
from analysis.selection import Selection
from analysis.sources import Source
from analysis.stats import Estimate

_FORMS: Final = {
    "projected tokens": ("{:,.0f}", "tokens"),
    "projected list_usd": ("{:,.2f}", "USD by the list"),
    "projected paid_usd": ("{:,.2f}", "USD as paid"),
}


def lines(source: Source, selection: Selection, now: datetime) -> Iterator[str]:
    """Return a line for each measure; the prices are those that the report has put there."""
    rows = Ledger(source).ask("blocks", selection)
    for line in forecast(rows, now):
        form, unit = _FORMS[line.what]
        (block,) = line.about
        yield f"block {block}, at its end if it goes on: {_shown(line.estimate, form)} {unit}"


def _shown(estimate: Estimate, form: str) -> str:
    value, lo, hi = estimate.value, estimate.lo, estimate.hi
    if value is None or lo is None or hi is None:
        return form.format(value or 0.0)
    return f"{form.format(value)} ({form.format(lo)}–{form.format(hi)})"  # noqa: RUF001  # a range has an en dash
