"""Where each session is served: pins, which only a served request makes, moves or renews.

A pin keeps its home through a temporary failover and remembers the place away from it; after
`departures` of them or a long stay it moves there. What it may cost is counted in tokens of
uncached input (`facts/gateways.md` sections 1.7 and 6; `facts/estimators.md` section 5).
"""

from dataclasses import dataclass, field
from functools import lru_cache

import msgspec

from proxy.routing.models import family

_S = 1_000_000


class PinKey(msgspec.Struct, frozen=True, cache_hash=True):
    """Whose session: it never meets one of another client key, app or family of models."""

    client_key: str | None
    app: str
    session: str
    family: str

    @property
    def text(self) -> str:
        """The key as text; two keys have two texts."""
        return _text(self)


@lru_cache(maxsize=4096)  # asked five times for a request
def _text(key: PinKey) -> str:
    return msgspec.json.encode(msgspec.structs.astuple(key)).decode()


class Place(msgspec.Struct, frozen=True):
    """A provider, one of its credentials, and the family of the model sent there."""

    provider: str
    credential: str
    family: str | None = None

    @property
    def account(self) -> str:
        """What the credential is known under."""
        return f"{self.provider}/{self.credential}"


def place_of(provider: str, credential: str, model: str | None) -> Place:
    """Return the place of a target; two dates of one model are one place."""
    return Place(provider, credential, None if model is None else family(model))


class Away(msgspec.Struct, frozen=True):
    """Where a session is for the time being, and since when."""

    place: Place
    since_us: int


class Spend(msgspec.Struct, frozen=True):
    """What a session cost, in tokens of uncached input."""

    baseline: float = 0.0  # had it never left a place
    extra: float = 0.0  # what leaving places cost on top of that


class CacheRatio(msgspec.Struct, frozen=True):
    """Prices of tokens read from and written to a cache, as parts of that of uncached input."""

    read: float = 0.1
    write: float = 1.25


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session belongs, where it is, and what each place has in its cache.

    `issuers` are the providers whose signatures and encrypted reasoning its history may hold, the
    latest one last; they are remembered longer than the pin holds.
    """

    home: Place
    since_us: int
    used_us: int
    expires_us: int
    ttl_s: float
    departures: int = 0  # from home, lately
    departed_us: int | None = None
    away: Away | None = None
    issuers: tuple[str, ...] = ()
    home_tokens: int | None = None  # the last prompt served there: what its cache may have
    last_tokens: int | None = None  # the same of the place that served last
    spend: Spend = Spend()

    def holds(self, now_us: int) -> bool:
        """Say whether the pin is to be followed still."""
        return now_us < self.expires_us

    @property
    def last(self) -> Place:
        """The place that served last."""
        return self.away.place if self.away else self.home


@dataclass(frozen=True, slots=True, kw_only=True)
class PinRules:
    """How long pins hold, when they move, and what that may cost."""

    ttl_s: float = 300.0
    long_ttl_s: float = 3600.0  # once a request has written to a cache that holds an hour
    return_after_s: float = 30.0  # not home again sooner than this after leaving it
    move_after_s: float | None = None  # away; `None`: as long as the pin's cache holds
    move_after_departures: int = 3  # within `long_ttl_s` of each other
    recheck_s: float = 30.0  # on a backup, before a primary that is back gets the session
    slow_factor: float = 3.0  # times the fastest sibling's first content; 0: slowness is no reason
    slow_floor_ms: float = 5000.0  # and at least this
    max_switch_spend_pct: float | None = None  # of the baseline; `None`: switches are not priced
    remember_s: float = 86_400.0  # issuers
    max_pins: int = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A request was answered as a whole by `place`."""

    key: PinKey
    place: Place
    moves: bool = False  # the plan gave the old home up: broken, or not worth going back to
    broken: bool = False  # ... for its place is gone for good
    why: str | None = None  # it was not, or could not stay, where its pin was
    backup: bool = False  # the place is one, and so no home to move to
    writes_1h: bool = False
    issued: bool = True  # the answer may hold tokens that only this provider can read
    prompt_tokens: int | None = None
    cache_read_tokens: int | None = None
    ratio: CacheRatio = field(default_factory=CacheRatio)


