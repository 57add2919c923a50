"""What each request would cost at each place, given how much of it is in the cache there.

Costs of input are linear in what is read: without any, minus so much for each token. What is not
read is written to the cache as far as the client's marks say so, in the share that the log has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import numpy as np

from analysis.prices.book import COLUMNS, entries_of
from analysis.simulate.arrivals import Arrivals
from analysis.simulate.sharing import Flags, Real, Whole
from analysis.simulate.worlds import World
from proxy.price_list import Pricing
from proxy.routing.candidates import Price

BASES: Final = {"list": "listed", "paid": "paid"}
_DAY_US: Final = 86_400_000_000
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  # the book's times are UTC without saying so
_CLASSES: Final = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "request")


@dataclass(frozen=True, slots=True)
class Bill:
    """USD of each row (and place, as a column); NaN where a price is not known.

    Attributes:
        cold: Of the input, if nothing is read.
        a_token: Less for each token that is read.
        bare: Of the input without any cache.
        output: Of the answer.
    """

    cold: Real
    a_token: Real
    bare: Real
    output: Real


def bill(known: World, pricing: Pricing, basis: str, hour: bool | None = None) -> Bill:
    """Return what rows cost.

    Args:
        known: The world.
        pricing: What is really paid.
        basis: "list" or "paid".
        hour: Whether prompts are written for an hour; `None`: as each was.
    """
    rows = known.arrivals.rows
    usd = _prices(known, pricing, BASES[basis])
    written, hours = _written(known.arrivals, known.logged)
    if hour is not None:
        hours = np.full_like(hours, float(hour))
    prompt = rows["prompt"].to_numpy()[:, None]
    written = np.where(prompt < known.least, 0.0, written)
    a_write = hours * usd["cache_write_1h"] + (1 - hours) * usd["cache_write_5m"]
    unread = (1 - written) * usd["input"] + written * a_write
    answer = rows["output"].to_numpy()[:, None] * usd["output"] / 1e6 + usd["request"]
    return Bill(
        prompt * unread / 1e6,
        (unread - usd["cache_read"]) / 1e6,
        prompt * usd["input"] / 1e6,
        answer,
    )


def _prices(known: World, pricing: Pricing, column: str) -> dict[str, Real]:
    """Return of each class of tokens what a million of them cost, by row and place."""
    rows = known.arrivals.rows
    at_us, prompt = rows["at_us"].to_numpy(), rows["prompt"].to_numpy()
    tiers = rows["service_tier"].fill_null("").to_numpy()
    made = {name: np.full(known.models.shape, np.nan) for name in _CLASSES}
    for number, place in enumerate(known.arrivals.places):
        models = known.models[:, number]
        for model, tier in {*zip(models, tiers, strict=True)}:
            its = np.flatnonzero((models == model) & (tiers == tier))
            for entry in entries_of(place.provider, model, tier or None, pricing) if model else ():
                named = dict(zip(COLUMNS, entry, strict=True))
                fit = its[_counts(named, at_us[its], prompt[its])]
                for name in _CLASSES:
                    price = cast("dict[str, float | None]", named[column])[name]
                    made[name][fit, number] = np.nan if price is None else price
    return made


def _counts(entry: dict[str, Any], at_us: Whole, prompt: Real) -> Flags:
    """Say for which rows an entry of the price book counts."""
    of_day = at_us % _DAY_US
    sides = (
        at_us >= _us(entry["since"]),
        at_us < _us(entry["until"]),
        of_day >= entry["from_us"],
        of_day < entry["to_us"],
        prompt > entry["over_tokens"],
        prompt <= entry["upto_tokens"],
    )
    found: Flags = np.all(sides, axis=0)
    return found


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _written(arrivals: Arrivals, logged: Whole) -> tuple[Real, Real]:
    """Return which part of what is not read is written, and which part of that for an hour.

    Of each row at its own place as it was; at others as those do on average; where nobody reports
    it, all of it: where writing costs nothing more, that does not matter.
    """
    rows = arrivals.rows
    unread = (rows["prompt"] - rows["read"]).to_numpy()
    written, hours = rows["written"].to_numpy(), rows["written_1h"].to_numpy()
    share, long = np.empty((len(rows), 2)).T
    reported = np.isfinite(unread) & np.isfinite(written) & (unread > 0)
    share = np.where(reported, np.clip(_over(written, unread), 0, 1), np.nan)
    long = np.where(reported & (written > 0), np.clip(_over(hours, written), 0, 1), np.nan)
    each = range(len(arrivals.places))
    shares, longs = (np.empty((len(rows), len(arrivals.places))) for _ in range(2))
    for number in each:
        own = (logged == number) & reported
        mean = _mean(written[own], unread[own], 1.0)
        mean_long = _mean(hours[own], written[own], _mean(hours, written, 0.0))
        here = logged == number
        shares[:, number] = np.where(here & np.isfinite(share), share, mean)
        longs[:, number] = np.where(np.isfinite(long), long, mean_long)
    return shares, longs


def _over(some: Real, every: Real) -> Real:
    return np.divide(some, every, out=np.zeros_like(every), where=every > 0)


def _mean(some: Real, every: Real, otherwise: float) -> float:
    total = float(np.nansum(every))
    return float(np.nansum(some)) / total if total > 0 else otherwise


def known_everywhere(bills: Sequence[Bill], known: World) -> Flags:
    """Say which rows have a price wherever they can go: else policies would be of other rows."""
    can = known.models != ""
    fine = np.any(can, axis=1)
    for one in bills:
        priced = np.isfinite(one.cold + one.a_token + one.output + one.bare)
        fine = np.logical_and(fine, np.all(np.logical_or(priced, ~can), axis=1))
    return np.asarray(fine, dtype=np.bool_)


def candidate_prices(known: World, pricing: Pricing) -> dict[str, Price]:
    """Return what each place and model costs at last, and how often its cache has hit, by id."""
    usd = _prices(known, pricing, BASES["paid"])
    rows, logged = known.arrivals.rows, known.logged
    prompt, read = rows["prompt"].to_numpy(), rows["read"].fill_null(0).to_numpy()
    output = rows["output"].to_numpy()
    found = {}
    for number, place in enumerate(known.arrivals.places):
        own = logged == number
        hit = _mean(read[own], prompt[own], 0.0)
        part = _mean(output[own], prompt[own], _mean(output, prompt, 0.0))
        models = known.models[:, number]
        for model in {*models} - {""}:
            last = int(np.flatnonzero(models == model)[-1])
            each = {name: _price(usd[name][last, number]) for name in _CLASSES}
            found[f"{place.account}/{model}"] = Price(
                input_usd=each["input"],
                cache_read_usd=each["cache_read"],
                cache_write_usd=each["cache_write_5m"],
                output_usd=each["output"],
                hit_rate=hit,
                output_part=part,
            )
    return found


def _price(usd: float) -> float | None:
    return float(usd) if np.isfinite(usd) else None
