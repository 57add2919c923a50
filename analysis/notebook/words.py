"""Numbers as a person reads them; what is not known is a dash, never 0."""

import math
from collections.abc import Mapping
from typing import Any, Final

UNKNOWN: Final = "–"  # noqa: RUF001  # as in the tables of the command line
_SCALES: Final = ((1e9, "G"), (1e6, "M"), (1e4, "k"))

Row = Mapping[str, Any]


def number(value: float | None, unit: str = "") -> str:
    """Return a number with its unit: shares in percent, long waits in minutes or hours."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    match unit:
        case "share":
            return f"{value * 100:.4g} %" if abs(value) < 1 else f"{value * 100:.1f} %"
        case "USD":
            return f"{value:,.2f} USD" if abs(value) >= 0.01 or not value else f"{value:.2g} USD"  # noqa: PLR2004  # a cent
        case "s":
            return _seconds(value)
        case "tokens":
            return f"{_scaled(value)} tokens"
        case _:
            return _plain(value, "" if unit == "ratio" else unit)


def _plain(value: float, unit: str) -> str:
    is_long = abs(value) >= 1000 or (value == round(value) and abs(value) >= 1)  # noqa: PLR2004  # four digits
    plain = f"{value:,.0f}" if is_long else f"{value:.3g}"
    return f"{plain} {unit}".rstrip()


def _seconds(value: float) -> str:
    for size, name in ((3600, "h"), (60, "min")):
        if abs(value) >= 2 * size:
            return f"{value / size:.3g} {name}"
    return f"{value:.3g} s"


def _scaled(value: float) -> str:
    for size, letter in _SCALES:
        if abs(value) >= size:
            return f"{value / size:.3g} {letter}"
    return f"{value:,.0f}"


def interval(row: Row) -> str:
    """Return the interval of a row of a metric; empty where there is none."""
    lo, hi, unit = row["lo"], row["hi"], row["unit"]
    if lo is None and hi is None:
        return ""
    if lo is None:
        return f"at most {number(hi, unit)}"
    if hi is None:
        return f"at least {number(lo, unit)}"
    if unit == "share":
        return f"{lo * 100:.4g} to {hi * 100:.4g} %"
    return f"{number(lo, unit)} to {number(hi, unit)}"


def with_interval(row: Row) -> str:
    """Return the value of a row of a metric, and its interval in brackets."""
    told, ends = number(row["value"], row["unit"]), interval(row)
    return f"{told} ({ends})" if ends else told


def count(value: int, what: str) -> str:
    """Return so many of something: `1 outage`, `2,400 requests`."""
    return f"{value:,} {what}" if value == 1 else f"{value:,} {what}s"
