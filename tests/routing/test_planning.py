"""Who is asked in which order, who is not, and what the pin had to do with it."""

from dataclasses import replace

import msgspec
import pytest

from proxy.routing.asked import Asked, Queue
from proxy.routing.budgets import Budget, Spent
from proxy.routing.candidates import Candidate, Known
from proxy.routing.decision import Decision, PinSeen, Skipped
from proxy.routing.health import Admission
from proxy.routing.latency import Latency
from proxy.routing.pins import Away, Pin, PinKey, PinRules, Pins, Place, Spend
from proxy.routing.planning import planned
from proxy.routing.quotas import Quota
from proxy.routing.renaming import Names
from proxy.routing.seats import Seats
from proxy.routing.windows import Schedule, Window, read_window

S = 1_000_000
NOW = 1_800_000_000 * S  # Friday 2027-01-15 08:00:00 UTC
KEY = PinKey(None, "claude", "s", "m")


def target(name: str, level: int = 0, **more: object) -> Candidate:
    return Candidate(provider=name, credential="k", level=level, wires=("anthropic",), **more)


A, B, C = target("a", 0), target("b", 1), target("c", 2)
A2 = replace(A, credential="k2", level=3)
ASKED = Asked(key=KEY, model=None)


def queue(*candidates: Candidate, **more: object) -> Queue:
    return Queue(name="claude", candidates=candidates, **more)


ABC = queue(A, B, C)


def pinned(home: str, **more: object) -> Pins:
    known: dict[str, object] = {
        "since_us": NOW - 60 * S,
        "used_us": NOW - 9 * S,
        "expires_us": NOW + 291 * S,
        "ttl_s": 300.0,
        "issuers": (home.split("/", maxsplit=1)[0],),
    }
    return Pins({KEY.text: Pin(home=Place(*home.split("/")), **(known | more))})


def away(place: str, since_s: float) -> Away:
    return Away(Place(*place.split("/")), NOW - round(since_s * S))


def cooling(*names: str) -> dict[str, Admission]:
    return {name: Admission("no", "cooling", NOW + 30 * S) for name in names}


def order(decision: Decision) -> str:
    return " ".join(one.id.removesuffix("/k") for one in decision.chosen)


CLOSED = Schedule((read_window("fri 09:00-17:00"),))
NEVER = Schedule((Window(frozenset()),))
DAILY = Budget(owner="a", per="day", usd=5.0)
UNTIL = NOW + 3600 * S


@pytest.mark.parametrize(
    ("candidate", "asked", "known", "skip"),
    [
        pytest.param(
            replace(A, enabled=False), {}, Known(), Skipped("a/k", "disabled"), id="switched off"
        ),
        pytest.param(
            A,
            {"provider": "b"},
            Known(),
            Skipped("a/k", "not_selected", "the request asks for b"),
            id="the request names another",
        ),
        pytest.param(
            A,
            {"provider": "a", "credential": "other"},
            Known(),
            Skipped("a/k", "not_selected", "the request asks for other"),
            id="the request names another key",
        ),
        pytest.param(
            A,
            {"wires": frozenset({"chat"})},
            Known(),
            Skipped("a/k", "wrong_wire", "it speaks anthropic"),
            id="it does not speak the wire",
        ),
        pytest.param(
            replace(A, models=("claude-*",)),
            {"model": "gpt-5"},
            Known(),
            Skipped("a/k/gpt-5", "no_such_model", "it has no gpt-5"),
            id="it does not have the model",
        ),
        pytest.param(
            A,
            {"bonds": frozenset({"previous_response_id"})},
            Known(pins=pinned("b/k")),
            Skipped("a/k", "not_the_issuer", "the answer before is with b"),
            id="it does not have the answer before",
        ),
        pytest.param(
            replace(A, schedule=CLOSED),
            {},
            Known(),
            Skipped("a/k", "window_closed", until_us=UNTIL),
            id="its window is closed",
        ),
        pytest.param(
            replace(A, schedule=NEVER),
            {},
            Known(),
            Skipped("a/k", "window_closed"),
            id="its window never opens",
        ),
        pytest.param(
            replace(A, budgets=(DAILY,)),
            {},
            Known(spent={DAILY.id: Spent(usd=7.0)}),
            Skipped("a/k", "over_budget", "7.00 of 5.00 USD of a a day", NOW + 16 * 3600 * S),
            id="its budget is spent",
        ),
        pytest.param(
            A,
            {},
            Known(quotas={"a/k": (Quota("unified-5h", 0.95, UNTIL, NOW),)}),
            Skipped("a/k", "over_quota", "95% of unified-5h", UNTIL),
            id="its quota is nearly used up",
        ),
        pytest.param(
            A,
            {},
            Known(admissions=cooling("a/k")),
            Skipped("a/k", "cooling", until_us=NOW + 30 * S),
            id="it is cooling",
        ),
        pytest.param(
            A,
            {"model": "m"},
            Known(admissions={"a/k/m": Admission("no", "breaker_open", UNTIL)}),
            Skipped("a/k/m", "breaker_open", until_us=UNTIL),
            id="its breaker is open for that model",
        ),
        pytest.param(
            A,
            {"model": "m"},
            Known(admissions=cooling("a/k")),
            Skipped("a/k/m", "cooling", until_us=NOW + 30 * S),
            id="its key is cooling for every model",
        ),
        pytest.param(
            A,
            {},
            Known(admissions={"a/k": Admission("no", "probing")}),
            Skipped("a/k", "probing"),
            id="somebody else is its trial",
        ),
        pytest.param(
            A,
            {},
            Known(admissions={"a/k": Admission("no", "switched elsewhere")}),
            Skipped("a/k", "not_admitted", "switched elsewhere"),
            id="it may not be asked for another reason",
        ),
        pytest.param(
            replace(A, seats=Seats(2)),
            {},
            Known(in_flight={"a/k": 2}),
            Skipped("a/k", "busy", "2 requests at once"),
            id="it has no seat",
        ),
    ],
)
def test_who_is_not_asked(
    candidate: Candidate, asked: dict[str, object], known: Known, skip: Skipped
) -> None:
    other = {"provider": "b"} if asked.get("provider") == "b" else {}
    one = replace(ASKED, **(asked | other))
    decision = planned(queue(candidate), one, known, NOW)
    assert decision.skipped == (skip,)
    assert decision.chosen == ()
    assert decision.sentence is not None
    assert decision.sentence.startswith(
        f"No target of the queue claude can be asked: {skip.id}: {skip.by.replace('_', ' ')}"
    )


