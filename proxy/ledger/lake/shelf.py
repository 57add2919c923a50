"""Where the Parquet of a shared ledger is put: a folder of all hosts, or object storage."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from proxy.ledger import sql
from proxy.ledger.folder import sync_folder
from proxy.ledger.parquet import write


@dataclass(frozen=True, slots=True)
class Files:
    """What one journal came to: its files and their rows, by table.

    They lie where DuckLake would put files of its own: so the catalog knows them by their place in
    the storage, and hosts may have that mounted at different places.
    """

    place: str  # with its last slash
    connection: duckdb.DuckDBPyConnection  # knows how to reach the storage
    files: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def put(self, connection: duckdb.DuckDBPyConnection, query: str, table: str, stem: str) -> int:
        """Write what `query` gives, whole or not at all, and return how many rows.

        Raises:
            OSError: The folder cannot be written.
            duckdb.Error: The storage cannot be, or the query is wrong.
        """
        file = f"{self.place}main/{table}/{table}-{stem}.parquet"
        rows = self._upload(query, file) if "://" in file else _write(connection, query, Path(file))
        if rows:
            self.files[table], self.rows[table] = file, rows
        return rows

    def _upload(self, query: str, file: str) -> int:
        """Write to object storage, where a file is there whole or not at all."""
        kept = f"CREATE OR REPLACE TEMP TABLE going AS {query}"
        counted = self.connection.execute(kept).fetchone()
        rows = int(counted[0]) if counted else 0
        if rows:
            self.connection.execute(sql.copy_to(file, "SELECT * FROM temp.going"))
        self.connection.execute("DROP TABLE temp.going")
        return rows


def _write(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> int:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    rows = write(connection, query, file)
    sync_folder(file.parent)
    return rows
