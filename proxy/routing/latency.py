"""How soon a target's first content comes, lately."""

import msgspec

ALPHA = 0.3  # the part of the newest one: three of them are two thirds of the mean
STALE_US = 600 * 1_000_000
TRUSTED_AFTER = 3


class Latency(msgspec.Struct, frozen=True):
    """The exponentially weighted mean of the time to first content."""

    mean_ms: float
    n: int
    seen_us: int  # the last one, in UTC microseconds


def observed(before: Latency | None, first_content_ms: float, now_us: int) -> Latency:
    """Return the mean after one more answer; one that is long ago begins anew."""
    if before is None or now_us - before.seen_us > STALE_US:
        return Latency(first_content_ms, 1, now_us)
    mean_ms = before.mean_ms + ALPHA * (first_content_ms - before.mean_ms)
    return Latency(mean_ms, before.n + 1, now_us)


def known_ms(latency: Latency | None, now_us: int) -> float | None:
    """Return the mean if it is worth something: of some answers, and not long ago."""
    if latency is None or latency.n < TRUSTED_AFTER or now_us - latency.seen_us > STALE_US:
        return None
    return latency.mean_ms