@pytest.mark.parametrize(
    ("line", "known", "sentence", "soonest_us"),
    [
        pytest.param(queue(), Known(), "The queue claude is empty.", None, id="nobody is there"),
        pytest.param(
            queue(A, replace(B, enabled=False), replace(C, schedule=CLOSED)),
            Known(admissions=cooling("a/k")),
            "No target of the queue claude can be asked: "
            "a/k: cooling until 2027-01-15 08:00:30 UTC; b/k: disabled; "
            "c/k: window closed until 2027-01-15 09:00:00 UTC."
            " The first may be back at 2027-01-15 08:00:30 UTC.",
            NOW + 30 * S,
            id="what removed each, and when the first is back",
        ),
        pytest.param(
            queue(replace(A, enabled=False)),
            Known(),
            "No target of the queue claude can be asked: a/k: disabled.",
            None,
            id="nobody comes back by himself",
        ),
    ],
)
def test_an_empty_plan_says_why(
    line: Queue, known: Known, sentence: str, soonest_us: int | None
) -> None:
    decision = planned(line, ASKED, known, NOW)
    assert (decision.sentence, decision.soonest_us) == (sentence, soonest_us)
    assert decision.propensity is None


FASTER = {"a/k": Latency(9000.0, 9, NOW), "b/k": Latency(2000.0, 9, NOW)}
HALF_AN_HOUR = PinRules(move_after_s=1800.0)
PRICED = PinRules(max_switch_spend_pct=10.0)
CHEAP = {"last_tokens": 100, "home_tokens": 90, "spend": Spend(1000.0, 10.0)}
DEAR = {"last_tokens": 1000, "home_tokens": 90, "spend": Spend(1000.0, 10.0)}
SOLE_BACKUP = queue(replace(A, backup=True), B)


