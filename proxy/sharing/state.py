"""Where several hosts keep what they know together; knows no client of it."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

WANTED: Final = '"redis://user:${PASSWORD}@host:6379/0", or rediss:// for TLS'
_SCHEMES: Final = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss"}
_PORT: Final = 6379


@dataclass(frozen=True, slots=True)
class State:
    """A Redis or a Valkey: `url` may hold a password, `place` is what may be shown."""

    url: str = field(repr=False)
    place: str
    password: str | None = field(default=None, repr=False)


class NoState(ValueError):  # noqa: N818  # reads as what is the matter
    """It is no address of a Redis; the message shows nothing of it."""


def state_at(url: str) -> State:
    """Return the Redis or Valkey at `url`.

    Raises:
        NoState: It is not written as one.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORT
    except ValueError as error:
        raise NoState("a port or a host that is none") from error
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None:
        raise NoState("another scheme than redis:// or rediss://")
    number = parts.path.removeprefix("/")
    if not host or not host.isprintable() or parts.query or parts.fragment:
        raise NoState("no host" if not host else "something behind the number of the database")
    if number and not number.isdecimal():
        raise NoState("a database that is no number")
    shown = f"[{host}]" if ":" in host else host
    place = f"{scheme}://{shown}:{port}/{number or 0}"
    given = f"{scheme}://{parts.netloc}/{number or 0}"
    return State(given, place, None if parts.password is None else unquote(parts.password))
