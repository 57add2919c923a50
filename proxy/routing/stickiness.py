"""What a pin makes of the candidates that may be asked: who comes before whom, and why.

A pin is soft: it yields to all that keeps its place from being asked, and to a first content that
is much later than a sibling's. What it does not yield to is another preference of the policy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from proxy.routing.asked import Asked, Queue
from proxy.routing.candidates import Candidate
from proxy.routing.decision import LASTING, PinSeen, Skipped
from proxy.routing.latency import Latency, known_ms
from proxy.routing.pins import Away, CacheRatio, Pin, Place, move_after_us, place_of

NOT_STICKY = "the queue is not sticky"
_S = 1_000_000
Groups = tuple[tuple[Candidate, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A request with a pin, and what may be asked."""

    queue: Queue
    asked: Asked
    pin: Pin
    admitted: tuple[Candidate, ...]
    skipped: tuple[Skipped, ...]
    latencies: Mapping[str, Latency] = field(default_factory=dict)
    now_us: int


@dataclass(frozen=True, slots=True)
class Led:
    """Candidates in groups, best group first; within one the policy decides.

    `moves` is true if whoever serves becomes the session's home.
    """

    groups: Groups
    seen: PinSeen
    moves: bool = False


def unled(admitted: Sequence[Candidate], seen: PinSeen) -> Led:
    """Return primaries and backups, without regard to a pin."""
    return Led(_classes(admitted), seen)


def stays(
    queue: Queue, pin: Pin, home: Candidate, latencies: Mapping[str, Latency], now_us: int
) -> bool:
    """Say whether `led` leads to `home`, the place of the pin, whoever else may be asked.

    It does so in other cases, too: this one is told without a look at anybody else, for whoever
    plays many requests again and knows that home may be asked.
    """
    held = queue.sticky and pin.away is None and not home.backup and pin.holds(now_us)
    return held and _slow_ms(queue, home, latencies, now_us) is None


def led(situation: Situation) -> Led:
    """Return the candidates as the pin of the request groups them."""
    pin, now_us = situation.pin, situation.now_us
    if not situation.queue.sticky:
        return _by_issuer(situation, PinSeen("none", NOT_STICKY))
    if not pin.holds(now_us):
        return _by_issuer(situation, PinSeen("miss", "the pin is over"))
    home = _at(situation, pin.home)
    away = None if pin.away is None else _at(situation, pin.away.place)
    if home is None:
        return _without_home(situation, away)
    if pin.away is None:
        return _from_home(situation, home)
    stay = None if away is None else _reason_to_stay(situation, pin.away, home, away)
    if away is None or stay is None:
        return _first(situation, home, PinSeen("hit", "back home"))
    return _first(situation, away, PinSeen("moved", stay))


def _from_home(situation: Situation, home: Candidate) -> Led:
    """Stay at home, unless it is slow or a backup and somebody better may be asked."""
    others = [one for one in situation.admitted if one is not home]
    if _is_bound(situation):
        return _first(situation, home, PinSeen("hit", "what it issued goes back to it"))
    faster = _faster(situation, home)
    if faster is not None and _affordable(situation, home, faster):
        why = _slowness(situation, home, faster)
        return _first(situation, faster, PinSeen("moved", why))
    stayed_us = situation.now_us - situation.pin.since_us
    recheck_us = situation.queue.pin_rules.recheck_s * _S
    if home.backup and stayed_us >= recheck_us:
        primaries = [one for one in others if not one.backup]
        if primaries and _affordable(situation, home, primaries[0]):
            seen = PinSeen("moved", "a primary may be asked again")
            return Led(_classes(situation.admitted), seen, moves=True)
    return _first(situation, home, PinSeen("hit"))


def _without_home(situation: Situation, away: Candidate | None) -> Led:
    pin = situation.pin
    skip = next((s for s in situation.skipped if _place(s.id) == pin.home), None)
    gone = skip is None or skip.by in LASTING
    why = f"{skip.id}: {skip.by}" if skip else f"{pin.home.account}: removed"
    seen = PinSeen("broken" if gone else "moved", why)
    if away is not None:
        return _first(situation, away, seen, moves=gone)
    return Led(_near(situation.admitted, pin.home, backup=False), seen, moves=gone)


