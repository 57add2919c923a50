"""Intervals as Plotly draws them at a point."""

import polars as pl


def whiskers(value: pl.Series, lo: pl.Series, hi: pl.Series) -> dict[str, object]:
    """Return the bars from `lo` to `hi` around each `value`, as lengths."""
    return {
        "type": "data",
        "symmetric": False,
        "array": (hi - value).to_list(),
        "arrayminus": (value - lo).to_list(),
    }
