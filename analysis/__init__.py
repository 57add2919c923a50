"""From ledger rows to numbers and figures, each number with its interval, n and method.

`open_ledger` opens a ledger, `Selection` says which of its rows are asked about, and
`measure` asks a metric of them.
"""

from analysis.load import Freshness, Ledger, open_ledger
from analysis.measure import measure
from analysis.selection import ALL, Selection

__all__ = ["ALL", "Freshness", "Ledger", "Selection", "measure", "open_ledger"]
