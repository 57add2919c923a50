"""Cuts a request's prompt where its cache is shared: tools, the system's blocks, each turn.

Reads no deeper than that, and what stood at the same place in an earlier request is not read
again: of a conversation that has grown, only what it grew by.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import msgspec

from proxy.routing.implied_session import BILLING
from proxy.wire import ABSENT, PromptOrder, decoded

_FIRST: Final = b"-0.0031e-7"  # stands before the first turn that is read; no client sends it
_TRIES: Final = 4  # of the places where the turns may be: a tool's schema has such names as well
_BLOCK_HEAD: Final = 200  # bytes of a block in which its text begins
_ENDS_ITSELF: Final = frozenset(b'}]"')  # a number does not: it could go on in a longer body

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])
_OPENS_LIST: Final = re.compile(rb"\s*:\s*\[")
_GAP: Final = re.compile(rb"[\s,]*")  # all that stands between two turns
_BILLS: Final = re.compile(rb'"text"\s*:\s*"\s*' + BILLING)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt in pieces.

    Attributes:
        before: What comes before the turns, piece by piece.
        body: Of the request.
        start: Where in `body` the list of turns begins; `None` where no later request may rely
            on that.
        spans: Where each turn begins and ends, counted from `start`, or else from the body's own.
        of: Which of the earlier prompts it was read along with.
        same: How many of that one's turns it begins with.
    """

    before: tuple[bytes, ...] = field(repr=False)
    body: bytes = field(repr=False)
    start: int | None
    spans: tuple[tuple[int, int], ...] = field(repr=False)
    of: int | None = None
    same: int = 0

    def turns(self, since: int = 0) -> Iterator[bytes]:
        """Yield the turns as they stand in the body, those before number `since` left out."""
        offset = self.start or 0
        return (self.body[offset + begin : offset + end] for begin, end in self.spans[since:])


def prompt(order: PromptOrder, body: bytes, earlier: Sequence[Prompt] = ()) -> Prompt | None:
    """Return the prompt of `body`; `earlier` ones save work, and change only `of` and `same`.

    Returns:
        `None` if it cannot be read, or if a part of it is with the provider.
    """
    found = _where(order, body)
    resumed = found and _resumed(order, body, found, _grown_from(body, found.start, earlier))
    return resumed or _whole(order, body)


def same_turns(body: bytes, start: int, earlier: Prompt) -> int:
    """Return how many turns of `earlier` stand at `start` in `body` byte for byte.

    Most are looked for first: as a rule a conversation has only grown.
    """
    if earlier.start is None:
        return 0
    theirs, spans = memoryview(earlier.body)[earlier.start :], earlier.spans
    equal, least, most = 0, 0, len(spans)
    guess = max(0, most - 2)  # the newest ones often change once more: their marks move on
    while least < most:
        end = spans[guess][1]
        if body.startswith(theirs[equal:end], start + equal):
            equal, least = end, guess + 1
        else:
            most = guess
        guess = (least + most) // 2
    return least


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the turns begin, and the fields before them."""

    start: int
    fields: Mapping[str, msgspec.Raw]


def _where(order: PromptOrder, body: bytes) -> _Place | None:
    """Find the list of turns: its name stands where what is before it lacks nothing else."""
    name = b'"%b"' % order.turns.encode()
    at = -1
    for _ in range(_TRIES):
        at = body.find(name, at + 1)
        if at < 0:
            return None
        opens = _OPENS_LIST.match(body, at + len(name))
        fields = opens and decoded(_object, body[:at] + name + b":null}")
        if opens and fields is not None:
            return _Place(opens.end(), fields)
    return None


@dataclass(frozen=True, slots=True)
class _Known:
    """What an earlier prompt, number `of`, says of another: where its first turns are."""

    of: int | None = None
    spans: tuple[tuple[int, int], ...] = ()


def _grown_from(body: bytes, start: int, earlier: Sequence[Prompt]) -> _Known:
    """Return what the one of `earlier` says that shares most; of several, the last one."""
    found = [same_turns(body, start, one) for one in earlier]
    if not found:
        return _Known()
    of = max(range(len(found)), key=lambda one: (found[one], one))
    return _Known(of, earlier[of].spans[: found[of]])


def _resumed(order: PromptOrder, body: bytes, place: _Place, known: _Known) -> Prompt | None:
    """Read on after the turns that are known; `None` if the list is not what it seemed to be."""
    spans = known.spans
    at = place.start + (spans[-1][1] if spans else 0)
    rest = body[at:]
    comma = b"" if spans or rest.lstrip()[:1] == b"]" else b","
    fields = decoded(_object, b'{"%b":[%b%b%b' % (order.turns.encode(), _FIRST, comma, rest))
    turns = decoded(_list, (fields or {}).get(order.turns, b""))
    if fields is None or not turns or bytes(turns[0]) != _FIRST:
        return None  # it is there twice, and the other one counts
    new = _spans(body, at, place.start, turns[1:])
    if new is None:
        return None
    before = _before(order, {**place.fields, **fields})
    if before is None:
        return None
    return Prompt(before, body, place.start, spans + new, known.of, len(spans))


def _spans(
    body: bytes, at: int, start: int, turns: Sequence[msgspec.Raw]
) -> tuple[tuple[int, int], ...] | None:
    """Return where each of `turns`, which follow each other from `at` on, begins and ends.

    Returns:
        `None` if one is nothing that shows its own end.
    """
    found = []
    for turn in map(bytes, turns):
        gap = _GAP.match(body, at)
        begin = at if gap is None else gap.end()
        at = begin + len(turn)
        if turn[-1] not in _ENDS_ITSELF:
            return None
        found.append((begin - start, at - start))
    return tuple(found)


def _whole(order: PromptOrder, body: bytes) -> Prompt | None:
    """Read a body of any shape."""
    fields = decoded(_object, body)
    before = None if fields is None else _before(order, fields)
    if fields is None or before is None:
        return None
    said = fields.get(order.turns, msgspec.Raw())
    if bytes(said) in ABSENT:
        return Prompt(before, body, None, ())
    turns = decoded(_list, said)
    pieces = tuple(map(bytes, [said] if turns is None else turns))
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + len(piece))
    return Prompt(before, b"".join(pieces), None, tuple(pairwise(ends)))


def _before(order: PromptOrder, fields: Mapping[str, msgspec.Raw]) -> tuple[bytes, ...] | None:
    """Return what comes before the turns; `None` if not all of the prompt is here."""
    if any(bytes(fields.get(name, b"")) not in ABSENT for name in order.elsewhere):
        return None
    tools, *texts = order.before
    whole = [bytes(fields.get(tools, b""))]
    for name in texts:
        said = fields.get(name, msgspec.Raw())
        blocks = decoded(_list, said)
        whole += [bytes(said)] if blocks is None else _unbilled(blocks)
    return tuple(piece for piece in whole if piece not in ABSENT)


def _unbilled(blocks: Sequence[msgspec.Raw]) -> list[bytes]:
    """Return blocks without the line of Claude Code that is another one with each conversation."""
    pieces = map(bytes, blocks)
    return [piece for piece in pieces if not _BILLS.search(piece, 0, _BLOCK_HEAD)]
