"""The named schemas of frames, one per grain; what the columns mean is in `schema.sql`."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from analysis.errors import WrongColumns
from analysis.grains import GRAINS

__all__ = ["DTYPES", "GRAINS", "SCHEMAS", "checked"]

DTYPES: Final[Mapping[str, pl.DataType]] = {
    "UUID": pl.String(),
    "VARCHAR": pl.String(),
    "TIMESTAMP": pl.Datetime("us"),  # UTC
    "DATE": pl.Date(),
    "INTEGER": pl.Int32(),
    "BIGINT": pl.Int64(),
    "DOUBLE": pl.Float64(),
    "BOOLEAN": pl.Boolean(),
}
SCHEMAS: Final = {
    name: pl.Schema({column.name: DTYPES[column.type] for column in table.columns})
    for name, table in GRAINS.items()
}


def checked(name: str, frame: pl.DataFrame, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return the frame if its columns are those that table `name` should have.

    Args:
        name: Of the grain.
        frame: Its rows.
        columns: Those that were asked for, all if `None`.

    Raises:
        WrongColumns: They are not; the message says which.
    """
    schema = SCHEMAS[name]
    wanted = [(column, schema[column]) for column in columns or schema.names()]
    found = list(frame.schema.items())
    if found != wanted:
        odd = ", ".join(f"{column} {dtype}" for column, dtype in {*found} ^ {*wanted})
        raise WrongColumns(f"{name}: got and wanted differ in {odd or 'their order'}")
    return frame
