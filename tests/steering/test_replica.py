"""Several processes that tell one log what they learn come to know what one alone would know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical import Usage
from proxy.routing.health import BREAKER_RULES
from proxy.routing.pins import PinKey, Served, place_of
from proxy.routing.quotas import Quota
from proxy.routing.types import Failure
from proxy.steering import fold
from proxy.steering.events import (
    Began,
    Content,
    Cost,
    Counted,
    Event,
    Gone,
    Heard,
    Learned,
    Over,
    Reset,
    Stayed,
    Switched,
    Used,
    ground,
)
from proxy.steering.memory import Memory, kept
from proxy.steering.replica import MAX_PENDING, Line, Replica, Shared, after
from tests.steering.network import MAIN, RELAY, START, TEAM, S, network, target

HERE = ground(network())
WHOM = [HERE.whom(replace(one, model="m")) for one in (MAIN, TEAM, RELAY)]
OPENS_AFTER = BREAKER_RULES["claude"].failures

at = st.integers(0, 90).map(lambda seconds: START + seconds * S)
whom = st.sampled_from(WHOM)
ids = st.sampled_from([f"a{n}" for n in range(6)])
failures: st.SearchStrategy[Failure | None] = st.sampled_from(
    [None, "server_error", "unreachable", "rate_limited", "client_left"]
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Counted, queue=st.just("claude"), app=st.just("claude"), model=st.just("m")),
    st.builds(
        Began,
        at_us=at,
        app=st.just("claude"),
        whom=whom,
        attempt_id=ids,
        probes=st.booleans(),
        seats=st.none() | st.integers(1, 2),
    ),
    st.builds(Over, attempt_id=ids),
    st.builds(
        Learned, at_us=at, app=st.just("claude"), whom=whom, attempt_id=ids, failure=failures
    ),
    st.builds(Content, at_us=at, whom=whom, first_content_ms=st.just(250.0)),
    st.builds(
        Used,
        whom=whom,
        usage=st.just(Usage(prompt=4, cache_read=2)),
        costs=st.lists(
            st.builds(Cost, st.just("main day UTC"), at, st.just(6), st.just(0.5)), max_size=1
        ).map(tuple),
    ),
    st.builds(
        Stayed,
        at_us=at,
        queue=st.just("claude"),
        served=st.builds(
            Served,
            key=st.builds(PinKey, st.none(), st.just("claude"), ids, st.just("m")),
            place=whom.map(lambda one: place_of(one.provider, one.credential, "m")),
        ),
    ),
    st.builds(Switched, at_us=at, app=st.just("claude"), provider=st.sampled_from([None, "relay"])),
    st.builds(Reset, key=st.sampled_from(["main", "main/k"])),
)


@dataclass
class World:
    """Some processes, the one log that they tell, and how much of it each has heard."""

    replicas: Sequence[Replica]
    log: list[Line] = field(default_factory=list)
    sent: dict[str, list[Line]] = field(default_factory=dict)  # on its way to the log
    heard: dict[str, int] = field(default_factory=dict)

    def learns(self, number: int, event: Event) -> None:
        replica = self.replicas[number]
        line = replica.own(event)
        if line is not None:
            self.sent.setdefault(replica.member, []).append(line)

    def arrives(self, number: int) -> None:
        """Let the log take the oldest line of one process."""
        waiting = self.sent.get(self.replicas[number].member)
        if waiting:
            self.log.append(waiting.pop(0))

    def hears(self, number: int, most: int) -> None:
        replica = self.replicas[number]
        begins = self.heard.get(replica.member, 0)
        replica.heard(self.log[begins : begins + most])
        self.heard[replica.member] = min(len(self.log), begins + most)

    def reconnects(self, number: int, source: int) -> None:
        """Lose what is on its way, take another's state over, and tell again what is pending."""
        replica, other = self.replicas[number], self.replicas[source]
        replica.restored(_carried(other.agreed))
        self.heard[replica.member] = self.heard.get(other.member, 0)
        self.sent[replica.member] = list(replica.pending)

    def settles(self) -> None:
        for number in range(len(self.replicas)):
            while self.sent.get(self.replicas[number].member):
                self.arrives(number)
        for number in range(len(self.replicas)):
            self.hears(number, len(self.log))


def _carried(shared: Shared) -> Shared:
    """Return it as it comes to a newcomer: through JSON."""
    return msgspec.json.decode(msgspec.json.encode(shared), type=Shared)


def world(members: int) -> World:
    return World([Replica(f"w{n}", Memory(), HERE) for n in range(members)])


Act = Callable[[World], None]


def acts(members: int) -> st.SearchStrategy[list[Act]]:
    who = st.integers(0, members - 1)
    one: st.SearchStrategy[Act] = st.one_of(
        st.tuples(who, EVENTS).map(lambda found: lambda here: here.learns(*found)),
        who.map(lambda found: lambda here: here.arrives(found)),
        st.tuples(who, st.integers(1, 4)).map(lambda found: lambda here: here.hears(*found)),
        st.tuples(who, who).map(lambda found: lambda here: here.reconnects(*found)),
    )
    return st.lists(one, max_size=60)


