# ruff: noqa: S608  # names come from schema.sql, and paths go through quoted()
"""The SQL of the ledger: rows where they lie, journals or Parquet, and the views over both."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from proxy.ledger.commits import FENCE_US, GRACE_US
from proxy.ledger.folder import Folder
from proxy.ledger.schema import BODIES, ROLLUPS, TABLES, VERSION, Table

_KEYS: Final = 5  # the first columns of rollups: what a row is about

SCHEMA_KEY: Final = "pointsman_schema"  # in the metadata of a Parquet file; version 1 began without

# Twice the longest line that a journal takes; and a line that is no JSON becomes NULLs. A checksum
# cannot be computed in SQL: a damaged line that is still JSON is found at conversion only.
_LINES: Final = (
    "format = 'newline_delimited', ignore_errors = true, "
    "maximum_object_size = 16777216, filename = true"
)
_REFUSED: Final = (
    "this transaction is older than the newest part of the ledger by more than it may be "
    "(or the clock was set back): end it and ask again"
)


def quoted(text: str) -> str:
    """Return a string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


# All that a line can hold, also what no table needs: a key that is not named here is five times
# slower to pass over than one that is.
_LINE: Final = ", ".join(
    [f"{table.key}: {quoted(table.key_type)}" for table in TABLES]
    + [f"{key}: 'VARCHAR'" for key in ("crc", "writer", "open")]
)


def pattern(folder: Path, names: str) -> str:
    """Return a literal that matches `names`, a pattern, in a folder that may be called anything."""
    literal = "".join(f"[{one}]" if one in "[*?" else one for one in str(folder))
    return quoted(f"{literal}/{names}")


def in_journal(table: Table, files: str) -> str:
    """Return a query for the rows in journals, and `file_name`, where each was found.

    Lines without such rows are left out, and so are lines that cannot be read.
    """
    source = _json_lines(files, _LINE)
    if table.key_type.endswith("[]"):
        source = f"(SELECT unnest({table.key}) AS {table.key}, filename FROM {source})"
    columns = ", ".join(column.taken_from(table.key) for column in table.columns)
    return (
        f"SELECT {columns}, parse_filename(filename) AS file_name "
        f"FROM {source} WHERE {table.key}.{table.columns[0].field} IS NOT NULL"
    )


def in_parquet(table: Table, files: str) -> str:
    """Return a query for the rows in Parquet files, and `file_name`, where each was found.

    A column that an old file does not have is NULL.
    """
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    return (
        f"SELECT {columns}, parse_filename(filename) AS file_name "
        f"FROM read_parquet({files}, union_by_name = true, filename = true)"
    )


def with_parents(rows: str, files: str) -> str:
    """Return a query for the `rows` of requests with what `files` say of each one's parent."""
    found = _json_lines(files, "request_id: 'UUID', parent_request: 'UUID', lcp_chars: 'BIGINT'")
    return (
        "SELECT row.* REPLACE (found.parent_request AS parent_request, "
        "found.lcp_chars AS lcp_chars) "
        f"FROM ({rows}) AS row LEFT JOIN {found} AS found USING (request_id)"
    )


def recent_chains(files: Sequence[Path]) -> str:
    """Return a query for the newest chains: its parameters are a time, and how many rows."""
    names = ", ".join(quoted(str(file)) for file in files)
    return (
        "SELECT request_id::VARCHAR, epoch_us(received_at), app, client_key, prefix_chain "
        f"FROM read_parquet([{names}], union_by_name = true) "
        "WHERE prefix_chain IS NOT NULL AND epoch_us(received_at) >= ? "
        "ORDER BY received_at DESC LIMIT ?"
    )


def no_rows(table: Table) -> str:
    """Return a query that has the columns of `table` and nothing in them."""
    columns = ", ".join(f'NULL::{column.type} AS "{column.name}"' for column in table.columns)
    return f"SELECT {columns}, NULL AS file_name WHERE false"


def as_fields(table: Table) -> str:
    """Return a query for rows as the row structs have them: names, and plain values."""
    plain = {"TIMESTAMP": "epoch_us({})", "UUID": "{}::VARCHAR"}
    columns = ", ".join(
        f'{plain.get(column.type, "{}").format(column.name)} AS "{column.field}"'
        for column in table.columns
    )
    return f"SELECT {columns} FROM {table.name}"


def copy_to(target: Path | str, query: str) -> str:
    """Return the statement that writes one of the queries above into a Parquet file."""
    return (
        f"COPY (SELECT * EXCLUDE file_name FROM ({query})) "
        f"TO {quoted(str(target))} "
        f"(FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd, "
        f"KV_METADATA {{{SCHEMA_KEY}: '{VERSION}'}})"
    )


def view(folder: Folder, table: Table) -> str:
    """Return the statement that makes a view in which each row is exactly once.

    Which files count is decided for each use, by commits older than the fence: as often as a query
    reads them, they come to the same. They are no CTE: DuckDB would read every column for a count.
    """
    return f"CREATE VIEW {table.name} AS\n{counted(folder, table)}"


