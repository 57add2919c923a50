"""What `schema.sql` says, for whoever derives something from it. Knows no database."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VERSION: Final = 2
"""Of the schema: one more when an older version would lose or misread what this one writes.

A proxy leaves a ledger of a later version alone; it reads every older one, whose files say NULL
where a column was not there yet.
"""

_MOMENTS: Final = {"requests": "received_at", "events": "event_at"}

_TABLE = re.compile(r"^CREATE TABLE (\w+) \(\n(.*?)^\);", re.DOTALL | re.MULTILINE)
_COLUMN = re.compile(r"^  (\w+) (\w+)( NOT NULL)?,? +-- (.+)$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column, and the field of a row struct that it comes from."""

    name: str
    type: str  # DuckDB's name for it
    nullable: bool
    meaning: str

    @property
    def field(self) -> str:
        """Its name in the row struct: a time is counted in microseconds there."""
        return f"{self.name.removesuffix('_at')}_us" if self.type == "TIMESTAMP" else self.name

    @property
    def field_type(self) -> str:
        """Its DuckDB type in a journal line: no integer there is cast to TIMESTAMP."""
        return "BIGINT" if self.type == "TIMESTAMP" else self.type

    def taken_from(self, struct: str) -> str:
        """Return the SQL expression that makes this column of the struct of a journal line."""
        field = f'{struct}."{self.field}"'
        value = f"make_timestamp({field})" if self.type == "TIMESTAMP" else field
        return f'{value} AS "{self.name}"'


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its rows are in a journal line under `key`, one of them or a list."""

    name: str
    columns: tuple[Column, ...]

    @property
    def moment(self) -> str | None:
        """The column by whose day (UTC) a row is kept; `None`: it goes with its request."""
        return _MOMENTS.get(self.name)

    @property
    def key(self) -> str:
        """Where its rows are in a journal line: a line holds one request, and lists of the rest."""
        return "request" if self.name == "requests" else self.name

    @property
    def key_type(self) -> str:
        """The DuckDB type of what stands under `key`."""
        fields = ", ".join(f'"{column.field}" {column.field_type}' for column in self.columns)
        return f"STRUCT({fields})" if self.key == "request" else f"STRUCT({fields})[]"


def parse(text: str) -> tuple[Table, ...]:
    """Read CREATE TABLE statements that have one column and its comment on each line.

    Raises:
        ValueError: A line inside a statement is not of that shape.
    """
    return tuple(
        Table(name, tuple(_column(line) for line in body.splitlines()))
        for name, body in _TABLE.findall(text)
    )


def _column(line: str) -> Column:
    found = _COLUMN.match(line)
    if found is None:
        message = f"schema.sql: want `  name TYPE [NOT NULL], -- meaning`, got {line!r}"
        raise ValueError(message)
    name, kind, not_null, meaning = found.groups()
    return Column(name, kind, not_null is None, meaning)


_ALL: Final = parse(Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"))

_ASIDE: Final = {"rollups", "bodies"}

TABLES: Final = tuple(table for table in _ALL if table.name not in _ASIDE)
"""What workers write: the rows of one journal line."""

(ROLLUPS,) = (table for table in _ALL if table.name == "rollups")
"""What is made of those."""

(BODIES,) = (table for table in _ALL if table.name == "bodies")
"""What is written where bodies are stored."""