@pytest.mark.parametrize(
    ("line", "known", "expected", "seen"),
    [
        pytest.param(ABC, Known(), "a b c", PinSeen("miss", "the session is new"), id="no pin"),
        pytest.param(ABC, Known(pins=pinned("b/k")), "b a c", PinSeen("hit"), id="the pin leads"),
        pytest.param(
            ABC,
            Known(pins=pinned("b/k", expires_us=NOW)),
            "a b c",
            PinSeen("miss", "the pin is over"),
            id="a pin that is over does not",
        ),
        pytest.param(
            queue(A, B, C, sticky=False),
            Known(pins=pinned("b/k")),
            "a b c",
            PinSeen("none", "the queue is not sticky"),
            id="nor one in a queue that is not sticky",
        ),
        pytest.param(
            queue(A, B, A2),
            Known(pins=pinned("a/k")),
            "a a/k2 b",
            PinSeen("hit"),
            id="what shares the provider comes second",
        ),
        pytest.param(
            queue(A, B, A2),
            Known(pins=pinned("a/k2")),
            "a/k2 a b",
            PinSeen("hit"),
            id="and the key of the session first",
        ),
        pytest.param(
            ABC,
            Known(pins=pinned("b/k"), admissions=cooling("b/k")),
            "a c",
            PinSeen("moved", "b/k: cooling"),
            id="a pin yields to cooldown",
        ),
        pytest.param(
            queue(A, B, A2),
            Known(pins=pinned("a/k"), admissions=cooling("a/k")),
            "a/k2 b",
            PinSeen("moved", "a/k: cooling"),
            id="to another key of the same provider first",
        ),
        pytest.param(
            queue(A, B, replace(A2, backup=True)),
            Known(pins=pinned("a/k"), admissions=cooling("a/k")),
            "b a/k2",
            PinSeen("moved", "a/k: cooling"),
            id="but not if that is a backup",
        ),
        pytest.param(
            queue(A, B, replace(A2, backup=True)),
            Known(pins=pinned("a/k")),
            "a b a/k2",
            PinSeen("hit"),
            id="nor as the second one",
        ),
        pytest.param(
            ABC,
            Known(pins=pinned("b/k"), admissions={"b/k": Admission("no", "breaker_open")}),
            "a c",
            PinSeen("moved", "b/k: breaker_open"),
            id="to an open breaker",
        ),
        pytest.param(
            ABC,
            Known(pins=pinned("b/k"), admissions={"b/k": Admission("probe")}),
            "b a c",
            PinSeen("hit"),
            id="and is the trial of a half-open one",
        ),
        pytest.param(
            queue(A, replace(B, schedule=CLOSED), C),
            Known(pins=pinned("b/k")),
            "a c",
            PinSeen("moved", "b/k: window_closed"),
            id="to a closed window",
        ),
        pytest.param(
            queue(A, replace(B, enabled=False), C),
            Known(pins=pinned("b/k")),
            "a c",
            PinSeen("broken", "b/k: disabled"),
            id="for good to switching off",
        ),
        pytest.param(
            queue(A, C),
            Known(pins=pinned("b/k")),
            "a c",
            PinSeen("broken", "b/k: removed"),
            id="for good to removal",
        ),
        pytest.param(
            ABC,
            Known(pins=pinned("a/k", away=away("c/k", 5)), admissions=cooling("a/k")),
            "c b",
            PinSeen("moved", "a/k: cooling"),
            id="away from home a session stays in one place",
        ),
        pytest.param(
            ABC,
            Known(pins=pinned("a/k", away=away("c/k", 5)), admissions=cooling("a/k", "c/k")),
            "b",
            PinSeen("moved", "a/k: cooling"),
            id="unless that may not be asked either",
        ),
        pytest.param(
            ABC,
            Known(pins=pinned("a/k", away=away("c/k", 29))),
            "c a b",
            PinSeen("moved", "not away from home for long yet"),
            id="home is not gone back to at once",
        ),
        pytest.param(
            ABC,
            Known(pins=pinned("a/k", away=away("c/k", 30))),
            "a b c",
            PinSeen("hit", "back home"),
            id="but after half a minute",
        ),
        pytest.param(
            ABC,
            Known(pins=pinned("a/k", away=away("c/k", 5)), admissions=cooling("c/k")),
            "a b",
            PinSeen("hit", "back home"),
            id="or if it is the better of the two",
        ),
        pytest.param(
            ABC,
            Known(pins=pinned("a/k", away=away("c/k", 300))),
            "c a b",
            PinSeen("moved", "away so long that the cache at home is cold"),
            id="and not once the cache there is cold",
        ),
        pytest.param(
            queue(A, B, C, pin_rules=HALF_AN_HOUR),
            Known(pins=pinned("a/k", away=away("c/k", 300))),
            "a b c",
            PinSeen("hit", "back home"),
            id="unless the configuration says that it is not",
        ),
        pytest.param(
            queue(A, B, C, pin_rules=PRICED),
            Known(pins=pinned("a/k", away=away("c/k", 60), **CHEAP)),
            "a b c",
            PinSeen("hit", "back home"),
            id="going home costs what was said there since",
        ),
        pytest.param(
            queue(A, B, C, pin_rules=PRICED),
            Known(pins=pinned("a/k", away=away("c/k", 60), **DEAR)),
            "c a b",
            PinSeen("moved", "going home would cost more than max_switch_spend_pct"),
            id="and may cost too much",
        ),
        pytest.param(
            queue(A, B, C, pin_rules=PRICED),
            Known(pins=pinned("a/k", away=away("c/k", 60))),
            "c a b",
            PinSeen("moved", "going home would cost more than max_switch_spend_pct"),
            id="as a cost that is not known does",
        ),
        pytest.param(
            ABC,
            Known(pins=pinned("a/k"), latencies=FASTER),
            "b a c",
            PinSeen("moved", "a/k: first content after 9.0 s, b/k after 2.0 s"),
            id="a pin yields to slowness",
        ),
        pytest.param(
            queue(A, B, C, pin_rules=PinRules(slow_factor=5.0)),
            Known(pins=pinned("a/k"), latencies=FASTER),
            "a b c",
            PinSeen("hit"),
            id="not to a little of it",
        ),
        pytest.param(
            queue(A, B, C, pin_rules=PinRules(slow_floor_ms=9001.0)),
            Known(pins=pinned("a/k"), latencies=FASTER),
            "a b c",
            PinSeen("hit"),
            id="not to what is fast enough",
        ),
        pytest.param(
            queue(A, B, C, pin_rules=PRICED),
            Known(pins=pinned("a/k", **DEAR), latencies=FASTER),
            "a b c",
            PinSeen("hit"),
            id="not if the switch is too dear",
        ),
        pytest.param(
            queue(A, replace(B, backup=True), C),
            Known(pins=pinned("a/k"), latencies=FASTER),
            "a c b",
            PinSeen("hit"),
            id="not if the faster one is a backup",
        ),
        pytest.param(
            ABC,
            Known(pins=pinned("a/k"), latencies=FASTER, admissions=cooling("b/k")),
            "a c",
            PinSeen("hit"),
            id="not if the faster one may not be asked",
        ),
        pytest.param(
            ABC,
            Known(pins=pinned("a/k", away=away("b/k", 60)), latencies=FASTER),
            "b a c",
            PinSeen("moved", "a/k: first content after 9.0 s, b/k after 2.0 s"),
            id="nor is a slow home gone back to",
        ),
        pytest.param(
            SOLE_BACKUP,
            Known(pins=pinned("a/k")),
            "b a",
            PinSeen("moved", "a primary may be asked again"),
            id="a session that began on a backup leaves it",
        ),
        pytest.param(
            SOLE_BACKUP,
            Known(pins=pinned("a/k", since_us=NOW - 29 * S)),
            "a b",
            PinSeen("hit"),
            id="after half a minute",
        ),
        pytest.param(
            queue(A, replace(B, backup=True)),
            Known(pins=pinned("a/k", away=away("b/k", 3000), expires_us=NOW + S)),
            "a b",
            PinSeen("hit", "back home"),
            id="from a backup it always goes home",
        ),
    ],
)
def test_what_a_pin_does(line: Queue, known: Known, expected: str, seen: PinSeen) -> None:
    decision = planned(line, ASKED, known, NOW)
    assert (order(decision), decision.pin) == (expected, seen)


