"""The keys of this wire that we read; all others are skipped, and pass through."""

import msgspec

from proxy.wire import Count


class Head(msgspec.Struct):
    """The part of a request that routing needs."""

    model: str
    stream: bool | None = None
    prompt_cache_key: msgspec.Raw = msgspec.Raw()
    max_completion_tokens: msgspec.Raw = msgspec.Raw()
    max_tokens: msgspec.Raw = msgspec.Raw()  # the older name


class Opening(msgspec.Struct):
    """The part of a request that says how its conversation began."""

    messages: list[msgspec.Raw] = []


class PromptDetails(msgspec.Struct):
    """Parts of the prompt."""

    cached_tokens: Count | None = None
    cache_write_tokens: Count | None = None


class OutputDetails(msgspec.Struct):
    """A part of the output."""

    reasoning_tokens: Count | None = None


class UsageJson(msgspec.Struct):
    """Usage; `prompt_tokens` includes what the cache read and wrote."""

    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: OutputDetails | None = None
    prompt_cache_hit_tokens: Count | None = None  # DeepSeek's spelling of cached_tokens


class Choice(msgspec.Struct):
    """One of `n` answers, whole or in pieces."""

    index: int | None = None
    finish_reason: str | None = None
    delta: msgspec.Raw = msgspec.Raw()


class Completion(msgspec.Struct):
    """A whole answer, a chunk of a stream, or an error in their place."""

    model: str | None = None
    choices: list[Choice] | None = None
    usage: msgspec.Raw = msgspec.Raw()
    service_tier: str | None = None
    error: msgspec.Raw = msgspec.Raw()
    object: str | None = None  # "error" where some servers send one bare
