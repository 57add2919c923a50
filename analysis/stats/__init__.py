"""Estimators: pure functions from counts and values to an `Estimate`; they know no ledger.

Each says in its docstring what it assumes. Confidence is 95 % throughout.
"""

from analysis.stats.estimate import NO_ROWS, Estimate

__all__ = ["NO_ROWS", "Estimate"]