@pytest.mark.parametrize(
    ("known", "moves"),
    [
        pytest.param(Known(pins=pinned("gone/k")), True, id="a broken pin moves"),
        pytest.param(Known(pins=pinned("a/k"), admissions=cooling("a/k")), False, id="not for now"),
    ],
)
def test_whether_the_pin_moves(known: Known, moves: bool) -> None:
    assert planned(ABC, ASKED, known, NOW).pin_moves is moves


def test_without_a_session_there_is_no_pin() -> None:
    decision = planned(ABC, replace(ASKED, key=None), Known(pins=pinned("b/k")), NOW)
    assert (order(decision), decision.pin.state) == ("a b c", "none")


BOUND = frozenset({"signature", "encrypted_reasoning"})


@pytest.mark.parametrize(
    ("known", "expected", "stripped"),
    [
        pytest.param(Known(), "a b c", "", id="nobody known issued anything: as it is"),
        pytest.param(Known(pins=pinned("a/k")), "a b c", "b c", id="the issuer first, and whole"),
        pytest.param(
            Known(pins=pinned("b/k", expires_us=NOW)), "b a c", "a c", id="even if the pin is over"
        ),
        pytest.param(
            Known(pins=pinned("a/k"), admissions=cooling("a/k")), "b c", "b c", id="else stripped"
        ),
        pytest.param(
            Known(pins=pinned("a/k", issuers=("b", "a"))), "a b c", "a b c", id="of both: stripped"
        ),
        pytest.param(
            Known(pins=pinned("a/k"), latencies=FASTER), "a b c", "b c", id="slow is no reason"
        ),
    ],
)
def test_what_only_its_issuer_can_read(known: Known, expected: str, stripped: str) -> None:
    decision = planned(ABC, replace(ASKED, bonds=BOUND), known, NOW)
    assert order(decision) == expected
    assert " ".join(one.provider for one in decision.chosen if one.strip) == stripped


