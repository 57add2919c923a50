"""From ledger rows to numbers and figures, each number with its interval, n and method.

`open_ledger` opens a ledger, `Selection` says which of its rows are asked about, and
`measure` asks a metric of them. Each is imported when it is first named: the reports of the
command line are in this package, and wait for none of Polars, NumPy and SciPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from analysis.load import Freshness, Ledger, open_ledger
    from analysis.measuring import measure
    from analysis.selection import ALL, Selection

__all__ = ["ALL", "Freshness", "Ledger", "Selection", "measure", "open_ledger"]

_PLACES: Final = {
    "ALL": "analysis.selection",
    "Freshness": "analysis.load",
    "Ledger": "analysis.load",
    "Selection": "analysis.selection",
    "measure": "analysis.measuring",
    "open_ledger": "analysis.load",
}


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module 'analysis' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
