"""The keys of this wire that we read; all others are skipped, and pass through."""

import msgspec

from proxy.wire import Count


class Body(msgspec.Struct):
    """A request: its path says nearly all we need; what it may cost, in either spelling."""

    config_camel: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="generationConfig")
    config_snake: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="generation_config")


class Bounds(msgspec.Struct):
    """How much may be answered, in either spelling."""

    most_camel: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="maxOutputTokens")
    most_snake: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="max_output_tokens")


class System(msgspec.Struct):
    """What the system says."""

    parts: msgspec.Raw = msgspec.Raw()


class Spoken(msgspec.Struct):
    """A turn; one without a role is the user's."""

    role: str | None = None
    parts: msgspec.Raw = msgspec.Raw()


class Opening(msgspec.Struct):
    """The part of a request that says how its conversation began, in either spelling."""

    contents: list[msgspec.Raw] = []
    system_camel: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="systemInstruction")
    system_snake: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="system_instruction")
    counted_camel: "Opening | None" = msgspec.field(default=None, name="generateContentRequest")
    counted_snake: "Opening | None" = msgspec.field(default=None, name="generate_content_request")


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
