"""One question to the ledger, in SQL, by someone who types."""

from dataclasses import dataclass
from typing import Final

import duckdb

from proxy.errors import LedgerRefused
from proxy.ledger.lake.address import Store
from proxy.ledger.views import again_if_gone, open_ledger, sentence

_READS: Final = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
_ZONED: Final = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of plain values, in the order of `columns`."""

    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]


def ask(store: Store, text: str) -> Answer:
    """Return what one statement that only reads gives.

    Raises:
        LedgerUnusable: There is no ledger, or it cannot be opened.
        LedgerRefused: It is something else, or cannot be answered; the message is one sentence.
    """
    with open_ledger(store) as connection:
        try:
            _check(text)
            connection.execute("SET TimeZone = 'UTC'")  # by which now() is compared with a column
            return again_if_gone(lambda: _answer(connection, text))
        except duckdb.Error as error:
            raise LedgerRefused(f"the ledger does not answer that: {sentence(error)}") from error


def _check(text: str) -> None:
    statements = duckdb.extract_statements(text)
    if len(statements) != 1 or statements[0].type not in _READS:
        raise LedgerRefused("the ledger is only read: give one statement, as in SELECT … FROM …")


def _answer(connection: duckdb.DuckDBPyConnection, text: str) -> Answer:
    result = connection.execute(text)
    for name, kind, *_ in result.description:
        if str(kind) == _ZONED:
            raise LedgerRefused(
                f"{name} has a time zone, and the ledger's times are UTC: "
                "cast it, as in now()::TIMESTAMP"
            )
    return Answer(tuple(column[0] for column in result.description), result.fetchall())
