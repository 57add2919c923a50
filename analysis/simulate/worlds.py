"""What a prompt cache would give: the model of each place's cache, and what requests find there.

A place keeps each prompt that it was sent, for as long as its policy says, from the start of the
request on; a later request of the same model reads the longest beginning that is there and can be
read already. Each use is its own renewal. What else a cache does nobody promises, and is found in
the log: which share of what is there can be used (blocks), how often nothing is found although it
should be there (evicted), whether a beginning can be read where no prompt has ended (breakpoints),
and behind how many accounts a relay hides, with a cache each. Source: estimators 3.1 and 6.10.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.caches import policy_of
from analysis.simulate.arrivals import Arrivals
from analysis.simulate.sharing import Pairs, Real, Whole, pairs

HOUR_S: Final = 3600.0
LONGEST_S: Final = 2 * HOUR_S  # where nobody promises anything; beyond it nothing is looked for


@dataclass(frozen=True, slots=True)
class Cache:
    """How the cache of one place behaves, beyond its published policy.

    Attributes:
        usable: Share of a beginning that is there that can be read.
        evicted: Share of look-ups that find nothing; on average, for luck would only be noise.
        accounts: With a cache each, dealt out at random.
        lives: Times the lifetime that the policy says.
        branches: Whether the beginning of a prompt can be read that went on otherwise.
    """

    usable: float = 1.0
    evicted: float = 0.0
    accounts: int = 1
    lives: float = 1.0
    branches: bool = True

    @property
    def share(self) -> float:
        """How much of what is there is read, on average."""
        return self.usable * (1 - self.evicted)


PROMISED: Final = Cache()


@dataclass(frozen=True, slots=True)
class World:
    """All that is the same under each policy: the requests, what they share, and lifetimes.

    Attributes:
        arrivals: The requests.
        pairs: What they share.
        models: Of each place (column), the model that each row would be sent as; "": it has none.
        lives_s: How long each place keeps each row.
        least: Tokens below which a place keeps nothing.
        account: Of each row, a number from 0 to 1 that says which of a relay's accounts it meets.
    """

    arrivals: Arrivals
    pairs: Pairs
    models: NDArray[np.object_]
    lives_s: Real
    least: Real
    account: Real

    @property
    def logged(self) -> Whole:
        """The place that each row went to."""
        numbers = {one: no for no, one in enumerate(self.arrivals.places)}
        both = self.arrivals.rows.select("provider", "credential").iter_rows()
        by_pair = {(one.provider, one.credential): no for one, no in numbers.items()}
        return np.asarray([by_pair[pair] for pair in both], dtype=np.int64)


def world(arrivals: Arrivals, hour: bool | None = None) -> World:
    """Return the world of some requests.

    Args:
        arrivals: The requests.
        hour: Whether prompts are written for an hour; `None`: as each was.
    """
    rows = arrivals.rows
    models = _models(arrivals)
    distinct = {str(name): policy_of(str(name)) for name in np.unique(models)}
    promised = np.vectorize(lambda name: float(distinct[name].ttl_s or LONGEST_S), otypes=[float])
    least = np.vectorize(lambda name: float(distinct[name].min_tokens), otypes=[float])
    lives_s = promised(models) if len(rows) else np.zeros(models.shape)
    wrote_1h = (rows["written_1h"].fill_null(0) > 0).to_numpy()
    hours = wrote_1h if hour is None else np.full(len(rows), hour)
    lives_s = np.where(hours[:, None] & (lives_s < HOUR_S), HOUR_S, lives_s)
    return World(
        arrivals,
        pairs(rows, min(LONGEST_S, float(lives_s.max(initial=0.0)) * 2)),
        models,
        lives_s,
        least(models) if len(rows) else lives_s,
        _numbers(rows["id"], b"account"),
    )


def longer(known: World, times: float) -> World:
    """Return the world in which caches keep so many times as long."""
    return replace(known, lives_s=known.lives_s * times)


def there(known: World, places: Whole, caches: Sequence[Cache]) -> Real:
    """Return how many tokens of each row are in the cache of its place.

    What is read of it is `Cache.share`, which is left out: costs are linear in it.

    Args:
        known: The world.
        places: Of each row, where it goes; negative: nowhere.
        caches: Of each place.
    """
    shared = known.pairs
    its, theirs = places[shared.later], places[shared.earlier]
    found = (its == theirs) & (its >= 0)
    lives = np.asarray([one.lives for one in caches])
    found &= shared.age_s <= known.lives_s[shared.earlier, theirs] * lives[theirs]
    found &= shared.is_whole | np.asarray([one.branches for one in caches])[theirs]
    accounts = np.asarray([one.accounts for one in caches])
    if (accounts > 1).any():
        which = np.floor(known.account * accounts[places])
        found &= which[shared.later] == which[shared.earlier]
    best = _longest(shared.later, np.where(found, shared.tokens, np.float32(0)), len(places))
    return np.where(best < known.least[np.arange(len(places)), places], 0.0, best)


def _longest(rows: NDArray[np.int32], tokens: NDArray[np.float32], number: int) -> Real:
    """Return the most tokens of each row; `rows` are in order."""
    most = np.zeros(number)
    if len(rows):
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        most[rows[starts]] = np.maximum.reduceat(tokens, starts)
    return most


def _models(arrivals: Arrivals) -> NDArray[np.object_]:
    """Return what each row is sent as to each place, as most like it were; "" where none was.

    Places that the log does not have are more like the first, the one used most.
    """
    rows = arrivals.rows
    seen = rows.group_by("provider", "credential", "asked", "sent").len().sort("len", "sent")
    names = {row[:3]: row[3] for row in seen.iter_rows()}
    known = {(provider, credential) for provider, credential, _ in names}
    first = arrivals.places[0]
    made = np.empty((len(rows), len(arrivals.places)), dtype=object)
    for column, place in enumerate(arrivals.places):
        pair = (place.provider, place.credential)
        its = pair if pair in known else (first.provider, first.credential)
        made[:, column] = [names.get((*its, asked), "") for asked in rows["asked"]]
    return made


def _numbers(ids: pl.Series, purpose: bytes) -> Real:
    """Return a number from 0 to below 1 for each id, the same for each policy."""
    draws = (
        int.from_bytes(blake2b(one.encode(), digest_size=7, person=purpose).digest()) for one in ids
    )
    return np.fromiter(draws, dtype=np.float64, count=len(ids)) / 2**56
