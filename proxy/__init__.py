"""The proxy: one request in, attempts at providers, one answer out, rows in the ledger."""

from typing import Final

VERSION: Final = "0.1.0"
