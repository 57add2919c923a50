"""What an outcome has changed, as events: the difference between two states of what was learnt."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from proxy.happened import Cooled, Happened, Kind, Moved, Opened
from proxy.routing.board import Board, keys_of
from proxy.routing.budgets import Budget, Spent, period, used_up
from proxy.routing.health import Health
from proxy.routing.pins import Pin, Place, Served
from proxy.routing.types import Target

_HEALTHY = Health()


def health_changes(
    before: Board, after: Board, target: Target, now_us: int, asked_s: float | None = None
) -> Iterator[Happened]:
    """Yield what became of the breakers and cooldowns of `target`, the widest key first.

    Args:
        before: As it was.
        after: As it is.
        target: All that can have changed; nothing else is looked at.
        now_us: UTC microseconds since 1970.
        asked_s: How long the provider wants to be left alone, if it said so.
    """
    if before is after:
        return
    for key in keys_of(target).each:
        old, new = before.keys.get(key, _HEALTHY), after.keys.get(key, _HEALTHY)
        if old is not new:
            yield from _of_breaker(key, old, new, now_us)
            if new.cool_until_us is not None and new.cool_until_us != old.cool_until_us:
                cooled = Cooled(asked_s=asked_s or None, failures=new.streak)
                yield concerning(
                    key,
                    Happened(
                        kind="cooldown_begun",
                        at_us=now_us,
                        until_us=new.cool_until_us,
                        failure=new.failure,
                        detail=cooled,
                    ),
                )


def _of_breaker(key: str, old: Health, new: Health, now_us: int) -> Iterator[Happened]:
    if new.opened > old.opened:
        opened = Happened(
            kind="breaker_opened",
            at_us=now_us,
            until_us=new.open_until_us,
            failure=new.failure,
            detail=Opened(opened=new.opened, faults=new.faults),
        )
        yield concerning(key, opened)
    elif old.open_until_us is not None and new.open_until_us is None:
        yield concerning(key, Happened(kind="breaker_closed", at_us=now_us))


def trials(board: Board, target: Target, attempt_id: str, now_us: int) -> Iterator[Happened]:
    """Yield each breaker of `target` that has let this attempt through, as its one trial."""
    for key in keys_of(target).each:
        health = board.keys.get(key, _HEALTHY)
        if health.probe is not None and health.probe.attempt_id == attempt_id:
            trial = Happened(kind="breaker_half_open", at_us=now_us, failure=health.failure)
            yield concerning(key, trial)


def concerning(key: str, happened: Happened) -> Happened:
    """Return `happened` with what a key of the board is made of."""
    provider, *rest = key.split("/", 2)
    credential, model = (*rest, None, None)[:2]
    return replace(happened, provider=provider, credential=credential, model=model)


def health_reset(key: str, why: str, now_us: int) -> Happened:
    """Return that what was known of a key of the board, and of what is below it, is forgotten."""
    return concerning(key, Happened(kind="health_reset", at_us=now_us, why=why))


def pin_changes(before: Pin | None, after: Pin, served: Served, now_us: int) -> Iterator[Happened]:
    """Yield what became of the pin of a session that was served; of one that was hit, nothing."""
    if before is None or not before.holds(now_us):
        if before is not None:
            yield _of_pin("pin_expired", served, before.last, now_us, before.expires_us)
        yield _of_pin("pin_made", served, after.last, now_us, after.expires_us)
    elif (before.last, before.home) != (after.last, after.home):
        left = before.last if before.last != after.last else before.home
        is_home = after.away is None
        moved = Moved(
            provider=left.provider,
            credential=left.credential,
            model=left.family,
            is_home=is_home,
        )
        kind: Kind = "pin_broken" if served.broken and is_home else "pin_moved"
        change = _of_pin(kind, served, after.last, now_us, after.expires_us)
        yield replace(change, why=served.why, detail=moved)


def _of_pin(kind: Kind, served: Served, place: Place, now_us: int, until_us: int) -> Happened:
    return Happened(
        kind=kind,
        at_us=now_us,
        app=served.key.app,
        provider=place.provider,
        credential=place.credential,
        model=place.family,
        session_id=served.key.session,
        until_us=until_us,
    )


def budget_changes(
    budgets: Sequence[Budget],
    before: Mapping[str, Spent],
    after: Mapping[str, Spent],
    now_us: int,
) -> Iterator[Happened]:
    """Yield each of `budgets` that is used up since `before`; both are of its period."""
    for budget in budgets:
        why = used_up(budget, after.get(budget.id, Spent()))
        if why is not None and used_up(budget, before.get(budget.id, Spent())) is None:
            until_us = period(budget.per, budget.zone, now_us).ends_us
            exhausted = Happened(kind="budget_exhausted", at_us=now_us, until_us=until_us, why=why)
            yield concerning(budget.owner, exhausted)
