"""The chain of a prompt: a keyed hash after each of its pieces, each hashing the one before.

Two requests share a prompt as far as their chains agree; no text can be read from one, and without
the secret nobody can look up whether a prompt was asked. See `docs/decisions`, the prefix chain.
"""

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from struct import Struct
from typing import Final, NamedTuple

from proxy.record.prompt import Prompt, prompt
from proxy.wire import PromptOrder

MAX_LINKS: Final = 64
KEPT_FIRST: Final = 8  # tools, the system's blocks, the first turn: what a compaction leaves

_PURPOSE: Final = b"prompt chain"  # no other hash under the same secret is one of these
_LINK: Final = Struct("<QI")  # 12 bytes, 16 characters: the same links are the same text anywhere
_MAX_CHARS: Final = 2**32 - 1

_NAME: Final = rb'"cache_control"\s*:\s*(?:\{[^{}]{0,200}\}|null)'
_MARK: Final = re.compile(rb",\s*" + _NAME + rb"|" + _NAME + rb"\s*,?\s*")
_ONE_TEXT: Final = re.compile(
    rb'(\{\s*"role"\s*:\s*"\w+"\s*,\s*"content"\s*:\s*)'
    rb'\[\s*\{\s*"type"\s*:\s*"text"\s*,\s*"text"\s*:\s*(?=")'
)
_ITS_END: Final = re.compile(rb'(?<=")\s*\}\s*\](\s*\})\Z')
_END_BYTES: Final = 40


class Link(NamedTuple):
    """What a prompt is up to the end of one piece."""

    hash64: int
    chars: int  # of JSON, from the beginning


@dataclass(frozen=True, slots=True, eq=False)
class Chained:
    """A prompt and its links, one for each piece: what makes the next request's chain cheap."""

    prompt: Prompt = field(repr=False)
    links: tuple[Link, ...] = field(repr=False)


def chained(
    secret: bytes, order: PromptOrder, body: bytes, earlier: Sequence[Chained] = ()
) -> Chained | None:
    """Return the prompt of `body` with its chain; `earlier` ones only save work.

    Args:
        secret: Of this installation.
        order: Where the prompt stands in bodies of this wire.
        body: Of the request, decompressed.
        earlier: Of any requests of the same wire, under the same secret.

    Returns:
        `None` if the prompt is not known: it cannot be read, or part of it is with the provider.
    """
    cut = prompt(order, body, [one.prompt for one in earlier])
    if cut is None:
        return None
    if cut.of is None:
        return Chained(cut, chain(secret, cut.turns(), chain(secret, cut.before)))
    base = earlier[cut.of]
    known = base.links[: len(base.prompt.before)]
    links = known if cut.before == base.prompt.before else chain(secret, cut.before)
    same = cut.same if links[-1:] == known[-1:] else 0
    links += base.links[len(known) : len(known) + same]
    return Chained(cut, chain(secret, cut.turns(same), links))


def chain(secret: bytes, pieces: Iterable[bytes], links: tuple[Link, ...] = ()) -> tuple[Link, ...]:
    """Return `links` with one more for each of the `pieces` that follow."""
    grown = list(links)
    key = secret[: blake2b.MAX_KEY_SIZE]  # whoever shares a longer one shares its beginning
    before, chars = grown[-1] if grown else Link(0, 0)
    for piece in pieces:
        said = bare(piece)
        digest = blake2b(before.to_bytes(8), digest_size=8, key=key, person=_PURPOSE)
        digest.update(said)
        before = int.from_bytes(digest.digest())
        chars += len(said) if said.isascii() else len(said.decode(errors="replace"))
        grown.append(Link(before, chars))
    return tuple(grown)


def bare(piece: bytes) -> bytes:
    """Return a piece as it is without marks for the cache, which move on with each turn.

    To set one, Claude Code makes a list of what is else a plain text: that is taken back as well.
    In texts nothing of it is found, for quotes in them are escaped.
    """
    if b'"cache_control"' in piece:
        piece = _MARK.sub(b"", piece)
    head = _ONE_TEXT.match(piece)
    if head is None or piece.count(b'"type"') != 1:
        return piece
    end = _ITS_END.search(piece, max(head.end(), len(piece) - _END_BYTES))
    if end is None:
        return piece
    return head[1] + piece[head.end() : end.start()] + end[1]


def thinned(links: Sequence[Link]) -> tuple[Link, ...]:
    """Return at most `MAX_LINKS`: the first ones, each at a power of two, and the last ones."""
    if len(links) <= MAX_LINKS:
        return tuple(links)
    early = [*range(KEPT_FIRST)]
    power = KEPT_FIRST * 2
    while power <= len(links):
        early.append(power - 1)
        power *= 2
    left, last = MAX_LINKS - len(early), len(links) - 1
    kept = set(early)
    while left:  # some of the last may be there already
        left -= last not in kept
        kept.add(last)
        last -= 1
    return tuple(links[index] for index in sorted(kept))


def packed(links: Sequence[Link]) -> str | None:
    """Return links as the ledger has them; `None` of none, or of more than it can say."""
    if not links or links[-1].chars > _MAX_CHARS:
        return None
    return b2a_base64(b"".join(_LINK.pack(*link) for link in links), newline=False).decode()


def unpacked(text: str) -> tuple[Link, ...]:
    """Return what `packed` made a text of.

    Raises:
        ValueError: It is no such text.
    """
    return tuple(backwards(text))[::-1]


def backwards(text: str) -> Iterator[Link]:
    """Yield the links in `text`, the last one first: who looks for one seldom needs them all.

    Raises:
        ValueError: It is not what `packed` gives.
    """
    links = a2b_base64(text, strict_mode=True)
    if len(links) % _LINK.size:
        raise ValueError("a chain has links of 12 bytes")
    for at in range(len(links) - _LINK.size, -1, -_LINK.size):
        yield Link(*_LINK.unpack_from(links, at))
