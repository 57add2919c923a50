"""How long a provider asks us to stay away, in all spellings.

Sources: RFC 9110 section 10.2.3; `retry-after-ms` as the OpenAI and Anthropic SDKs read it; the
others beside them.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

MAX_S = 7 * 24 * 3600.0  # nobody plans further ahead, and numbers without bound break arithmetic
MAX_BODY_CHARS = 4096
MIN_EPOCH_S = 1e9  # smaller numbers are seconds from now; OpenRouter counts in milliseconds
MIN_EPOCH_MS = 1e12

_UNITS_S: Final[Mapping[str, float]] = {"ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}
_UNIT: Final = (
    r"(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])"
)
_PART: Final = re.compile(rf"(\d+(?:\.\d+)?) ?({_UNIT})", re.IGNORECASE)
_DURATION: Final = re.compile(rf"(?:\d+(?:\.\d+)? ?{_UNIT}(?:,? and |,? )?){{1,5}}", re.IGNORECASE)

# OpenAI: "Please try again in 18.642s" (semanser/codel#72); Google: "Please retry in 36.4s"
# (diegosouzapw/OmniRoute#9504); Codex: "try again in 2 days 17 hours" (openai/codex#3124).
_SPOKEN: Final = re.compile(rf"(?:try again|retry) in ({_DURATION.pattern})", re.IGNORECASE)
# google.rpc.RetryInfo, a protobuf duration (dcdpr/jp#1061); the ChatGPT backend
# (router-for-me/CLIProxyAPI#1666).
_IN_JSON: Final = re.compile(
    r'"(?:retryDelay|retry_after|resets_in_seconds)"\s*:\s*"?(\d+(?:\.\d+)?)(?:s"|[",}\s])'
)
# The ChatGPT backend again; Claude subscriptions (anthropics/claude-code#9046).
_EPOCH: Final = re.compile(r'(?:"resets_at"\s*:\s*|usage limit reached\|)(\d{10,13})\b')
_REGAINED: Final = re.compile(  # anthropics/claude-code#38035
    r"regain access on (\d{4}-\d\d-\d\d) at (\d\d:\d\d) UTC"
)
_RESET: Final = re.compile(
    rb"(?:x-)?ratelimit-reset(?:-(?P<openai>[a-z-]+))?|anthropic-ratelimit-(?P<anthropic>.+)-reset"
)


def retry_after_s(headers: Mapping[bytes, bytes], wall_us: int) -> float | None:
    """Return the wait in seconds, from 0 to `MAX_S`; `None` if none is given or readable.

    Args:
        headers: The provider's, names in lower case.
        wall_us: UTC microseconds since 1970: an HTTP date is a wait only against the time.
    """
    millis = _number(headers.get(b"retry-after-ms"))
    if millis is not None:
        return min(millis / 1000, MAX_S)
    given = headers.get(b"retry-after")
    if given is None:
        return None
    seconds = _number(given)
    wait_s = _until(given, wall_us) if seconds is None else seconds
    return None if wait_s is None else min(wait_s, MAX_S)


def asked_wait_s(headers: Mapping[bytes, bytes], body: str, wall_us: int) -> float | None:
    """Return the wait that a refusal asks for, from 0 to `MAX_S`; `None` if it asks for none.

    `Retry-After` is meant for this refusal, then what the body says; the headers that tell when
    budgets are full again are in every answer, and say least. A wait of 0 says nothing.

    Args:
        headers: The provider's, names in lower case.
        body: The refusal's body, or as much of it as is at hand.
        wall_us: UTC microseconds since 1970.
    """
    found = (
        retry_after_s(headers, wall_us),
        _in_body_s(body[:MAX_BODY_CHARS], wall_us),
        _reset_s(headers, wall_us),
    )
    wait_s = next(filter(None, found), None)
    return None if wait_s is None else min(wait_s, MAX_S)


def _in_body_s(body: str, wall_us: int) -> float | None:
    if match := _IN_JSON.search(body):
        return float(match[1])
    if match := _EPOCH.search(body):
        return _from_number(float(match[1]), wall_us)
    if match := _REGAINED.search(body):
        return _until_iso(f"{match[1]}T{match[2]}+00:00", wall_us)
    match = _SPOKEN.search(body)
    return None if match is None else _duration_s(match[1])


def _reset_s(headers: Mapping[bytes, bytes], wall_us: int) -> float | None:
    """Return when the budgets that are used up are full again, the last of them.

    With some left of each, it was this request that did not fit: then the first of them.
    """
    empty: list[float] = []
    others: list[float] = []
    for name, value in headers.items():
        match = _RESET.fullmatch(name)
        wait_s = None if match is None else _any_s(value.decode("latin-1").strip(), wall_us)
        if match is not None and wait_s is not None:
            is_empty = b"0" in _left(headers, match) or b"rejected" in _left(headers, match)
            (empty if is_empty else others).append(wait_s)
    return max(empty) if empty else min(others, default=None)


def _left(headers: Mapping[bytes, bytes], reset: re.Match[bytes]) -> tuple[bytes | None, ...]:
    """Return what is left of the budget that `reset` names, and how it stands."""
    name = reset["anthropic"]
    if name is None:
        return (headers.get(reset[0].replace(b"-reset", b"-remaining")),)
    start = b"anthropic-ratelimit-" + name
    return (headers.get(start + b"-remaining"), headers.get(start + b"-status"))


def _any_s(text: str, wall_us: int) -> float | None:
    """Read a number of seconds, a time since 1970, a duration, an ISO time or an HTTP date."""
    number = _number(text.encode("latin-1"))
    if number is not None:
        return _from_number(number, wall_us)
    if _DURATION.fullmatch(text):
        return _duration_s(text)
    iso_s = _until_iso(text, wall_us)
    return _until(text.encode("latin-1"), wall_us) if iso_s is None else iso_s


def _from_number(number: float, wall_us: int) -> float:
    if number < MIN_EPOCH_S:
        return number
    until_s = number if number < MIN_EPOCH_MS else number / 1000
    return max(0.0, until_s - wall_us / 1e6)


def _duration_s(text: str) -> float:
    return sum(float(number) * _UNITS_S[unit] for number, unit in _parts(text))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    for number, unit in _PART.findall(text):
        word = unit.lower()
        yield number, "ms" if word.startswith(("ms", "milli")) else word[0]


def _until_iso(text: str, wall_us: int) -> float | None:
    try:
        return _left_until(datetime.fromisoformat(text), wall_us)
    except (ValueError, OverflowError):
        return None


def _until(date: bytes, wall_us: int) -> float | None:
    try:
        return _left_until(parsedate_to_datetime(date.decode("latin-1")), wall_us)
    except (ValueError, OverflowError):
        return None


def _left_until(until: datetime, wall_us: int) -> float:
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.fromtimestamp(wall_us / 1e6, UTC)).total_seconds())


def _number(text: bytes | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < float("inf") else None