class Pins(msgspec.Struct, frozen=True):
    """All pins by the text of their key, the one used last at the end."""

    entries: dict[str, Pin] = {}

    def get(self, key: PinKey) -> Pin | None:
        """Return the pin of `key`, held or not."""
        return self.entries.get(key.text)

    def after(self, served: Served, rules: PinRules, now_us: int) -> "Pins":
        """Return the pins after a served request; the longest unused ones beyond the bound go."""
        entries = {**self.entries}
        before = entries.pop(served.key.text, None)
        entries[served.key.text] = _next(before, served, rules, now_us)
        for text in list(entries)[: max(0, len(entries) - rules.max_pins)]:
            del entries[text]
        return Pins(entries)

    def pruned(self, rules: PinRules, now_us: int) -> "Pins":
        """Return those that still say something: where to go, or who issued what."""
        oldest = now_us - round(rules.remember_s * _S)
        return Pins(
            {k: p for k, p in self.entries.items() if p.holds(now_us) or p.used_us > oldest}
        )


def move_after_us(pin: Pin, rules: PinRules) -> int:
    """Return how long a session stays away before it belongs there."""
    return round((pin.ttl_s if rules.move_after_s is None else rules.move_after_s) * _S)


def _next(before: Pin | None, served: Served, rules: PinRules, now_us: int) -> Pin:
    ttl_s = rules.long_ttl_s if served.writes_1h else rules.ttl_s
    if before is None or not before.holds(now_us):
        pin = _fresh(before, served, ttl_s, now_us)
        return msgspec.structs.replace(pin, spend=_spend(None, served))
    ends_us = now_us + round(ttl_s * _S)
    tokens = served.prompt_tokens
    moved = _moved(before, served, rules, now_us)
    return msgspec.structs.replace(
        moved,
        used_us=now_us,
        ttl_s=before.ttl_s if ends_us < before.expires_us else ttl_s,
        expires_us=max(before.expires_us, ends_us),
        issuers=_issuers(before, served),
        last_tokens=tokens,
        home_tokens=before.home_tokens if moved.away else tokens,
        spend=_spend(before, served),
    )


def _fresh(before: Pin | None, served: Served, ttl_s: float, now_us: int) -> Pin:
    return Pin(
        home=served.place,
        since_us=now_us,
        used_us=now_us,
        expires_us=now_us + round(ttl_s * _S),
        ttl_s=ttl_s,
        issuers=_issuers(before, served),
        home_tokens=served.prompt_tokens,
        last_tokens=served.prompt_tokens,
    )


def _moved(before: Pin, served: Served, rules: PinRules, now_us: int) -> Pin:
    """Return the pin with its home and its whereabouts as they are after `served`."""
    change = msgspec.structs.replace
    if served.place == before.home:
        return change(before, away=None)
    settled = change(
        before, home=served.place, since_us=now_us, away=None, departures=0, departed_us=None
    )
    if served.moves:
        return settled
    if before.away is None:
        recent_us = now_us - round(rules.long_ttl_s * _S)
        again = before.departed_us is not None and before.departed_us > recent_us
        departures = before.departures + 1 if again else 1
        if departures >= rules.move_after_departures and not served.backup:
            return settled
        gone = Away(served.place, now_us)
        return change(before, away=gone, departures=departures, departed_us=now_us)
    if now_us - before.away.since_us >= move_after_us(before, rules) and not served.backup:
        return settled
    return change(before, away=Away(served.place, before.away.since_us))


def _issuers(before: Pin | None, served: Served) -> tuple[str, ...]:
    earlier = before.issuers if before else ()
    if not served.issued:
        return earlier
    return (*(one for one in earlier if one != served.place.provider), served.place.provider)


def _spend(before: Pin | None, served: Served) -> Spend:
    """Add the request as it would have been without a switch, and what the switch cost."""
    spend = before.spend if before else Spend()
    if served.prompt_tokens is None:
        return spend
    cached = min((before.last_tokens if before else None) or 0, served.prompt_tokens)
    fresh = served.prompt_tokens - cached
    ratio = served.ratio
    lost = 0
    if before is not None and before.last != served.place:
        lost = max(0, cached - (served.cache_read_tokens or 0))
    return Spend(
        baseline=spend.baseline + cached * ratio.read + fresh * ratio.write,
        extra=spend.extra + lost * (ratio.write - ratio.read),
    )
