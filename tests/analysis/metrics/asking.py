"""Ask a metric of rows that a test names."""

from pathlib import Path

import polars as pl

from analysis import ALL, Selection, measure
from proxy.price_list import LIST_PRICES, Pricing
from tests.analysis.ledgers import Row, at, ledger_of

SONNET: Row = {"model_sent": "claude-sonnet-4-5"}
"""A model whose list price is 3 USD in, 15 out, 0.3 read, 3.75 and 6 written, for a million."""


class Found:
    """A metric's result, to look lines up in."""

    def __init__(self, frame: pl.DataFrame, keys: int) -> None:
        self.frame = frame
        self.lines = {tuple(row[: keys + 1]): row for row in frame.rows()}
        self.keys = keys

    def value(self, *about: str | None) -> float | None:
        return self._at(about, 2)

    def interval(self, *about: str | None) -> tuple[float | None, float | None]:
        return self._at(about, 3), self._at(about, 4)

    def n(self, *about: str | None) -> int:
        return int(self._at(about, 5) or 0)

    def coverage(self, *about: str | None) -> float | None:
        return self._at(about, 8)

    def method(self, *about: str | None) -> str:
        return str(self._at(about, 7))

    def _at(self, about: tuple[str | None, ...], place: int) -> float | None:
        found: float | None = self.lines[about][self.keys + place]
        return found


def ask(
    folder: Path,
    name: str,
    *,
    pricing: Pricing = LIST_PRICES,
    selection: Selection = ALL,
    **grains: list[Row],
) -> Found:
    with ledger_of(folder, **grains) as ledger:
        frame = measure(ledger, name, selection, pricing)
    keys = frame.columns.index("what")
    return Found(frame, keys)


def attempts(count: int, start_s: float = 0.0, step_s: float = 60.0, **row: object) -> list[Row]:
    """Return equal attempts, one after the other."""
    return [{"started_at": at(start_s + step_s * k), **row} for k in range(count)]


FAILED: Row = {"outcome": "refused", "failure": "server_error", "committed": False}
THROTTLED: Row = {"outcome": "refused", "failure": "rate_limited", "committed": False}
LEFT: Row = {"outcome": "client_left", "failure": "client_left"}
REFUSED: Row = {"outcome": "refused", "failure": "caller_fault", "committed": False}
NO_ACCOUNT: Row = {"outcome": "refused", "failure": "credential", "committed": False}
CRASHED: Row = {"outcome": "crashed", "committed": False}
COUNTING: Row = {"url": "https://one.example/v1/messages/count_tokens", **FAILED}
