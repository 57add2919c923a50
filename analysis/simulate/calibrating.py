"""Whether the model of a cache gives what the provider reported, for the requests it really had.

Half of the sessions find what nobody promises: how long prompts live against the policy, behind how
many accounts a relay hides, and which share of what is there is read. The other half judges: bias
is predicted over reported reads, minus one. Source: estimators 6.10; Alomar et al., "CausalSim"
(NSDI 2023), for why an uncalibrated replay is not worth its interval.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.metrics.metric import ESTIMATE, Line
from analysis.simulate.sharing import Real, Whole, codes
from analysis.simulate.worlds import PROMISED, Cache, World, there
from analysis.stats import NO_ROWS, Estimate
from analysis.stats.estimate import Z
from analysis.stats.resampling import ratio

MOST_BIAS: Final = 0.05
SMALL: Final = 0.05  # share of all reported prompt tokens: of a lesser place the bias is told only
FEWEST_SESSIONS: Final = 4  # with less the same ones fit and judge
_NOTHING: Final = 0.1  # of what is there: less was no reading of it


@dataclass(frozen=True, slots=True)
class Fit:
    """The cache of one place, and how well it predicts.

    Attributes:
        provider: Of the place.
        credential: Of the place.
        cache: As it was found; as promised where nothing was reported.
        off: Standard error of `cache.share`.
        bias: Predicted over reported reads, minus 1, with its interval.
        wape: Off by so much in each session, over what was reported.
        weight: Share of the prompt tokens with a report that it had.
    """

    provider: str
    credential: str
    cache: Cache = PROMISED
    off: float = 0.0
    bias: Estimate = NO_ROWS
    wape: float | None = None
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one place reported.

    Attributes:
        rows: Of the world.
        read: Tokens, of each of these.
        session: Number of each one's session, from 0.
        fits: Of each session, whether it fits; the others judge, and if they are few all do both.
        judges: Of each session, likewise.
    """

    rows: Whole
    read: Real
    session: Whole
    fits: NDArray[np.bool_]
    judges: NDArray[np.bool_]

    def sums(self, values: NDArray[Any]) -> Real:
        """Return the sums of values of `rows` by session."""
        weights: Real = values.astype(np.float64)
        return np.bincount(self.session, weights, minlength=len(self.fits)).astype(np.float64)

    def share(self, tokens: Real) -> float:
        """Return how much is read of what is there, in the sessions that fit."""
        there_of, read_of = (float(self.sums(x)[self.fits].sum()) for x in (tokens, self.read))
        return min(1.0, read_of / there_of) if there_of else 1.0

    def off_by_request(self, tokens: Real) -> float:
        """Return by how many tokens requests are off: what was evicted is off whatever is said."""
        its = self.fits[self.session]
        there_is, read = tokens[its], self.read[its]
        hits = read >= _NOTHING * there_is
        most = there_is[hits].sum()
        usable = min(1.0, float(read[hits].sum() / most)) if most else 1.0
        return float(np.abs(usable * there_is - read).sum())

    def off_by_session(self, tokens: Real) -> float:
        """Return how far sessions are off, squared: who met which account is not known."""
        off = self.share(tokens) * self.sums(tokens) - self.sums(self.read)
        return float((off[self.fits] ** 2).sum())


_Guess = Callable[[Cache], Cache]
_Loss = Callable[[_Seen, Real], float]
_GUESSES: Final[tuple[tuple[tuple[_Guess, ...], _Loss, float], ...]] = (
    (tuple(partial(replace, branches=x) for x in (True, False)), _Seen.off_by_request, 0.05),
    (tuple(partial(replace, lives=x) for x in (1.0, 0.25, 0.5, 2.0)), _Seen.off_by_request, 0.05),
    (tuple(partial(replace, accounts=x) for x in (1, 2, 3, 4, 5)), _Seen.off_by_session, 0.3),
)
"""What is tried of each property; what says which is closest; and by how much closer than the first
one, which is promised, another has to be. Evictions look a little like accounts."""


def fitted(known: World) -> tuple[Fit, ...]:
    """Return the caches of all places, found in the log.

    Of a place that reported nothing, that of the place that reported most is taken.
    """
    places = known.arrivals.places
    seen = [_seen(known, number) for number in range(len(places))]
    caches = _closest(known, seen)
    tokens = there(known, known.logged, caches)
    prompt = known.arrivals.rows["prompt"].to_numpy()
    weights = np.asarray([float(prompt[one.rows].sum()) for one in seen])
    fits = [
        _fit(Fit(place.provider, place.credential, cache), one, tokens[one.rows])
        for place, cache, one in zip(places, caches, seen, strict=True)
    ]
    if not weights.sum():
        return tuple(fits)
    most = fits[int(weights.argmax())]
    return tuple(
        replace(fit, weight=float(weight / weights.sum()))
        if weight
        else replace(fit, cache=most.cache, off=most.off)
        for fit, weight in zip(fits, weights, strict=True)
    )


