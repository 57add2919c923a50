"""What whoever asks DuckDB does: ask again where that is right, and tell an error in a line."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, TypeVar

import duckdb

Result = TypeVar("Result")

_TRIES: Final = 5


def again_if_gone(query: Callable[[], Result]) -> Result:
    """Return what `query` does, asking again when a file it had listed was gone."""
    for _ in range(_TRIES - 1):
        try:
            return query()
        except duckdb.IOException:
            time.sleep(0.05)
    return query()


def sentence(error: Exception) -> str:
    """Return what it says as one line, without DuckDB's copy of the query."""
    return " ".join(str(error).partition("\nLINE ")[0].split())


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what is done inside, or nothing of it.

    A transaction is ended in any case: DuckDB aborts the process that closes a connection with one
    whose database has gone.
    """
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # it is over already: the first error says why
            connection.execute("ROLLBACK")
        raise
