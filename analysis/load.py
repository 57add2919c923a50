"""The ledger as Polars frames, each with a schema that is checked when it is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import duckdb
import polars as pl

from proxy.ledger import views
from proxy.ledger.schema import ROLLUPS, TABLES

DTYPES: Final[Mapping[str, pl.DataType]] = {
    "UUID": pl.String(),
    "VARCHAR": pl.String(),
    "TIMESTAMP": pl.Datetime("us"),  # UTC
    "DATE": pl.Date(),  # likewise
    "INTEGER": pl.Int32(),
    "BIGINT": pl.Int64(),
    "DOUBLE": pl.Float64(),
    "BOOLEAN": pl.Boolean(),
}
SCHEMAS: Final = {
    table.name: pl.Schema({column.name: DTYPES[column.type] for column in table.columns})
    for table in (*TABLES, ROLLUPS)
}


class WrongColumns(Exception):  # noqa: N818  # reads as what is the matter
    """The ledger has other columns than this version reads."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open ledger; each call reads what is in it by then, also while the proxy writes."""

    connection: duckdb.DuckDBPyConnection

    def requests(self) -> pl.DataFrame:
        """One row per request, by the time it was received; columns as in `schema.sql`."""
        return self._frame("requests", "received_at, request_id")

    def attempts(self) -> pl.DataFrame:
        """One row per attempt, by the time it was started; columns as in `schema.sql`."""
        return self._frame("attempts", "started_at, request_id, attempt_no")

    def losses(self) -> pl.DataFrame:
        """One row per thing that a conversion could not carry; columns as in `schema.sql`."""
        return self._frame("losses", "request_id, attempt_no, path")

    def events(self) -> pl.DataFrame:
        """One row per thing that happened, by its time; columns as in `schema.sql`."""
        return self._frame("events", "event_at, event_id")

    def rollups(self) -> pl.DataFrame:
        """Sums by day and names, of days that are gone too; columns as in `schema.sql`.

        Rows of one day and of equal names add up: there may be several.
        """
        return self._frame("rollups", "day, app, provider, model, failure, requests, attempts")

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

    def _frame(self, name: str, order: str) -> pl.DataFrame:
        view = self.connection.view
        frame = views.again_if_gone(lambda: view(name).order(order).pl())
        return checked(name, frame)


def open_ledger(root: Path) -> Ledger:
    """Open the ledger in a folder, read-only.

    Raises:
        proxy.errors.LedgerUnusable: There is none, or it cannot be opened.
    """
    return Ledger(views.open_ledger(root))


def checked(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame if its columns are those that table `name` should have.

    Raises:
        WrongColumns: They are not; the message says which.
    """
    found, wanted = frame.schema.items(), SCHEMAS[name].items()
    if list(found) != list(wanted):
        odd = ", ".join(f"{column} {dtype}" for column, dtype in found ^ wanted)
        raise WrongColumns(f"{name}: got and wanted differ in {odd or 'their order'}")
    return frame
