"""DuckDB's extensions for a shared ledger: from wheels, never from the network unasked."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import duckdb

from proxy.errors import LedgerUnusable
from proxy.ledger.sql import quoted

OFFLINE: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false"
}


def load(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...], *, fetches: bool) -> None:
    """Load extensions: those of wheels, or else those that were installed for this DuckDB.

    Args:
        connection: Where to.
        names: Which.
        fetches: DuckDB may ask its makers for what is not here.

    Raises:
        LedgerUnusable: One is missing; the message says what to install.
    """
    for name in names:
        try:
            _load(connection, name, fetches=fetches)
        except duckdb.Error:
            raise LedgerUnusable(
                f"a shared ledger needs DuckDB's extension {name}, and there is none here for "
                f'DuckDB {duckdb.__version__}: pip install "pointsman[lake]" brings it and the '
                "DuckDB it is made for, or [ledger] fetch_extensions = true lets DuckDB fetch it"
            ) from None


def _load(connection: duckdb.DuckDBPyConnection, name: str, *, fetches: bool) -> None:
    wheel = _in_wheel(name)
    if wheel is not None:
        connection.execute(f"LOAD {quoted(str(wheel))}")
        return
    try:
        connection.execute(f"LOAD {name}")
    except duckdb.Error:
        if not fetches:
            raise
        connection.execute(f"INSTALL {name}")
        connection.execute(f"LOAD {name}")


def _in_wheel(name: str) -> Path | None:
    """Return the file of an installed wheel if it is for the DuckDB at hand."""
    spec = find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        return None
    version = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}"
    file = version / f"{name}.duckdb_extension"
    return file if file.exists() else None