def _reason_to_stay(
    situation: Situation, stay: Away, home: Candidate, away: Candidate
) -> str | None:
    """Say why the session stays where it is although its home may be asked; `None` if not."""
    pin, rules = situation.pin, situation.queue.pin_rules
    gone_us = situation.now_us - stay.since_us
    if away.backup:
        return None if gone_us >= rules.recheck_s * _S else "not on the backup for long yet"
    if gone_us < rules.return_after_s * _S:
        return "not away from home for long yet"
    if gone_us >= move_after_us(pin, rules):
        return "away so long that the cache at home is cold"
    faster = _faster(situation, home)
    if faster is not None:
        return _slowness(situation, home, faster)
    if not _affordable(situation, away, home):
        return "going home would cost more than max_switch_spend_pct"
    return None


def _faster(situation: Situation, home: Candidate) -> Candidate | None:
    """Return the fastest sibling if `home` is slow against it."""
    rules, now_us = situation.queue.pin_rules, situation.now_us
    own_ms = _slow_ms(situation.queue, home, situation.latencies, now_us)
    if own_ms is None:
        return None
    known = [
        (mean_ms, one)
        for one in situation.admitted
        if one is not home
        and one.backup <= home.backup
        and (mean_ms := known_ms(situation.latencies.get(one.id), now_us)) is not None
    ]
    best = min(known, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and own_ms > rules.slow_factor * best[0] else None


def _slow_ms(
    queue: Queue, home: Candidate, latencies: Mapping[str, Latency], now_us: int
) -> float | None:
    """Return when first content comes from `home`, if that is late enough to look for others."""
    rules = queue.pin_rules
    own_ms = known_ms(latencies.get(home.id), now_us)
    late = own_ms is not None and bool(rules.slow_factor) and own_ms >= rules.slow_floor_ms
    return own_ms if late else None


def _slowness(situation: Situation, home: Candidate, faster: Candidate) -> str:
    means = (situation.latencies[one.id].mean_ms / 1000 for one in (home, faster))
    own_s, best_s = means
    return f"{home.id}: first content after {own_s:.1f} s, {faster.id} after {best_s:.1f} s"


def _affordable(situation: Situation, here: Candidate, there: Candidate) -> bool:
    """Say whether going from `here` to `there` keeps to the switch budget, if there is one.

    A cost that is not known is not affordable: the budget is a promise.
    """
    pin, most_pct = situation.pin, situation.queue.pin_rules.max_switch_spend_pct
    if most_pct is None:
        return True
    if pin.last_tokens is None:
        return False
    ratio = situation.asked.ratios.get(there.id, CacheRatio())
    warm = (pin.home_tokens or 0) if there.place == pin.home and here.place != pin.home else 0
    cost = max(0, pin.last_tokens - warm) * (ratio.write - ratio.read)
    return pin.spend.extra + cost <= pin.spend.baseline * most_pct / 100


def _is_bound(situation: Situation) -> bool:
    wanted = situation.queue.issuers_first and situation.asked.bonds
    return bool(wanted and situation.pin.issuers)


def _by_issuer(situation: Situation, seen: PinSeen) -> Led:
    """Return first those whose provider issued what the request carries."""
    if not _is_bound(situation):
        return unled(situation.admitted, seen)
    latest = Place(situation.pin.issuers[-1], situation.pin.last.credential)
    return Led(_near(situation.admitted, latest, backup=True), seen)


def _first(situation: Situation, first: Candidate, seen: PinSeen, *, moves: bool = False) -> Led:
    """Return `first`, then what shares its account or provider, then the others."""
    rest = [one for one in situation.admitted if one is not first]
    return Led(((first,), *_near(rest, first.place, backup=first.backup)), seen, moves)


def _near(candidates: Sequence[Candidate], place: Place, *, backup: bool) -> Groups:
    """Return those of the account of `place`, those of its provider, and the others.

    A backup is near only a backup.
    """
    near = [one for one in candidates if one.provider == place.provider and one.backup <= backup]
    own = [one for one in near if one.account == place.account]
    kin = [one for one in near if one.account != place.account]
    return tuple(own), tuple(kin), *_classes([one for one in candidates if one not in near])


def _classes(candidates: Sequence[Candidate]) -> Groups:
    return (
        tuple(one for one in candidates if not one.backup),
        tuple(one for one in candidates if one.backup),
    )


def _at(situation: Situation, place: Place) -> Candidate | None:
    return next((one for one in situation.admitted if one.place == place), None)


def _place(name: str) -> Place:
    """Return the place of the candidate with this id."""
    provider, credential, *model = name.split("/", maxsplit=2)
    return place_of(provider, credential, model[0] if model else None)
