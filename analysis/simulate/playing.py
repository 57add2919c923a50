"""One policy, played: what each session would have cost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.simulate.bills import Bill
from analysis.simulate.deciding import Dealt
from analysis.simulate.sharing import Real, Whole
from analysis.simulate.worlds import Cache, World, there


@dataclass(frozen=True, slots=True)
class Count:
    """What counts: which rows, and the session (from 0) that each belongs to."""

    rows: Whole
    session: Whole
    sessions: int

    def sums(self, values: Real) -> Real:
        """Return the sums of values (one for each row of the world) by session."""
        found: Real = np.bincount(
            self.session, values[self.rows].astype(np.float64), minlength=self.sessions
        ).astype(np.float64)
        return found


@dataclass(frozen=True, slots=True)
class Played:
    """Sums by session, where nothing was read, and less for what is there at each place.

    Attributes:
        cold: USD of input without any read, by basis.
        less: USD less if all that is there is read, by basis; a column for each place.
        output: USD of answers, by basis.
        bare: USD of input without any cache, by basis.
        prompt: Tokens.
        there: Of them, in the cache; a column for each place.
        requests: How many.
        served: How many of them.
    """

    cold: Real
    less: Real
    output: Real
    bare: Real
    prompt: Real
    there: Real
    requests: Real
    served: Real

    def input(self, basis: int, shares: Real) -> Real:
        """Return USD of input by session, if each place reads such a share of what is there."""
        costs: Real = self.cold[basis] - self.less[basis] @ shares
        return costs


def played(
    known: World,
    runs: Sequence[Dealt],
    caches: Sequence[Cache],
    bills: Sequence[Bill],
    count: Count,
) -> Played:
    """Return what runs of one policy come to, on average."""
    each = [_played(known, run, caches, bills, count) for run in runs]
    names = Played.__dataclass_fields__
    means = {name: np.mean([getattr(one, name) for one in each], axis=0) for name in names}
    return replace(each[0], **means)


def _played(
    known: World, run: Dealt, caches: Sequence[Cache], bills: Sequence[Bill], count: Count
) -> Played:
    places = run.places
    tokens = there(known, places, caches)
    at = np.arange(len(places)), places
    served = (places >= 0).astype(np.float64)
    numbers = range(len(known.arrivals.places))

    def by_place(values: Real) -> Real:
        return np.stack([count.sums(values * (places == no)) for no in numbers], axis=1)

    prompt = known.arrivals.rows["prompt"].to_numpy()
    return Played(
        cold=np.stack([count.sums(_known(one.cold[at]) * served) for one in bills]),
        less=np.stack([by_place(_known(one.a_token[at]) * tokens) for one in bills]),
        output=np.stack([count.sums(_known(one.output[at]) * served) for one in bills]),
        bare=np.stack([count.sums(_known(one.bare[at]) * served) for one in bills]),
        prompt=count.sums(prompt * served),
        there=by_place(tokens),
        requests=count.sums(np.ones(len(places))),
        served=count.sums(served),
    )


def _known(values: Real) -> Real:
    return np.nan_to_num(values, nan=0.0)  # rows without a price are not counted
