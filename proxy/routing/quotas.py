"""How much of a quota is used, as answers say in their headers.

Sources: Anthropic, "Rate limits: response headers" (`anthropic-ratelimit-{what}-{limit,remaining,
reset}`); OpenAI, "Rate limits in headers" (`x-ratelimit-…`, resets as `6m0s`). The headers of
subscriptions are not documented; their shapes are as seen in public code of several clients
(`anthropic-ratelimit-unified-5h-utilization` is a part of one and its reset seconds since 1970;
`x-codex-primary-used-percent` a percentage). Windows with other names (`7d_oi`) are one model's.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

_S = 1_000_000
_MAX = 1e12  # beyond any count or second that means something
_SHORT_US = 300 * _S
_AHEAD_US = 32 * 86_400 * _S  # no window is longer than a month: what says so is no time
_UNDATED_US = 60 * _S  # how long a quota holds that does not say when it is reset
_UNIFIED = re.compile(r"anthropic-ratelimit-unified-(\d+[hd])-utilization")
_CODEX = re.compile(r"x-codex-(primary|secondary)-used-percent")
_COUNTED = re.compile(r"(anthropic-ratelimit|x-ratelimit-remaining)-([a-z-]+?)(?:-remaining)?")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")


class Quota(msgspec.Struct, frozen=True):
    """One limit: which part of it is used (more than 1 is possible), and when it is reset."""

    name: str
    used: float
    reset_us: int | None
    seen_us: int


def read_quotas(headers: Mapping[bytes, bytes], now_us: int) -> tuple[Quota, ...]:
    """Return what `headers` (names in lower case) say; what cannot be read is left out."""
    text = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
    found = (
        _quota(name, text, now_us) for name in text if "-ratelimit-" in name or "codex" in name
    )
    return tuple(quota for quota in found if quota is not None)


def is_of_key(quota: Quota) -> bool:
    """Say whether all models of a key share the quota, as in a subscription.

    Others are of one model: Anthropic and OpenAI count the requests and tokens of each for itself.
    """
    return quota.name.startswith(("unified-", "codex-"))


def merged(before: Iterable[Quota], newer: Iterable[Quota], now_us: int) -> tuple[Quota, ...]:
    """Return the newest of each name; those that have been reset since say nothing more."""
    newest = {quota.name: quota for quota in (*before, *newer)}
    return tuple(quota for quota in newest.values() if _holds(quota, now_us))


def used_up(quotas: Iterable[Quota], now_us: int, leave_at: float = 0.9) -> Quota | None:
    """Return the quota because of which to leave, the one that is reset last; or `None`.

    A limit that is reset within minutes is left only when it is used up: a warm cache is worth
    more than a refusal that may not come.
    """
    over = [q for q in quotas if _holds(q, now_us) and q.used >= _bound(q, now_us, leave_at)]
    return max(over, key=lambda quota: quota.reset_us or quota.seen_us, default=None)


def until_us(quota: Quota) -> int:
    """Return when `quota` stops holding."""
    return quota.seen_us + _UNDATED_US if quota.reset_us is None else quota.reset_us


def _holds(quota: Quota, now_us: int) -> bool:
    return now_us < until_us(quota)


def _bound(quota: Quota, now_us: int, leave_at: float) -> float:
    return leave_at if until_us(quota) - now_us >= _SHORT_US else 1.0


def _quota(name: str, text: Mapping[str, str], now_us: int) -> Quota | None:
    if found := _UNIFIED.fullmatch(name):
        stem = name.removesuffix("-utilization")
        rejected = text.get(f"{stem}-status") == "rejected"
        used = 1.0 if rejected else _number(text[name])
        return _made(
            f"unified-{found[1]}", used, _moment(text.get(f"{stem}-reset"), now_us), now_us
        )
    if found := _CODEX.fullmatch(name):
        stem = name.removesuffix("-used-percent")
        percent = _number(text[name])
        reset = _moment(text.get(f"{stem}-reset-at"), now_us)
        after = _number(text.get(f"{stem}-reset-after-seconds"))
        if reset is None and after is not None:
            reset = now_us + round(after * _S)
        used = None if percent is None else percent / 100
        return _made(f"codex-{found[1]}", used, reset, now_us)
    return _counted(name, text, now_us)


def _counted(name: str, text: Mapping[str, str], now_us: int) -> Quota | None:
    found = _COUNTED.fullmatch(name)
    if found is None or "remaining" not in name:
        return None
    left = _number(text[name])
    limit = _number(text.get(name.replace("remaining", "limit")))
    reset = _moment(text.get(name.replace("remaining", "reset")), now_us)
    if left == 0:
        return _made(found[2], 1.0, reset, now_us)
    used = max(0.0, 1 - left / limit) if left is not None and limit else None
    return _made(found[2], used, reset, now_us)


def _made(name: str, used: float | None, reset_us: int | None, now_us: int) -> Quota | None:
    if used is None:
        return None
    is_time = reset_us is not None and reset_us - now_us <= _AHEAD_US
    return Quota(name, used, reset_us if is_time else None, now_us)


def _moment(text: str | None, now_us: int) -> int | None:
    """Return the time that `text` names: seconds since 1970, RFC 3339, or a wait as `6m0s`."""
    if not text:
        return None
    seconds = _number(text)
    if seconds is not None:
        return round(seconds * _S) if seconds >= _S else now_us + round(seconds * _S)
    wait = _DURATION.fullmatch(text.strip())
    if wait is not None:
        hours, minutes, secs, millis = (_number(part) or 0.0 for part in wait.groups())
        return now_us + round((hours * 3600 + minutes * 60 + secs + millis / 1000) * _S)
    try:
        moment = datetime.fromisoformat(text.strip())
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * _S)
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < _MAX else None
