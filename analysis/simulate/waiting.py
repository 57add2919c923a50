"""When first content would come from each place, and when a place was away.

First content: each place's mean, plus so much for each thousand tokens that are not read from its
cache, times what the request's own answer was off by: a slow one stays slow wherever it goes.
Source: estimators 6.5 and 6.10. A place is away in the outages of its provider.
"""

from datetime import UTC
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.metrics.outages import Outage
from analysis.simulate.sharing import Real
from analysis.simulate.worlds import World

FEWEST: Final = 20  # rows that a line is put through; of a place with less, that of all


def first_ms(known: World, unread: Real) -> Real:
    """Return when first content of each row would come from each place; NaN: not known.

    Args:
        known: The world.
        unread: Tokens of each row (and place, as a column) that are not in the cache.
    """
    rows, logged = known.arrivals.rows, known.logged
    seen_ms = rows["first_us"].cast(float).to_numpy() / 1e3
    was = (rows["prompt"] - rows["read"].fill_null(0)).to_numpy() / 1e3
    usable = np.isfinite(seen_ms)
    made = np.full((len(rows), len(known.arrivals.places)), np.nan)
    if not usable.any():
        return made
    of_all = _line(was[usable], seen_ms[usable])
    lines = []
    for number in range(made.shape[1]):
        its = usable & (logged == number)
        lines.append(_line(was[its], seen_ms[its]) if its.sum() >= FEWEST else of_all)
    own = np.asarray(lines)[logged]
    off = seen_ms / (own[:, 0] + own[:, 1] * was)
    for number, (base, slope) in enumerate(lines):
        made[:, number] = off * (base + slope * unread[:, number] / 1e3)
    return made


def _line(x: Real, y: Real) -> tuple[float, float]:
    """Return base and slope of a line that rises or is level, and is above 0."""
    slope = 0.0
    if len(x) > 1 and x.std() > 0:
        slope = max(0.0, float(np.cov(x, y, bias=True)[0, 1] / x.var()))
    base = float(y.mean() - slope * x.mean())
    if base > 0:
        return base, slope
    return max(float(y.mean()), 1.0), 0.0


def down(known: World, found: list[Outage]) -> NDArray[np.bool_] | None:
    """Return whether each place (column) is away when each row comes; `None`: nobody ever is."""
    places = known.arrivals.places
    at_us = known.arrivals.rows["at_us"].to_numpy()
    away = np.zeros((len(at_us), len(places)), dtype=bool)
    for one in found:
        since = one.began.replace(tzinfo=UTC).timestamp() * 1e6
        ended = one.ended or one.last_failure
        until = ended.replace(tzinfo=UTC).timestamp() * 1e6
        here = (at_us >= since) & (at_us < until)
        for number, place in enumerate(places):
            away[:, number] |= here & (place.provider == one.provider)
    return away if away.any() else None
