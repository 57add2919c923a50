"""What other policies would have cost, on the requests that really came, with intervals.

Both sides of each comparison are simulated, with the same model of each cache, calibrated on what
providers reported: what was observed is never set against what was simulated. Source: estimators
6.10, which has the biases of doing so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from analysis.errors import Uncalibrated
from analysis.load import Ledger
from analysis.metrics.metric import ESTIMATE, Line, table
from analysis.metrics.outages import Outage, outages
from analysis.selection import ALL, Selection
from analysis.simulate.arrivals import Arrivals, arrivals
from analysis.simulate.bills import BASES, Bill, bill, candidate_prices, known_everywhere
from analysis.simulate.calibrating import CALIBRATION, Fit, fitted, trouble
from analysis.simulate.calibrating import lines as calibration_lines
from analysis.simulate.comparing import (
    Pair,
    Shares,
    Told,
    band_line,
    own_lines,
    pair_lines,
    saved,
    shares,
)
from analysis.simulate.deciding import Dealt, Progress, Routing, Surroundings, dealt, routing
from analysis.simulate.playing import Count, Played, played
from analysis.simulate.sharing import codes
from analysis.simulate.waiting import down, first_ms
from analysis.simulate.worlds import Cache, World, longer, there, world
from analysis.stats import Estimate
from analysis.stats.quantiles import quantile
from proxy.price_list import LIST_PRICES, Pricing

DEFAULT: Final = ("sticky", "round_robin", "random", "least_latency", "cheapest")
AS_IT_WAS: Final = "as it was"
MOST_SEEDS: Final = 20
_ROWS_OF_SEEDS: Final = 50_000  # of so many requests one draw of a policy is as good as twenty
_HALF, _DOUBLE = 0.5, 2.0

SIMULATION: Final = pl.Schema({"policy": pl.String(), **ESTIMATE})
"""One row per number of a policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is simulated.

    Attributes:
        policies: See `deciding.routing`; "as it was" is what really happened.
        against: The one that the others are compared with.
        anyway: Publish also what is not calibrated; each number then says so.
        equal: The places are equals; else the one used most is asked first.
        among: As if there were that many places at least, more like the one used most.
        hour: Prompts are written for an hour, or for less; `None`: as each was.
        pricing: What is really paid.
    """

    policies: tuple[str, ...] = DEFAULT
    against: str = "sticky"
    anyway: bool = False
    equal: bool = False
    among: int = 1
    hour: bool | None = None
    pricing: Pricing = LIST_PRICES


@dataclass(frozen=True, slots=True)
class Simulation:
    """What policies would have come to.

    Attributes:
        result: As `SIMULATION` has it.
        calibration: As `calibrating.CALIBRATION` has it.
        doubt: Why the numbers may be wrong, if they are published anyway.
    """

    result: pl.DataFrame
    calibration: pl.DataFrame
    doubt: str | None = None


_PLAIN: Final = Wish()


def simulate(
    ledger: Ledger, selection: Selection = ALL, wish: Wish = _PLAIN, progress: Progress = int
) -> Simulation:
    """Return what policies would have cost on the requests of a ledger.

    Args:
        ledger: Open.
        selection: Which requests; a provider in it is left out of account.
        wish: What is simulated.
        progress: Told of so many decisions that were made.

    Raises:
        EmptyLedger: No request can be played again.
        UnknownPolicy: There is none of a name.
        Uncalibrated: The model of a cache is too far from what was reported.
    """
    ways = _ways(wish)
    found = arrivals(ledger, selection)
    away = outages(ledger.ask("outages", replace(selection, provider=None)))
    return _simulated(found, ways, away, wish, progress)


def replay(found: Arrivals, wish: Wish = _PLAIN, progress: Progress = int) -> Simulation:
    """Return what policies would have cost on requests of any other source.

    Raises:
        UnknownPolicy: There is none of a name.
        Uncalibrated: The model of a cache is too far from what was reported, or nothing was.
    """
    return _simulated(found, _ways(wish), [], wish, progress)


def decisions(wish: Wish, requests: int) -> int:
    """Return how many decisions a simulation may have to make, for who shows its progress."""
    return len(_ways(wish)) * requests


def _ways(wish: Wish) -> dict[str, Routing | None]:
    """Return how requests are dealt out, by name, the reference first; `None`: as it was."""
    names = dict.fromkeys((wish.against, *wish.policies))
    return {name: None if name == AS_IT_WAS else routing(name) for name in names}


def _simulated(
    found: Arrivals,
    ways: dict[str, Routing | None],
    away: list[Outage],
    wish: Wish,
    progress: Progress,
) -> Simulation:
    known = world(found.among(wish.among), wish.hour)
    fits = fitted(known)
    doubt = trouble(fits)
    if doubt is not None and not wish.anyway:
        raise Uncalibrated(
            f"{doubt}: what policies would have cost is not told (--anyway tells it, and says so)"
        )
    stage = _stage(known, fits, away, wish, doubt)
    runs = _runs(stage, ways, progress)
    said = list(_lines(stage, runs, wish.against))
    told = calibration_lines(fits)
    return Simulation(table(SIMULATION, said), table(CALIBRATION, told), doubt)


@dataclass(frozen=True, slots=True)
class _Stage:
    """What every policy is played on."""

    known: World
    caches: tuple[Cache, ...]
    shares: Shares
    bills: tuple[Bill, ...]
    count: Count
    around: Surroundings
    told: Told


def _stage(
    known: World, fits: Sequence[Fit], away: list[Outage], wish: Wish, doubt: str | None
) -> _Stage:
    rows, counts = known.arrivals.rows, known.arrivals.counts.to_numpy()
    bills = tuple(bill(known, wish.pricing, basis, wish.hour) for basis in BASES)
    priced = known_everywhere(bills, known) & counts
    its = np.flatnonzero(priced)
    distinct, session = np.unique(codes(rows)[its], return_inverse=True)
    prompt = rows["prompt"].to_numpy()
    share = float(prompt[its].sum() / prompt[counts].sum())
    coverage = known.arrivals.coverage
    read = rows["read"].fill_null(0).to_numpy()
    unread = np.repeat((prompt - read)[:, None], len(known.arrivals.places), axis=1)
    return _Stage(
        known,
        tuple(one.cache for one in fits),
        shares([one.cache.share for one in fits], [one.off for one in fits]),
        bills,
        Count(its, session, len(distinct)),
        Surroundings(
            first_ms=first_ms(known, unread),
            down=down(known, away),
            prices=candidate_prices(known, wish.pricing),
            equal=wish.equal,
        ),
        Told(
            None if coverage is None else coverage * share,
            "" if doubt is None else ", NOT CALIBRATED",
        ),
    )


def _runs(
    stage: _Stage, ways: dict[str, Routing | None], progress: Progress
) -> dict[str, tuple[Dealt, ...]]:
    """Return where requests go under each policy; chance is averaged over some draws."""
    made: dict[Routing, tuple[Dealt, ...]] = {}
    runs: dict[str, tuple[Dealt, ...]] = {}
    for name, way in ways.items():
        if way is None:
            logged = stage.known.logged
            runs[name] = (Dealt(logged, len(logged)),)
            continue
        same = replace(way, name="")  # two names of one policy are decided once
        if same not in made:
            made[same] = tuple(_drawn(stage, way, progress))
        runs[name] = made[same]
    return runs


def _drawn(stage: _Stage, way: Routing, progress: Progress) -> Iterator[Dealt]:
    first = dealt(stage.known, way, stage.around, progress)
    yield first
    number = min(MOST_SEEDS, _ROWS_OF_SEEDS // max(1, len(first.places)))
    for seed in range(1, number if first.drawn else 1):
        yield dealt(stage.known, way, replace(stage.around, seed=seed))


def _lines(stage: _Stage, runs: dict[str, tuple[Dealt, ...]], against: str) -> Iterator[Line]:
    """Return the numbers of each policy."""
    stages = (stage, *_others(stage))
    references = [_played(one, runs[against]) for one in stages]
    full = np.ones_like(stage.shares.point)
    for name, run in runs.items():
        here = references if name == against else [_played(one, run) for one in stages]
        yield from own_lines(name, here[0], stage.shares, stage.told)
        yield from _waits(stage, name, run)
        if name == against:
            continue
        pair = Pair(name, here[0], references[0], against)
        yield from pair_lines(pair, stage.shares, stage.told)
        pairs = [Pair(name, *both, against) for both in zip(here, references, strict=True)]
        found = [saved(one, stage.shares.point) for one in pairs]
        yield band_line(pair, [*found, saved(pair, full)], stage.told)


def _others(stage: _Stage) -> Iterator[_Stage]:
    """Return the same under other assumptions: what the log hardly shows may be otherwise."""
    for times in (_HALF, _DOUBLE):
        yield replace(stage, known=longer(stage.known, times))
    turned = tuple(replace(one, branches=not one.branches) for one in stage.caches)
    yield replace(stage, caches=turned)


def _played(stage: _Stage, runs: tuple[Dealt, ...]) -> Played:
    return played(stage.known, runs, stage.caches, stage.bills, stage.count)


def _waits(stage: _Stage, name: str, runs: tuple[Dealt, ...]) -> Iterator[Line]:
    """Return how late first content comes, and how evenly requests are spread."""
    places = runs[0].places
    its = stage.count.rows[places[stage.count.rows] >= 0]
    prompt = stage.known.arrivals.rows["prompt"].to_numpy()
    read = there(stage.known, places, stage.caches) * stage.shares.point[places]
    known_ms = stage.around.first_ms
    if np.isfinite(known_ms).any():
        after = first_ms(
            stage.known, np.repeat((prompt - read)[:, None], known_ms.shape[1], axis=1)
        )
        waits = pl.Series(after[its, places[its]]).fill_nan(None)
        late = quantile(waits, 0.95, unreached=len(stage.count.rows) - len(its))
        yield Line((name,), "first content, p95", "ms", stage.told.of(late, late.n))
    load = np.bincount(places[its], prompt[its], minlength=known_ms.shape[1])
    busiest = Estimate(float(load.max() / load.mean()) if load.sum() else None, method="exact")
    yield Line((name,), "busiest place over mean", "ratio", stage.told.of(busiest, len(its)))
