"""The columns are written down once; whoever else has them must agree."""

from pathlib import Path
from types import UnionType
from typing import Literal, Union, get_args, get_origin, get_type_hints

import duckdb
import msgspec
import pytest

from proxy.ledger import schema
from proxy.ledger.schema import ROLLUPS, TABLES, Table, parse
from proxy.record import AttemptRow, EventRow, LossRow, RequestRow, Tokens

ROWS: dict[str, type[msgspec.Struct]] = {
    "requests": RequestRow,
    "attempts": AttemptRow,
    "losses": LossRow,
    "events": EventRow,
}
TYPES = {
    "UUID": str,
    "VARCHAR": str,
    "TIMESTAMP": int,
    "INTEGER": int,
    "BIGINT": int,
    "DOUBLE": float,
    "BOOLEAN": bool,
}


def described(row: type[msgspec.Struct]) -> list[tuple[str, type, bool]]:
    """Return name, type and whether it may be unknown: the row's own fields, then the tokens."""
    shared = set(Tokens.__struct_fields__) if issubclass(row, Tokens) else set()
    names = [name for name in row.__struct_fields__ if name not in shared]
    hints = get_type_hints(row)
    return [
        (name, *plain(hints[name]))
        for name in [*names, *sorted(shared, key=Tokens.__struct_fields__.index)]
    ]


def plain(hint: object) -> tuple[type, bool]:
    if get_origin(hint) in {UnionType, Union}:
        (known,) = (one for one in get_args(hint) if one is not type(None))
        return plain(known)[0], True
    if get_origin(hint) is Literal:
        return str, False
    assert isinstance(hint, type)
    return hint, False


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_rows_and_columns_are_the_same(table: Table) -> None:
    columns = [(c.field, TYPES[c.type], c.nullable) for c in table.columns]
    assert columns == described(ROWS[table.name])


def test_duckdb_reads_the_schema_as_we_do() -> None:
    text = Path(schema.__file__).with_name("schema.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute(text)
        for table in (*TABLES, ROLLUPS):
            found = connection.execute(f"DESCRIBE {table.name}").fetchall()
            assert [row[:3] for row in found] == [
                (c.name, c.type, "YES" if c.nullable else "NO") for c in table.columns
            ]


def test_a_column_without_its_meaning_is_refused() -> None:
    with pytest.raises(ValueError, match="want `  name TYPE"):
        parse("CREATE TABLE requests (\n  request_id UUID NOT NULL\n);\n")
