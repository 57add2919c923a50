"""From ledger rows to numbers and figures, each number with its interval, n and method.

`open_ledger` opens a ledger, `Selection` says which of its rows are asked about.
"""

from analysis.load import Freshness, Ledger, open_ledger
from analysis.selection import ALL, Selection

__all__ = ["ALL", "Freshness", "Ledger", "Selection", "open_ledger"]
