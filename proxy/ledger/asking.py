"""What whoever asks DuckDB does: ask again where that is right, and tell an error in a line."""

import time
from collections.abc import Callable
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
