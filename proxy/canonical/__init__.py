"""What a request, an answer and its usage have in common on every wire.

Nothing here knows a provider, HTTP, or a clock. Add a field only when two wires can fill it.
"""

from typing import Literal

import msgspec

UsageSource = Literal["reported", "partial"]


class Session(msgspec.Struct, frozen=True):
    """The conversation a request belongs to, and which header or field named it."""

    id: str
    source: str


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What routing and the ledger must know of a request; the rest of its body stays bytes."""

    model: str | None = None
    stream: bool = False
    max_tokens: int | None = None  # of output, at most
    session: Session | None = None


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of one answer, each class once, as the provider counted them.

    `None` where it did not say. `prompt` is the whole input; `uncached_input`, `cache_read` and
    `cache_write` are its parts, as far as told. `cache_write` is written at any lifetime, and
    `cache_write_5m` and `cache_write_1h` split it. `reasoning` is a part of `output`.
    """

    prompt: int | None = None
    uncached_input: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    output: int | None = None
    reasoning: int | None = None


def split_prompt(
    prompt: int | None, read: int | None, written: int | None
) -> tuple[int | None, int | None]:
    """Return the whole input and its uncached part, of a prompt that should be the whole.

    A server that reports more cached than prompt tokens counts its prompt without them.
    """
    if prompt is None or read is None:
        return prompt, None
    cached = read + (written or 0)
    return (prompt + cached, prompt) if cached > prompt else (prompt, prompt - cached)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer, or as much of it as arrived, said of itself.

    `source` is "partial" when the answer ended before its final count; `None` with no usage.
    `usage_raw` is the provider's own JSON, last one seen.
    """

    model: str | None = None
    stop_reason: str | None = None
    service_tier: str | None = None
    usage: Usage = Usage()
    source: UsageSource | None = None
    usage_raw: str | None = None
    error_type: str | None = None
    error_message: str | None = None
