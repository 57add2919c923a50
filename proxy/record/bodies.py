"""The bodies of one exchange, kept as they pass by: references to bytes that were there anyway."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec

from proxy.record import Entry

Level = Literal["none", "errors", "full"]
Which = Literal["client_request", "provider_request", "provider_answer", "client_answer"]


class BodyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One body that was stored; its columns are described in `proxy/ledger/schema.sql`."""

    request_id: str
    attempt_no: int | None = None  # `None`: of the client's end
    which: Which
    stored_us: int  # UTC, microseconds since 1970
    hash: str
    bytes: int  # as it was
    cut_bytes: int  # at its end, that were not kept
    stored_bytes: int  # on disk; 0: the same is there already


class Pieces:
    """The first `max_bytes` of what comes in pieces; `bytes` counts all of it."""

    __slots__ = ("_room", "bytes", "parts")

    def __init__(self, max_bytes: int) -> None:
        self.bytes = 0
        self.parts: list[bytes] = []
        self._room = max_bytes

    def add(self, piece: bytes) -> None:
        """Take another piece."""
        self.bytes += len(piece)
        if self._room > 0:
            self.parts.append(piece[: self._room])  # a whole one is not copied
            self._room -= len(piece)


@dataclass(frozen=True, slots=True)
class Tried:
    """What went to a provider, and what came back."""

    request: bytes = field(repr=False)
    answer: Pieces


class Kept:
    """The bodies of one exchange so far.

    Attributes:
        request: The client's, decoded; `None` until all of it is here.
        answer: What went to the client, without signs of life.
        attempts: What went to providers and came from them.
        max_bytes: Of each body that are kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self.request: bytes | None = None
        self.answer = Pieces(max_bytes)
        self.attempts: list[Tried] = []
        self.max_bytes = max_bytes

    def attempt(self, request: bytes) -> Pieces:
        """Note what goes to a provider, and return where its answer is to be put."""
        self.attempts.append(Tried(request, Pieces(self.max_bytes)))
        return self.attempts[-1].answer

    @property
    def held_bytes(self) -> int:
        """How much memory it keeps at most."""
        every = (self.request or b"", *(tried.request for tried in self.attempts))
        requests = {id(one): len(one) for one in every}  # most often one and the same
        answers = (self.answer, *(tried.answer for tried in self.attempts))
        held = sum(min(answer.bytes, self.max_bytes) for answer in answers)
        return held + sum(requests.values())


@dataclass(frozen=True, slots=True)
class Body:
    """One body; `content` is what is kept of it, without what was cut off at its end."""

    which: Which
    attempt_no: int | None
    whole_bytes: int
    cut_bytes: int
    content: bytes = field(repr=False)


def are_wanted(level: Level, entry: Entry) -> bool:
    """Say whether bodies of an exchange that ended so are to be stored."""
    if level == "errors":
        ends = (entry.request.outcome, *(attempt.outcome for attempt in entry.attempts))
        return any(end != "whole" for end in ends)
    return level == "full"


def bodies(kept: Kept, strike: Callable[[bytes], bytes]) -> list[Body]:
    """Return what there is of an exchange, each thing once: an empty body is none.

    Args:
        kept: As it came.
        strike: Takes out what must not be written down.
    """
    asked = kept.request or b""
    found = [_body("client_request", None, [asked], len(asked), kept.max_bytes)]
    for number, tried in enumerate(kept.attempts, 1):
        sent = tried.request
        if sent != asked:
            found.append(_body("provider_request", number, [sent], len(sent), kept.max_bytes))
        answer = tried.answer
        found.append(_body("provider_answer", number, answer.parts, answer.bytes, kept.max_bytes))
    said = _body("client_answer", None, kept.answer.parts, kept.answer.bytes, kept.max_bytes)
    clean = [
        replace(body, content=strike(body.content)) for body in (*found, said) if body.whole_bytes
    ]
    return [body for body in clean if not _is_repeated(body, clean)]


def _is_repeated(body: Body, others: Iterable[Body]) -> bool:
    """Say whether the client got what a provider said, as it said it."""
    if body.which != "client_answer":
        return False
    answers = (one for one in others if one.which == "provider_answer")
    return any(
        (one.whole_bytes, one.content) == (body.whole_bytes, body.content) for one in answers
    )


def _body(
    which: Which, number: int | None, parts: Sequence[bytes], size: int, max_bytes: int
) -> Body:
    content = b"".join(parts)[:max_bytes]
    return Body(which, number, size, size - len(content), content)
