"""What is told of a held session without a look at anybody else is what a plan says of it."""

from hypothesis import event, given
from hypothesis import strategies as st

from proxy.routing.asked import Asked, Queue
from proxy.routing.candidates import Candidate, Known
from proxy.routing.latency import Latency
from proxy.routing.pins import Away, Pin, PinKey, PinRules, Pins
from proxy.routing.planning import planned
from proxy.routing.policies import POLICIES
from proxy.routing.stickiness import stays

KEY = PinKey(None, "claude", "one", "a model")
NOW_US = 1_000_000_000
NAMES = ("main", "relay", "third")


@given(
    policy=st.sampled_from(sorted(POLICIES)),
    sticky=st.booleans(),
    backups=st.lists(st.booleans(), min_size=3, max_size=3),
    means=st.lists(st.sampled_from([None, 100.0, 6_000.0, 40_000.0]), min_size=3, max_size=3),
    home=st.integers(0, 2),
    away=st.none() | st.integers(0, 2),
    left_us=st.sampled_from([-1, 0, 1, 60_000_000]),
    factor=st.sampled_from([0.0, 3.0]),
    turn=st.integers(0, 5),
)
def test_who_stays_is_planned_at_home(  # noqa: PLR0913  # all that a plan may look at
    *,
    policy: str,
    sticky: bool,
    backups: list[bool],
    means: list[float | None],
    home: int,
    away: int | None,
    left_us: int,
    factor: float,
    turn: int,
) -> None:
    candidates = tuple(
        Candidate(provider=name, credential="key", model="a model", backup=backup)
        for name, backup in zip(NAMES, backups, strict=True)
    )
    rules = PinRules(slow_factor=factor)
    queue = Queue(
        name="claude", candidates=candidates, policy=policy, sticky=sticky, pin_rules=rules
    )
    latencies = {
        one.id: Latency(mean, 5, NOW_US)
        for one, mean in zip(candidates, means, strict=True)
        if mean is not None
    }
    pin = Pin(
        home=candidates[home].place,
        since_us=0,
        used_us=0,
        expires_us=NOW_US + left_us,
        ttl_s=300.0,
        away=None if away is None else Away(candidates[away].place, NOW_US - 60_000_000),
    )
    if not stays(queue, pin, candidates[home], latencies, NOW_US):
        event("it may leave")
        return
    event("it stays")
    known = Known(latencies=latencies, pins=Pins({KEY.text: pin}))
    asked = Asked(key=KEY, model="a model", seed=b"any", turn=turn)
    decision = planned(queue, asked, known, NOW_US)
    assert decision.chosen[0].place == pin.home
    assert (decision.pin.state, decision.pin_moves) == ("hit", False)