@given(acts(3))
def test_all_come_to_know_what_one_process_would(order: list[Act]) -> None:
    here = world(3)
    for act in order:
        act(here)
    here.settles()
    alone = Shared()
    for line in here.log:
        alone = after(alone, line, HERE)
    for replica in here.replicas:
        assert replica.pending == ()
        assert replica.agreed == replica.view == alone


@given(st.lists(EVENTS, max_size=40))
def test_alone_it_is_what_is_known_without_a_log(events: list[Event]) -> None:
    events = [one for one in events if not isinstance(one, Began)]  # which is refused here alone
    replica, memory = Replica("w", Memory(), HERE), Memory()
    for event in events:
        replica.own(event)
        memory = fold.after(memory, event, HERE)
    assert replica.view.memory == memory


@given(acts(2))
def test_at_most_one_has_the_probe_and_no_more_have_seats_than_there_are(order: list[Act]) -> None:
    here = world(2)
    for act in order:
        act(here)
        for replica in here.replicas:
            assert replica.agreed.seats_taken("main/k") <= 2


def opened(here: World) -> None:
    for _ in range(OPENS_AFTER):
        here.learns(0, Learned(at_us=START, app="claude", whom=WHOM[0], failure="server_error"))


def probes(attempt_id: str) -> Began:
    at_us = START + 60 * S
    return Began(at_us=at_us, app="claude", whom=WHOM[0], attempt_id=attempt_id, probes=True)


def test_of_two_that_want_to_be_the_probe_the_first_in_the_log_is() -> None:
    here = world(2)
    opened(here)
    here.settles()
    here.learns(0, probes("one"))
    here.learns(1, probes("two"))
    assert [set(replica.view.held) for replica in here.replicas] == [{"one"}, {"two"}]
    here.arrives(1)
    here.settles()
    assert [set(replica.view.held) for replica in here.replicas] == [{"two"}, {"two"}]
    board = here.replicas[0].view.memory.board
    assert {one.probe.attempt_id for one in board.keys.values() if one.probe} == {"two"}


def test_the_probe_and_the_seats_of_who_is_gone_are_free() -> None:
    here = world(2)
    opened(here)
    here.learns(0, msgspec.structs.replace(probes("one"), seats=1))
    here.settles()
    here.log.append(Line("", 0, Gone(member="w0")))
    here.hears(1, 9)
    view = here.replicas[1].view
    assert view.held == {}
    assert all(one.probe is None for one in view.memory.board.keys.values())
    assert view.seen == {}


def test_what_nobody_could_hear_for_long_stays_known_here() -> None:
    here = world(1)
    for _ in range(MAX_PENDING + 5):
        here.learns(0, Counted(queue="claude", app="claude"))
    replica = here.replicas[0]
    assert len(replica.pending) == MAX_PENDING
    assert replica.view.memory.turns == {"claude": MAX_PENDING + 5}


def test_what_says_nothing_new_is_not_told() -> None:
    replica = Replica("w", Memory(), HERE)
    assert replica.own(Over(attempt_id="a")) is not None  # whoever ends one knows that it held it
    assert replica.own(Used(whom=WHOM[0], usage=Usage())) is None
    assert replica.own(Reset(key="main")) is None


def test_news_of_another_key_of_that_name_are_not_heeded() -> None:
    other = ground(network(target("main", key="new"), RELAY))
    replica = Replica("w", Memory(), other)
    quota = Quota("unified-5h", 1.0, None, START)
    told: list[Event] = [
        Learned(at_us=START, app="claude", whom=WHOM[0], failure="credential"),
        Heard(at_us=START, whom=WHOM[0], quotas=(quota,)),
        Content(at_us=START, whom=WHOM[0], first_content_ms=5.0),
    ]
    replica.heard(Line("x", n, event) for n, event in enumerate(told, 1))
    assert replica.view.memory == Memory()


def test_another_configuration_keeps_what_is_pending() -> None:
    here = world(1)
    here.learns(0, Counted(queue="claude", app="claude"))
    opened(here)
    replica, fewer = here.replicas[0], network(RELAY)
    replica.rebased(lambda memory: kept(memory, fewer, START), ground(fewer))
    assert replica.view.memory.turns == {"claude": 1}
    assert replica.view.memory.board.keys == {}
    assert len(replica.pending) == OPENS_AFTER + 1


@pytest.mark.parametrize("secret", ["old", "https://main.test"])
def test_no_event_has_a_secret(secret: str) -> None:
    told = msgspec.json.encode([Line("w", 1, probes("one")), HERE.whom(MAIN)])
    assert secret.encode() not in told
