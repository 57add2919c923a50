"""The numbers of a policy, and what another one saves against it, with their intervals.

Sessions are drawn again, and in each draw the share that each place's cache gives is drawn, too,
from what its calibration leaves open: so the interval has both. What the interval cannot know (how
long caches really keep a prompt) is the band: the same value under other assumptions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl

from analysis.metrics.metric import Line
from analysis.simulate.bills import BASES
from analysis.simulate.playing import Played
from analysis.simulate.sharing import Real
from analysis.stats import Estimate
from analysis.stats.resampling import DRAWS, SEED, of_sums, ratio


@dataclass(frozen=True, slots=True)
class Shares:
    """Which share of what is there each place's cache gives: as found, and as it may be."""

    point: Real
    drawn: Real

    def for_draws(self, number: int) -> Real:
        """Return a row of shares for each draw."""
        return self.drawn if number == len(self.drawn) else self.point[None, :]


def shares(point: Sequence[float], off: Sequence[float]) -> Shares:
    """Return shares and their draws, from standard errors."""
    mean, spread = np.asarray(point, dtype=float), np.asarray(off, dtype=float)
    rng = np.random.default_rng(SEED + 1)
    drawn = mean + spread * rng.standard_normal((DRAWS, len(mean)))
    return Shares(mean, np.clip(drawn, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of every number: coverage, and what makes it doubtful."""

    coverage: float | None
    doubt: str = ""

    def of(self, estimate: Estimate, n: int) -> Estimate:
        """Return a number with both."""
        method = f"{estimate.method}{self.doubt}"
        return replace(estimate, n=n, coverage=self.coverage, method=method)


def own_lines(name: str, run: Played, known: Shares, told: Told) -> Iterator[Line]:
    """Return what a policy costs by itself, and what its caches give."""
    about, n = (name,), round(float(run.requests.sum()))
    for basis, which in enumerate(BASES):
        for what, answers in (("input cost", 0.0), ("cost", float(run.output[basis].sum()))):
            found = _sum(run, basis, known, answers)
            yield Line(about, f"{what} ({which})", "USD", told.of(found, n))
    hits, points = pl.Series(run.there @ known.point), pl.Series(run.prompt)
    yield Line(about, "token hit", "share", told.of(ratio(hits, points), n))
    bare = ratio(pl.Series(run.input(0, known.point)), pl.Series(run.bare[0]))
    yield Line(about, "input cost against no cache (list)", "share", told.of(bare, n))
    served = ratio(pl.Series(run.served), pl.Series(run.requests))
    yield Line(about, "availability", "share", told.of(served, n))


def _sum(run: Played, basis: int, known: Shares, answers: float) -> Estimate:
    """Return what input and answers come to; nothing where no request has a price."""
    if not run.requests.sum():
        return Estimate(None, method="no price known")
    less = run.less[basis].sum(axis=0)
    cold = float(run.cold[basis].sum()) + answers
    drawn = cold - known.drawn @ less
    value = cold - float(less @ known.point)
    lo, hi = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value, float(lo), float(hi), method="of these requests, cache model drawn")


@dataclass(frozen=True, slots=True)
class Pair:
    """A policy, and the one that it is compared with."""

    name: str
    run: Played
    reference: Played
    against: str


def pair_lines(pair: Pair, known: Shares, told: Told) -> Iterator[Line]:
    """Return what the reference saves against a policy, and how much more the policy costs."""
    about, n = (pair.name,), round(float(pair.run.requests.sum()))
    for basis, which in enumerate(BASES):
        for has_output, what in ((False, "input"), (True, "all")):
            columns = _columns(pair, basis, has_output=has_output)
            found = of_sums(columns, partial(_saves, known))
            name = f"{pair.against} saves of {what} ({which})"
            yield Line(about, name, "share", told.of(_with_model(found), n))
        columns = _columns(pair, basis, has_output=True)
        more = of_sums(columns, partial(_more, known))
        name = f"costs more than {pair.against} ({which})"
        yield Line(about, name, "USD", told.of(_with_model(more), n))


def saved(pair: Pair, point: Real, *, has_output: bool = False) -> float | None:
    """Return what the reference saves by the list, if caches give such shares."""
    ours, theirs = (
        float(one.input(0, point).sum() + (one.output[0].sum() if has_output else 0.0))
        for one in (pair.reference, pair.run)
    )
    return 1 - ours / theirs if theirs > 0 else None


def band_line(pair: Pair, found: Sequence[float | None], told: Told) -> Line:
    """Return the least and the most of what other assumptions give; the first one is ours."""
    known = [one for one in found if one is not None]
    value = found[0] if known else None
    lo, hi = (min(known), max(known)) if known else (None, None)
    method = "band: lifetimes halved and doubled, branches read or not, all of a prefix usable"
    estimate = told.of(
        Estimate(value, lo, hi, method=method), round(float(pair.run.requests.sum()))
    )
    return Line((pair.name,), f"{pair.against} saves of input (list), band", "share", estimate)


def _columns(pair: Pair, basis: int, *, has_output: bool) -> pl.DataFrame:
    """Return by session: what each costs without reads, then less for each place."""
    parts = []
    for one in (pair.reference, pair.run):
        cold = one.cold[basis] + (one.output[basis] if has_output else 0.0)
        parts += [cold[:, None], one.less[basis]]
    return pl.DataFrame(np.concatenate(parts, axis=1))


def _costs(known: Shares, sums: Real) -> tuple[Real, Real]:
    """Return what the reference and the other cost in each draw of sums."""
    given = known.for_draws(len(sums))
    width = given.shape[1]
    ours: Real = sums[:, 0] - (sums[:, 1 : 1 + width] * given).sum(axis=1)
    theirs: Real = sums[:, 1 + width] - (sums[:, 2 + width :] * given).sum(axis=1)
    return ours, theirs


def _saves(known: Shares, sums: Real) -> Real:
    ours, theirs = _costs(known, sums)
    none = np.full(len(sums), np.nan)
    saves: Real = 1 - np.divide(ours, theirs, out=none, where=theirs > 0)
    return saves


def _more(known: Shares, sums: Real) -> Real:
    ours, theirs = _costs(known, sums)
    return theirs - ours


def _with_model(found: Estimate) -> Estimate:
    return replace(found, method=f"{found.method}, cache model drawn too")
