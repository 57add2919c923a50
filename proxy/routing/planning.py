"""From a queue, a request and what is known to the plan: who is asked in which order, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from proxy.routing.asked import Asked, Queue
from proxy.routing.candidates import Candidate, Known
from proxy.routing.decision import LASTING, Chosen, Decision, PinSeen, Skipped
from proxy.routing.filters import barred, unfit
from proxy.routing.pins import Pin
from proxy.routing.policies import POLICIES, Context, Ranking
from proxy.routing.seats import seat
from proxy.routing.stickiness import NOT_STICKY, Groups, Led, Situation, led, unled


@dataclass(frozen=True, slots=True)
class _Case:
    """One request before it is decided."""

    queue: Queue
    asked: Asked
    known: Known
    now_us: int
    pin: Pin | None


@dataclass(frozen=True, slots=True)
class _Sifted:
    """Who may be asked, which of them only after a wait for a seat; who may not, and why."""

    admitted: tuple[Candidate, ...]
    waiting: tuple[Candidate, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class _Order:
    """Candidates in order; `wait_s` is for a seat at the first."""

    led: Led
    ranking: Ranking
    skipped: tuple[Skipped, ...]
    wait_s: float = field(default=0.0)


def planned(queue: Queue, asked: Asked, known: Known, now_us: int) -> Decision:
    """Return the plan for one request; equal arguments give equal plans.

    Args:
        queue: Where it may go.
        asked: The request.
        known: What is known of the candidates.
        now_us: UTC microseconds.
    """
    case = _Case(queue, asked, known, now_us, known.pins.get(asked.key) if asked.key else None)
    order = _decided(case)
    ranking = order.ranking
    return Decision(
        queue=queue.name,
        policy=queue.policy,
        chosen=tuple(_chosen(one, ranking, case) for one in ranking.order),
        skipped=order.skipped,
        propensity=ranking.propensity if ranking.order else None,
        pin=order.led.seen,
        pin_moves=order.led.moves,
        wait_s=order.wait_s,
        sentence=None if ranking.order else _sentence(queue.name, order.skipped),
        soonest_us=soonest_us(order.skipped),
    )


def soonest_us(skipped: Sequence[Skipped]) -> int | None:
    """Return when the first of the `skipped` may be asked again, as far as that is known."""
    times = (one.until_us for one in skipped if one.by not in LASTING)
    return min((time for time in times if time is not None), default=None)


def _decided(case: _Case) -> _Order:
    """Return the order; a seat is waited for at home, or where no other one is free."""
    sifted = _sifted(case)
    waiting, skipped = sifted.waiting, sifted.skipped
    order = _ordered(case, sifted.admitted, skipped)
    first = next(iter(order.ranking.order), None)
    if first is None or not waiting:
        return order
    free = tuple(one for one in sifted.admitted if one not in waiting)
    if first not in waiting or (order.led.seen.state != "hit" and free):
        return _ordered(case, free, (*skipped, *map(_busy, waiting)))
    others = [one for one in waiting if one is not first]
    kept = tuple(one for one in order.ranking.order if one not in others)
    most_s = first.seats.max_wait_s if first.seats else 0.0
    return replace(
        order,
        ranking=replace(order.ranking, order=kept),
        skipped=(*skipped, *map(_busy, others)),
        wait_s=most_s - case.asked.waited_s,
    )


def _sifted(case: _Case) -> _Sifted:
    admitted: list[Candidate] = []
    waiting: list[Candidate] = []
    skipped: list[Skipped] = []
    seen: set[str] = set()
    for one in case.queue.resolved(case.asked.model):
        skip = Skipped(one.id, "twice") if one.id in seen else _skip(case, one)
        seen.add(one.id)
        turn = seat(one.seats, case.known.in_flight.get(one.account, 0), case.asked.waited_s)
        if skip is not None or turn == "full":
            skipped.append(skip or _busy(one))
            continue
        admitted.append(one)
        if turn == "wait":
            waiting.append(one)
    return _Sifted(tuple(admitted), tuple(waiting), tuple(skipped))


def _skip(case: _Case, one: Candidate) -> Skipped | None:
    return unfit(one, case.asked, case.pin) or barred(one, case.queue, case.known, case.now_us)


def _busy(one: Candidate) -> Skipped:
    limit = one.seats.limit if one.seats else 0
    return Skipped(one.id, "busy", f"{limit} requests at once")


def _ordered(case: _Case, admitted: tuple[Candidate, ...], skipped: tuple[Skipped, ...]) -> _Order:
    """Return what pin and policy make of the candidates that may be asked."""
    if case.pin is None:
        found = unled(admitted, _unpinned(case))
    else:
        situation = Situation(
            queue=case.queue,
            asked=case.asked,
            pin=case.pin,
            admitted=admitted,
            skipped=skipped,
            latencies=case.known.latencies,
            now_us=case.now_us,
        )
        found = led(situation)
    return _Order(found, _ranked(case, found.groups), skipped)


def _unpinned(case: _Case) -> PinSeen:
    if not case.queue.sticky:
        return PinSeen("none", NOT_STICKY)
    if case.asked.key is None:
        return PinSeen("none", "the request has no session")
    return PinSeen("miss", "the session is new")


def _ranked(case: _Case, groups: Groups) -> Ranking:
    """Return the groups one after the other, each in the order of the policy."""
    context = Context(
        now_us=case.now_us,
        seed=case.asked.seed,
        turn=case.asked.turn,
        key=case.asked.key.text if case.asked.key else None,
        latencies=case.known.latencies,
        prices=case.known.prices,
        explore=case.queue.explore,
    )
    rank = POLICIES[case.queue.policy]
    rankings = [rank(group, context) for group in groups if group]
    if not rankings:
        return Ranking(())
    order = tuple(one for ranking in rankings for one in ranking.order)
    scores = {name: score for ranking in rankings for name, score in ranking.scores.items()}
    return Ranking(order, scores, rankings[0].propensity)


def _chosen(one: Candidate, ranking: Ranking, case: _Case) -> Chosen:
    issuers = case.pin.issuers if case.pin else ()
    return Chosen(
        id=one.id,
        provider=one.provider,
        credential=one.credential,
        model=one.model,
        backup=one.backup,
        score=ranking.scores.get(one.id),
        strip=bool(case.asked.bonds - {"previous_response_id"})
        and any(issuer != one.provider for issuer in issuers),
    )


def _sentence(queue: str, skipped: tuple[Skipped, ...]) -> str:
    if not skipped:
        return f"The queue {queue} is empty."
    reasons = "; ".join(map(_reason, skipped))
    soonest = soonest_us(skipped)
    hope = "" if soonest is None else f" The first may be back at {_clock(soonest)}."
    return f"No target of the queue {queue} can be asked: {reasons}.{hope}"


def _reason(skip: Skipped) -> str:
    words = skip.by.replace("_", " ")
    why = f" ({skip.why})" if skip.why else ""
    until = f" until {_clock(skip.until_us)}" if skip.until_us is not None else ""
    return f"{skip.id}: {words}{why}{until}"


def _clock(time_us: int) -> str:
    return f"{datetime.fromtimestamp(time_us // 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"
