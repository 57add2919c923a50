"""Ids that sort by time, from what they are to be made of."""

from itertools import pairwise

_LAST_62 = (1 << 62) - 1


def uuid7(millis: int, drawn: bytes) -> str:
    """Return a UUID of version 7 (RFC 9562, section 5.7).

    Args:
        millis: Since 1970, UTC.
        drawn: 10 bytes that no other id of that millisecond has.
    """
    number = int.from_bytes(drawn)
    high = (millis & (1 << 48) - 1) << 80 | 7 << 76 | (number >> 68 & 0xFFF) << 64
    digits = f"{high | 2 << 62 | number & _LAST_62:032x}"
    ends = (0, 8, 12, 16, 20, 32)
    return "-".join(digits[begin:end] for begin, end in pairwise(ends))
