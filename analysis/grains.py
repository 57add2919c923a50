"""The grains of a ledger: each is a table, or a view, whose columns stand in `schema.sql`."""

from collections.abc import Mapping
from typing import Final

from proxy.ledger.schema import ROLLUPS, TABLES, Table

GRAINS: Final[Mapping[str, Table]] = {table.name: table for table in (*TABLES, ROLLUPS)}
