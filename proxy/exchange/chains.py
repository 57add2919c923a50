"""Remembers the prompts seen last, so that of the next one only what is new is hashed.

In memory only, and bounded: a prompt that was forgotten is hashed from its beginning.
"""

from typing import Final

from proxy.record.chain import Chained, Link, chained
from proxy.steering import Wish
from proxy.wire import Wire

MAX_BYTES: Final = 32 << 20
MAX_PROMPTS: Final = 256
MAX_BODY_BYTES: Final = 32 << 20  # no provider takes a larger one, and hashing it would take long
_COMPARED: Final = 8  # conversations of one session: an agent's own, and those of its helpers
_CHANGING: Final = 2  # turns at the end that are often written otherwise the next time

_Whose = tuple[str | None, ...]


class Chains:
    """The prompts of one process; not to be shared between threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._kept: dict[Chained, _Whose] = {}  # the newest last
        self._of: dict[_Whose, list[Chained]] = {}  # the same by whose they are
        self._bytes = 0

    def links(self, wish: Wish, wire: Wire, body: bytes, secret: bytes) -> tuple[Link, ...]:
        """Return the chain of a request's prompt; empty if it is not known."""
        if len(body) > MAX_BODY_BYTES:
            return ()
        session = wish.session.id if wish.session else None
        whose = (wire.name, wish.app, wish.client_key, session)
        earlier = self._of.get(whose, [])[-_COMPARED:]
        made = chained(secret, wire.order, body, earlier)
        if made is None:
            return ()
        if made.prompt.of is not None and _continues(made, earlier[made.prompt.of]):
            self._forget(earlier[made.prompt.of])
        self._keep(made, whose)
        return made.links

    def _keep(self, made: Chained, whose: _Whose) -> None:
        if _size(made) > self._max_bytes or made.prompt.start is None:
            return
        self._kept[made] = whose
        self._of.setdefault(whose, []).append(made)
        self._bytes += _size(made)
        while self._bytes > self._max_bytes or len(self._kept) > MAX_PROMPTS:
            self._forget(next(iter(self._kept)))

    def _forget(self, made: Chained) -> None:
        whose = self._kept.pop(made)
        self._of[whose].remove(made)  # compared by identity, and seldom more than a few
        if not self._of[whose]:
            del self._of[whose]
        self._bytes -= _size(made)


def _continues(made: Chained, earlier: Chained) -> bool:
    return made.prompt.same >= max(1, len(earlier.prompt.spans) - _CHANGING)


def _size(made: Chained) -> int:
    return len(made.prompt.body) + sum(map(len, made.prompt.before))
