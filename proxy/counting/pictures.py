"""How large a picture is, from the first bytes of its file, and what that costs.

Sources: PNG (W3C, 11.2.2), JPEG (ITU T.81, B.2.2), GIF89a (18), WebP (RFC 9649, 2.5 to 2.7).
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_GIF = (b"GIF87a", b"GIF89a")
_MARK = 0xFF  # begins each marker of a JPEG, and may be doubled
# SOF markers: all of 0xC0 to 0xCF, but for tables (C4, CC) and an extension (C8).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_LAST = frozenset({0xD9, 0xDA})  # the end, and pixels: no size comes after them


class Size(NamedTuple):
    """Pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Patches:
    """Squares that a picture is cut into, once it is scaled down to fit.

    Attributes:
        side_px: Of a square.
        most: How many squares it may have.
        longest_px: Of an edge.
        per_patch: Tokens of a square.
    """

    side_px: int
    most: int
    longest_px: int
    per_patch: float = 1

    def tokens(self, size: Size | None) -> int:
        """Return the tokens of a picture; the most there can be, of one of unknown size."""
        if size is None:
            return math.ceil(self.most * self.per_patch)
        area = size.width * size.height
        room = self.most * self.side_px**2
        scale = min(1.0, self.longest_px / max(size), math.sqrt(room / area))
        across, down = (math.ceil(max(1, round(edge * scale)) / self.side_px) for edge in size)
        return math.ceil(min(self.most, across * down) * self.per_patch)


def size_of(head: bytes) -> Size | None:
    """Return the size of the picture that begins with `head`; `None` if that does not tell."""
    size = _size(head)
    return size if size is not None and min(size) > 0 else None


def _size(head: bytes) -> Size | None:
    if head.startswith(_PNG):
        return _pair(head, 16, 4, "big")
    if head.startswith(_JPEG):
        return _size_of_jpeg(head)
    if head.startswith(_GIF):
        return _pair(head, 6, 2, "little")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _size_of_webp(head)
    return None


def _size_of_jpeg(head: bytes) -> Size | None:
    at = 2
    while at + 4 <= len(head) and head[at] == _MARK:
        marker = head[at + 1]
        if marker in _FRAMES:
            flipped = _pair(head, at + 5, 2, "big")
            return None if flipped is None else Size(flipped.height, flipped.width)
        if marker in _LAST:
            return None
        if marker == _MARK:
            at += 1
        elif marker in _BARE:
            at += 2
        else:
            at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


def _size_of_webp(head: bytes) -> Size | None:
    match head[12:16]:
        case b"VP8 ":
            size = _pair(head, 26, 2, "little")
            return None if size is None else Size(size.width & 0x3FFF, size.height & 0x3FFF)
        case b"VP8L" if head[24:]:
            bits = int.from_bytes(head[21:25], "little")
            return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        case b"VP8X":
            less = _pair(head, 24, 3, "little")
            return None if less is None else Size(less.width + 1, less.height + 1)
        case _:
            return None


def _pair(head: bytes, at: int, width: int, order: Literal["big", "little"]) -> Size | None:
    """Return two numbers of `width` bytes each; `None` if they are cut off."""
    first, second = head[at : at + width], head[at + width : at + 2 * width]
    if len(second) < width:
        return None
    return Size(int.from_bytes(first, order), int.from_bytes(second, order))
