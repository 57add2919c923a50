"""Requests are dealt out as routing says, also where a place was away."""

from datetime import timedelta

import numpy as np
import pytest

from analysis.errors import UnknownPolicy
from analysis.metrics.outages import Outage
from analysis.simulate.deciding import NOWHERE, Routing, Surroundings, dealt, routing
from analysis.simulate.waiting import down, first_ms
from analysis.simulate.worlds import World, world
from proxy.routing.pins import PinRules
from tests.analysis.ledgers import START
from tests.analysis.simulate.test_sharing import arrivals, rows

EPOCH = START.replace(year=1970, month=1)
SESSIONS = ["one", "two"] * 6


def twelve(**columns: object) -> World:
    """Return twelve requests of two sessions in turn, a minute apart, of two places."""
    served = ["main", "relay"] * 6
    given = {"session": SESSIONS, "provider": served, **columns}
    return world(arrivals(rows(["a" * 9] * 12, apart_s=60, **given), "main", "relay"))


def around(known: World, found: list[Outage] | None = None, **columns: object) -> Surroundings:
    unknown = np.full((12, 2), np.nan)
    return Surroundings(**{"first_ms": unknown, "down": down(known, found or []), **columns})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "way"),
    [
        pytest.param("sticky", Routing("sticky", "priority", sticky=True), id="sticky"),
        pytest.param("random", Routing("random", "random"), id="a policy"),
        pytest.param(
            "sticky+random",
            Routing("sticky+random", "random", sticky=True),
            id="another one for new sessions",
        ),
        pytest.param(
            "sticky@60",
            Routing("sticky@60", "priority", True, PinRules(ttl_s=60.0, long_ttl_s=60.0)),
            id="remembered for a minute",
        ),
    ],
)
def test_names(name: str, way: Routing) -> None:
    assert routing(name) == way


@pytest.mark.parametrize("name", ["", "fastest", "random@60", "sticky@soon", "sticky+", "a+random"])
def test_no_names(name: str) -> None:
    with pytest.raises(UnknownPolicy, match="want sticky"):
        routing(name)


def test_in_turn_and_sticky() -> None:
    known = twelve()
    dealt_out = {
        name: [*dealt(known, routing(name), around(known)).places]
        for name in ("round_robin", "sticky", "sticky+round_robin")
    }
    assert dealt_out == {
        "round_robin": [0, 1] * 6,
        "sticky": [0] * 12,
        "sticky+round_robin": [0, 1] * 6,
    }


def test_who_asks_in_an_outage_goes_elsewhere_and_comes_home() -> None:
    known = twelve(at_us=[no * 60_000_000 for no in range(12)])
    away = Outage("main", EPOCH + timedelta(seconds=170), EPOCH + timedelta(seconds=310), 3, EPOCH)
    found = dealt(known, routing("sticky"), around(known, [away]))
    assert [*found.places] == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    assert found.attempts > 12


def test_where_all_are_away_nobody_answers() -> None:
    known = twelve(at_us=[no * 60_000_000 for no in range(12)])
    ends = EPOCH + timedelta(seconds=100)
    away = [Outage(name, EPOCH, ends, 3, EPOCH) for name in ("main", "relay")]
    found = dealt(known, routing("round_robin"), around(known, away))
    assert [*found.places[:2]] == [NOWHERE, NOWHERE]
    assert NOWHERE not in found.places[4:]


def test_the_faster_place_is_asked() -> None:
    known = twelve()
    waits = np.tile([900.0, 300.0], (12, 1))
    way = routing("least_latency")
    found = [dealt(known, way, around(known, first_ms=waits, seed=seed)) for seed in range(5)]
    late = np.concatenate([one.places[9:] for one in found])
    assert late.mean() > 0.5
    assert all(one.drawn for one in found)


def test_a_slow_answer_is_slow_wherever_it_goes() -> None:
    late = [1_000_000, 2_000_000] * 6
    known = twelve(first_us=late, read=[0.0] * 12)
    found = first_ms(known, np.full((12, 2), 9_000.0))
    assert found[0] == pytest.approx([1_000.0, 1_000.0], rel=0.5)
    assert (found[1] > found[0]).all()