def test_without_such_tokens_nothing_is_stripped() -> None:
    decision = planned(ABC, ASKED, Known(pins=pinned("b/k")), NOW)
    assert not any(one.strip for one in decision.chosen)


WAITS = replace(A, seats=Seats(1, 5.0))


@pytest.mark.parametrize(
    ("line", "known", "waited_s", "expected", "wait_s"),
    [
        pytest.param(
            queue(WAITS, B), Known(in_flight={"a/k": 1}), 0.0, "b", 0.0, id="another one is free"
        ),
        pytest.param(
            queue(WAITS, B),
            Known(in_flight={"a/k": 1}, pins=pinned("a/k")),
            2.0,
            "a b",
            3.0,
            id="a warm cache is waited for",
        ),
        pytest.param(
            queue(WAITS, B),
            Known(in_flight={"a/k": 1}, pins=pinned("a/k")),
            5.0,
            "b",
            0.0,
            id="not for ever",
        ),
        pytest.param(
            queue(WAITS), Known(in_flight={"a/k": 1}), 1.0, "a", 4.0, id="the only one as well"
        ),
        pytest.param(queue(WAITS, B), Known(), 0.0, "a b", 0.0, id="a free seat is taken at once"),
    ],
)
def test_waiting_for_a_seat(
    line: Queue, known: Known, waited_s: float, expected: str, wait_s: float
) -> None:
    decision = planned(line, replace(ASKED, waited_s=waited_s), known, NOW)
    assert (order(decision), decision.wait_s) == (expected, wait_s)


def test_backups_come_last_whatever_the_policy() -> None:
    line = queue(replace(A, backup=True), B, C, policy="random")
    for seed in (b"1", b"2", b"3", b"4", b"5"):
        decision = planned(line, replace(ASKED, seed=seed), Known(), NOW)
        assert decision.chosen[-1].provider == "a"
        assert decision.propensity == 0.5
    assert order(planned(line, ASKED, Known(admissions=cooling("b/k", "c/k")), NOW)) == "a"


def test_each_target_is_asked_under_its_own_name_and_once() -> None:
    renamed = replace(A, names=Names(renames=(("claude-*", "x/*"),)))
    line = queue(renamed, replace(A, model="x/opus"), B)
    decision = planned(line, replace(ASKED, model="claude-opus"), Known(), NOW)
    assert [one.model for one in decision.chosen] == ["x/opus", "claude-opus"]
    assert decision.skipped == (Skipped("a/k/x/opus", "twice"),)


def test_a_pin_knows_the_model_it_was_served_by() -> None:
    line = queue(replace(A, model="big"), replace(A, model="small", level=1), B)
    decision = planned(line, ASKED, Known(pins=pinned("a/k/small")), NOW)
    assert [one.model for one in decision.chosen] == ["small", "big", None]


@pytest.mark.parametrize(
    ("admissions", "models", "seen"),
    [
        pytest.param({}, "big-20260101 small", PinSeen("hit"), id="a date is no other place"),
        pytest.param(
            cooling("a/k/big-20260101"),
            "small",
            PinSeen("moved", "a/k/big-20260101: cooling"),
            id="another model is, but of the same account",
        ),
    ],
)
def test_a_pin_and_the_dates_of_models(
    admissions: dict[str, Admission], models: str, seen: PinSeen
) -> None:
    line = queue(B, replace(A, model="big-20260101"), replace(A, model="small", level=1))
    known = Known(pins=pinned("a/k/big"), admissions=admissions)
    decision = planned(line, ASKED, known, NOW)
    near = [one.model for one in decision.chosen if one.model]
    assert (" ".join(near), decision.pin) == (models, seen)
    assert decision.chosen[-1].provider == "b"


def test_a_pin_that_leads_leaves_nothing_to_chance() -> None:
    line = queue(A, B, C, policy="random")
    assert planned(line, ASKED, Known(), NOW).propensity == pytest.approx(1 / 3)
    assert planned(line, ASKED, Known(pins=pinned("b/k")), NOW).propensity == 1.0


def test_a_decision_survives_the_log() -> None:
    known = Known(pins=pinned("a/k"), admissions=cooling("a/k"), latencies=FASTER)
    decision = planned(ABC, replace(ASKED, bonds=BOUND), known, NOW)
    assert msgspec.json.decode(msgspec.json.encode(decision), type=Decision) == decision
