"""How long the waits between the chunks of a stream were, at a cost that does not grow with them.

Waits are counted in steps that are a quarter of a power of two wide: a quantile is off by an eighth
at most, and a stream of any length needs the same few bytes.
"""

_FINE = 4  # below it each microsecond is a step; from there on, so many steps to a power of two
_FINE_BITS = 3  # of the numbers from there to its double
_STEPS = 160  # up to twelve days


class Gaps:
    """The waits of one stream so far."""

    __slots__ = ("_counts", "_total", "longest_us")

    def __init__(self) -> None:
        self.longest_us: int | None = None
        self._counts: list[int] | None = None  # most answers that are not streamed have no waits
        self._total = 0

    def add(self, gap_us: int) -> None:
        """Count one more."""
        if self._counts is None:
            self._counts = [0] * _STEPS
        if self.longest_us is None or gap_us > self.longest_us:
            self.longest_us = gap_us
        shift = max(0, gap_us.bit_length() - _FINE_BITS)
        self._counts[min(_STEPS - 1, shift * _FINE + (gap_us >> shift))] += 1
        self._total += 1

    def quantile_us(self, part: float) -> int | None:
        """Return the wait that `part` of them are not longer than; `None` if there were none."""
        if self._counts is None or self.longest_us is None:
            return None
        left = part * self._total
        for step, count in enumerate(self._counts):
            left -= count
            if count and left <= 0:
                return min(_middle_us(step), self.longest_us)
        return self.longest_us


def _middle_us(step: int) -> int:
    if step < 2 * _FINE:
        return step
    shift = step // _FINE - 1
    return ((step - shift * _FINE << shift) + (step - shift * _FINE + 1 << shift) - 1) // 2
