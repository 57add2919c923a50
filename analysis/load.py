"""The ledger for whoever asks questions: relations and frames of each grain, and named queries.

Nothing is loaded before it is asked for: a relation is a query that DuckDB has not run, and the
limits of a selection go into it, so ten million rows open as fast as ten.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import duckdb
import polars as pl

from analysis.asking import question, with_macros
from analysis.errors import EmptyLedger
from analysis.schemas import GRAINS, checked
from analysis.selection import ALL, Selection, rows, utc
from analysis.sources import Kind, Source, open_source
from proxy.ledger.views import again_if_gone

_ORDERS: Final = {
    "requests": ("received_at", "request_id"),
    "attempts": ("started_at", "request_id", "attempt_no"),
    "losses": ("request_id", "attempt_no", "path"),
    "events": ("event_at", "event_id"),
    "rollups": ("day", "app", "provider", "model", "failure", "requests", "attempts"),
}


@dataclass(frozen=True, slots=True)
class Freshness:
    """How new what a ledger shows is; all times are UTC."""

    kind: Kind
    newest_at: datetime | None  # when the newest request was received
    made_at: datetime | None  # when it was written down; `None`: it grows while it is read

    def __str__(self) -> str:
        newest = "it holds no request"
        if self.newest_at is not None:
            newest = f"the newest request came in at {self.newest_at:%Y-%m-%d %H:%M:%S} UTC"
        if self.kind == "shared":
            return f"shared, other hosts' requests show once they are handed over; {newest}"
        if self.made_at is None:
            return f"live, a request shows once it has ended; {newest}"
        return f"as of {self.made_at:%Y-%m-%d %H:%M:%S} UTC; {newest}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open ledger; each call reads what is in it by then, also while the proxy writes."""

    source: Source

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """For questions of one's own: the grains are views in its default database."""
        return self.source.connection

    def relation(self, grain: str, selection: Selection = ALL) -> duckdb.DuckDBPyRelation:
        """Return the rows of a grain as a query that has not run; columns as in `schema.sql`."""
        return self.connection.sql(rows(grain, selection))

    def requests(
        self, selection: Selection = ALL, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """One row per request, by the time it was received; all columns if not told which."""
        return self._frame("requests", selection, columns)

    def attempts(
        self, selection: Selection = ALL, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """One row per attempt, by the time it was started; all columns if not told which."""
        return self._frame("attempts", selection, columns)

    def losses(
        self, selection: Selection = ALL, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """One row per thing that a conversion could not carry; all columns if not told which."""
        return self._frame("losses", selection, columns)

    def events(
        self, selection: Selection = ALL, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """One row per thing that happened, by its time; all columns if not told which."""
        return self._frame("events", selection, columns)

    def rollups(
        self, selection: Selection = ALL, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """What each day came to, also days whose rows are gone; only whole days of the range."""
        return self._frame("rollups", selection, columns)

    def ask(self, query: str, selection: Selection = ALL) -> pl.DataFrame:
        """Return what `queries/<query>.sql` gives for the rows of a selection."""
        text = question(query, selection)
        frame = self._read(lambda: self.connection.sql(text))
        # DuckDB sums whole numbers in 128 bits; 64 hold any of ours.
        wide = [name for name, dtype in frame.schema.items() if dtype == pl.Decimal(38, 0)]
        return frame.with_columns(pl.col(wide).cast(pl.Int64))

    def freshness(self) -> Freshness:
        """Say how new what this shows is."""
        newest = "SELECT max(received_at) FROM main.requests"
        found = self._read(lambda: self.connection.sql(newest))
        return Freshness(self.source.kind, found.item(), self.source.made_at)

    def refuse_empty(self, selection: Selection = ALL) -> None:
        """Say so if there is no request to ask about.

        Raises:
            EmptyLedger: There is none, and the message says where.
        """
        if self._read(lambda: self.relation("requests", selection).limit(1)).is_empty():
            asked = "" if selection == ALL else " of what was asked about"
            raise EmptyLedger(f"{self.source.place} holds no request{asked} ({self.freshness()})")

    def refuse_without_attempts(self, selection: Selection) -> None:
        """Say so if there is no attempt to ask about.

        Raises:
            EmptyLedger: There is none, and the message says of what.
        """
        if self._read(lambda: self.relation("attempts", selection).limit(1)).is_empty():
            of_whom = "" if selection.provider is None else f" at {selection.provider}"
            bounds = (("from", selection.since), ("before", selection.until))
            when = "".join(f" {word} {utc(at)} UTC" for word, at in bounds if at is not None)
            raise EmptyLedger(f"{self.source.place} holds no attempt{of_whom}{when}")

    def close(self) -> None:
        """Let the ledger go."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _frame(
        self, grain: str, selection: Selection, columns: Sequence[str] | None
    ) -> pl.DataFrame:
        names = [f'"{name}"' for name in columns or (one.name for one in GRAINS[grain].columns)]
        order = ", ".join(_ORDERS[grain])

        def query() -> duckdb.DuckDBPyRelation:
            return self.relation(grain, selection).order(order).select(*names)

        return checked(grain, self._read(query), columns)

    def _read(self, query: Callable[[], duckdb.DuckDBPyRelation]) -> pl.DataFrame:
        """Run a query; a file may go between its listing and its reading, then it runs again."""
        frame: pl.DataFrame = again_if_gone(lambda: query().pl())
        return frame


def open_ledger(place: Path | str, folder: Path | None = None) -> Ledger:
    """Open a ledger, read-only: the proxy's folder, a snapshot, a folder of Parquet files.

    A shared ledger is opened by its address, as in `[ledger] url`; a password that is not in it is
    taken from PGPASSWORD or PostgreSQL's password file. With this host's own `folder`, rows are in
    it that are not handed over yet.

    Raises:
        AnalysisError: It cannot be read; the message is one sentence.
    """
    source = open_source(place, folder)
    with_macros(source)
    return Ledger(source)
