"""What happens and is no request: to a provider, a key, a session, or the proxy itself.

Whoever decides says it as a value, and knows neither the ledger nor a request.
"""

from typing import Literal

import msgspec

Kind = Literal[
    "proxy_started",  # one worker of it: the ledger takes rows from then on
    "proxy_drained",  # it has ended what was under way, or waited long enough
    "proxy_stopped",  # the last row of its process
    "config_loaded",  # another configuration is in force
    "config_refused",  # the file cannot be used; the one before stays in force
    "breaker_opened",
    "breaker_half_open",  # the one trial was let through
    "breaker_closed",
    "cooldown_begun",  # or made longer
    "health_reset",  # a person had breakers, cooldowns and quotas forgotten
    "pin_made",
    "pin_moved",  # the session is elsewhere than before; for good if its home is
    "pin_broken",  # its place is gone for good, and it is at another one
    "pin_expired",  # found when the session came again; when it was, is until_at
    "provider_switched",  # a person wants it to be asked first
    "switch_ended",  # a person does not any more
    "activation_ended",  # a try to begin a provider's quota window
    "budget_exhausted",
    "rows_dropped",  # the ledger could not be written for a while
]


class Detail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What only one kind has to say."""


class Started(Detail, frozen=True, kw_only=True):
    """Of `proxy_started`."""

    proxy_version: str


class Drained(Detail, frozen=True, kw_only=True):
    """Of `proxy_drained`."""

    left: int  # requests that had not ended by then


class Opened(Detail, frozen=True, kw_only=True):
    """Of `breaker_opened`."""

    opened: int  # times, without closing in between: from the second on a trial failed
    faults: int  # in a row


class Cooled(Detail, frozen=True, kw_only=True):
    """Of `cooldown_begun`."""

    asked_s: float | None = None  # by the provider; without it the wait is ours
    failures: int  # in a row


class Moved(Detail, frozen=True, kw_only=True):
    """Of `pin_moved` and `pin_broken`: where the session was; where it is, the row says."""

    provider: str
    credential: str
    model: str | None = None  # its family
    is_home: bool  # where it is is where it stays


class Activated(Detail, frozen=True, kw_only=True):
    """Of `activation_ended`."""

    tries: int  # for this set time, this one included
    is_over: bool  # there are no more for it


class Dropped(Detail, frozen=True, kw_only=True):
    """Of `rows_dropped`."""

    entries: int  # since the last row of this kind


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, and whom it concerns: `None` is everybody, or not known."""

    kind: Kind
    at_us: int  # UTC, microseconds since 1970
    app: str | None = None  # of a pin or a switch: whose queue
    provider: str | None = None
    credential: str | None = None
    model: str | None = None
    session_id: str | None = None
    until_us: int | None = None  # UTC likewise; when it ends by itself
    failure: str | None = None  # the class of the one behind it
    why: str | None = None
    detail: Detail | None = None