def _seen(known: World, number: int) -> _Seen:
    rows = known.arrivals.rows
    reported = rows["read"].is_not_null().to_numpy() & known.arrivals.counts.to_numpy()
    its = np.flatnonzero(reported & (known.logged == number))
    names, session = np.unique(codes(rows)[its], return_inverse=True)
    odd = np.arange(len(names)) % 2 == 1
    few = np.full(len(names), len(names) < FEWEST_SESSIONS)
    read = rows["read"].fill_null(0).to_numpy()[its]
    return _Seen(its, read, session, odd | few, ~odd | few)


def _closest(known: World, seen: list[_Seen]) -> list[Cache]:
    """Return of each place the cache that comes closest, one property after the other."""
    best = [PROMISED for _ in seen]
    if not any(len(one.rows) for one in seen):
        return best
    for guesses, loss_of, price in _GUESSES:
        before = list(best)
        losses = np.full(len(seen), np.inf)
        for number, guess in enumerate(guesses):
            tried = [guess(one) for one in before]
            tokens = there(known, known.logged, tried)
            for place, one in enumerate(seen):
                loss = loss_of(one, tokens[one.rows]) * (1.0 if not number else 1 + price)
                if len(one.rows) and loss < losses[place]:
                    losses[place], best[place] = loss, tried[place]
    return best


def _fit(empty: Fit, seen: _Seen, tokens: Real) -> Fit:
    """Return how well a cache predicts; what is read of what is there is found here.

    It is judged as one half of the sessions has it, and then used as all of them have it.
    """
    if not len(seen.rows):
        return empty
    everybody = replace(seen, fits=np.full_like(seen.fits, fill_value=True))
    share = everybody.share(tokens)
    missed = seen.read[tokens > 0] < _NOTHING * tokens[tokens > 0]
    evicted = min(float(missed.mean()), 1 - share) if len(missed) else 0.0
    usable = min(1.0, share / (1 - evicted)) if evicted < 1 else 1.0
    cache = replace(empty.cache, evicted=evicted, usable=usable)
    there_of, read_of = seen.sums(tokens), seen.sums(seen.read)
    spread = ratio(pl.Series(read_of), pl.Series(there_of))
    off = 0.0 if spread.lo is None or spread.hi is None else (spread.hi - spread.lo) / (2 * Z)
    said, told = there_of[seen.judges] * seen.share(tokens), read_of[seen.judges]
    wape = float(np.abs(said - told).sum() / told.sum()) if told.sum() else None
    return replace(empty, cache=cache, off=off, bias=_bias(said, told), wape=wape)


def _bias(said: Real, told: Real) -> Estimate:
    found = ratio(pl.Series(said), pl.Series(told))
    if found.value is None:
        agree = 0.0 if not said.sum() else None
        return Estimate(agree, n_clusters=len(said), method="nothing was read")
    lo, hi = (None if end is None else end - 1 for end in (found.lo, found.hi))
    return replace(found, value=found.value - 1, lo=lo, hi=hi)


def trouble(fits: tuple[Fit, ...]) -> str | None:
    """Say why nothing should be published; `None` if it may."""
    if not any(fit.weight for fit in fits):
        return "no provider reported what it read from its cache, so its model cannot be checked"
    bad = [
        f"{fit.provider}/{fit.credential} {_told(fit.bias)}"
        for fit in fits
        if fit.weight >= SMALL and (fit.bias.value is None or abs(fit.bias.value) > MOST_BIAS)
    ]
    if not bad:
        return None
    return f"predicted cache reads are off by more than {MOST_BIAS:.0%} ({', '.join(bad)})"


def _told(bias: Estimate) -> str:
    if bias.value is None:
        return "read nothing"
    if bias.lo is None or bias.hi is None:
        return f"{bias.value:+.1%}"
    return f"{bias.value:+.1%}, {bias.lo:+.1%} to {bias.hi:+.1%}"


CALIBRATION: Final = pl.Schema({"provider": pl.String(), "credential": pl.String(), **ESTIMATE})
"""One row per number of a place's cache."""


def lines(fits: tuple[Fit, ...]) -> Iterator[Line]:
    """Return the numbers of the caches."""
    for fit in fits:
        about = (fit.provider, fit.credential)
        n = fit.bias.n_clusters or 0
        yield Line(about, "bias of reads", "share", fit.bias)
        yield Line(about, "off by session", "share", Estimate(fit.wape, n=n, method="WAPE"))
        how = "of promised" if not fit.weight else "fitted on half of the sessions"
        for what, unit, value in (
            ("usable share", "share", fit.cache.usable),
            ("evicted", "share", fit.cache.evicted),
            ("accounts", "count", float(fit.cache.accounts)),
            ("lifetime", "of promised", fit.cache.lives),
            ("branches", "of 1", float(fit.cache.branches)),
        ):
            yield Line(about, what, unit, Estimate(value, n=n, method=how))