def counted(folder: Folder, table: Table, but: str = "") -> str:
    """Return a query for the rows that count; `but` is a condition more for those in journals."""
    live = in_journal(table, pattern(folder.journal, "*.jsonl"))
    return f"""{stored(folder, table)}
UNION ALL
SELECT * EXCLUDE file_name FROM ({live})
WHERE file_name NOT IN (SELECT unnest("drop") FROM {_commits(folder)})
AND {remembered(table, f'SELECT unnest("forget") FROM {_commits(folder)}')}{but}"""


def remembered(table: Table, forgotten: str) -> str:
    """Return a condition for rows that belong to none of the ids that a query, or a list, has."""
    own = [column.name for column in table.columns if column.name in {"request_id", "event_id"}]
    return " AND ".join(f"({name} IS NULL OR {name} NOT IN ({forgotten}))" for name in own)


def body_view(folder: Folder) -> str:
    """Return the statement that makes the view of the bodies that are stored."""
    columns = ", ".join(column.taken_from("body") for column in BODIES.columns)
    fields = ", ".join(f'"{column.field}" {column.field_type}' for column in BODIES.columns)
    known = f"body: {quoted(f'STRUCT({fields})')}"
    known += "".join(f", {key}: 'VARCHAR'" for key in ("crc", "segment", "frame"))
    lines = _json_lines(pattern(folder.bodies, "*.jsonl"), known)
    return f"""CREATE VIEW {BODIES.name} AS
SELECT {columns} FROM {lines} WHERE body.request_id IS NOT NULL
AND body.request_id NOT IN (SELECT unnest("forget") FROM {_commits(folder)})"""


def rollup_view(folder: Folder) -> str:
    """Return the statement that makes the view of days: those that are gone, and all others."""
    return f"CREATE VIEW rollups AS\n{stored(folder, ROLLUPS)}\nUNION ALL\n{rest_rolled_up()}"


def rest_rolled_up() -> str:
    """Return a query for what the views of rows come to."""
    columns = ", ".join(column.name for column in ROLLUPS.columns)
    rest = rolled_up("SELECT * FROM requests", "SELECT * FROM attempts")
    return f"SELECT {columns} FROM ({rest})"


def rolled_up(requests: str, attempts: str) -> str:
    """Return a query for what the rows of two queries come to, in the columns of rollups."""
    names = [column.name for column in ROLLUPS.columns]
    keys, sums = names[:_KEYS], names[_KEYS:]
    tokens = [name for name in sums if name.endswith("_tokens")]
    of_request = {
        "requests": "1",
        "whole": "(outcome = 'whole')::BIGINT",
        "first_content_requests": "(first_content_us IS NOT NULL)::BIGINT",
        "first_content_sum_us": "first_content_us",
        "total_requests": "(total_us IS NOT NULL)::BIGINT",
        "total_sum_us": "total_us",
    }
    of_attempt = {"attempts": "1", "attempts_sum_us": "a.total_us"}
    of_attempt |= {name: f"a.{name}" for name in tokens}
    unknown = {name: "NULL" if name in tokens or "_sum_" in name else "0" for name in sums}
    added = ", ".join(f"sum({name})::BIGINT AS {name}" for name in sums)
    return f"""SELECT {", ".join(keys)}, {added} FROM (
  SELECT received_at::DATE AS day, app, provider, model_sent AS model, NULL::VARCHAR AS failure,
    {_named(unknown | of_request)}
  FROM ({requests})
  UNION ALL
  SELECT r.received_at::DATE, r.app, a.provider, a.model_sent, a.failure,
    {_named(unknown | of_attempt)}
  FROM ({attempts}) AS a JOIN ({requests}) AS r USING (request_id)
) GROUP BY ALL"""


def _named(values: Mapping[str, str]) -> str:
    return ", ".join(f"{value} AS {name}" for name, value in values.items())


def stored(folder: Folder, table: Table) -> str:
    """Return a query for the rows in Parquet that count: added, and never dropped."""
    rows = in_parquet(table, pattern(folder.data, f"{table.name}-*.parquet"))
    added = '[{name: one, counts: true} for one in coalesce("add", [])]'
    dropped = '[{name: one, counts: false} for one in coalesce("drop", [])]'
    named = f"unnest({added} || {dropped}, recursive := true)"
    return f"""SELECT * EXCLUDE file_name FROM ({rows})
WHERE file_name IN (
  SELECT name FROM (SELECT {named} FROM {_commits(folder)}) GROUP BY name HAVING bool_and(counts)
)"""


def _commits(folder: Folder) -> str:
    """Return a query, in brackets, for the commits that count at the beginning of a transaction."""
    files = pattern(folder.root, folder.commits.name)
    found = _json_lines(files, "t: 'BIGINT', add: 'VARCHAR[]', drop: 'VARCHAR[]', forget: 'UUID[]'")
    return f"""(SELECT "add", "drop", "forget" FROM {found}
  WHERE CASE WHEN t > epoch_us(now()) + {GRACE_US // 2} THEN error({quoted(_REFUSED)})
        ELSE t <= epoch_us(now()) - {FENCE_US} END)"""


def _json_lines(files: str, columns: str) -> str:
    return f"read_json({files}, columns = {{{columns}}}, {_LINES})"
