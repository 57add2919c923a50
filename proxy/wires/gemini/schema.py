"""The keys of this wire that we read; all others are skipped, and pass through."""

import msgspec

from proxy.wire import Count


class Body(msgspec.Struct):
    """A request: that it is a JSON object is all we need, for its path says the rest."""


class UsageJson(msgspec.Struct, rename="camel"):
    """Usage; the prompt includes what the cache read, the candidates exclude the thoughts."""

    prompt_token_count: Count | None = None
    cached_content_token_count: Count | None = None
    candidates_token_count: Count | None = None
    thoughts_token_count: Count | None = None
    tool_use_prompt_token_count: Count | None = None


class Content(msgspec.Struct):
    """The content of one candidate."""

    parts: list[msgspec.Raw] | None = None


class Candidate(msgspec.Struct, rename="camel"):
    """One answer, whole or a part."""

    index: int | None = None
    content: Content | None = None
    finish_reason: str | None = None


class Feedback(msgspec.Struct, rename="camel"):
    """Says that a prompt was refused."""

    block_reason: str | None = None


class Answer(msgspec.Struct, rename="camel"):
    """A whole answer, a part of a stream, or an error in their place."""

    candidates: list[Candidate] | None = None
    prompt_feedback: Feedback | None = None
    usage_metadata: msgspec.Raw = msgspec.Raw()
    model_version: str | None = None
    error: msgspec.Raw = msgspec.Raw()
