"""The keys of a request, as they are read and as they are written: one schema for both."""

import msgspec

from proxy.wires.anthropic.blocks import CacheControl


class MessageJson(msgspec.Struct):
    """One turn."""

    role: str
    content: str | list[msgspec.Raw]


class ToolJson(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A tool that the client runs."""

    name: str
    description: str | None = None
    input_schema: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None
    cache_control: CacheControl | None = None


class ToolChoiceJson(msgspec.Struct, omit_defaults=True):
    """Whether to call a tool, and which."""

    type: str
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class ThinkingJson(msgspec.Struct, omit_defaults=True):
    """Whether to think."""

    type: str
    budget_tokens: int | None = None
    display: str | None = None


class FormatJson(msgspec.Struct, omit_defaults=True):
    """The form of the answer."""

    type: str
    schema: msgspec.Raw = msgspec.Raw()


class OutputConfig(msgspec.Struct, omit_defaults=True):
    """How hard to try, and in what form to answer."""

    effort: str | None = None
    format: FormatJson | None = None


class MetadataJson(msgspec.Struct, omit_defaults=True):
    """Who asks."""

    user_id: str | None = None


class RequestJson(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A request."""

    model: str
    max_tokens: int | None = None
    stream: bool | None = None
    system: str | list[msgspec.Raw] | None = None
    messages: list[msgspec.Raw]
    tools: list[msgspec.Raw] | None = None
    tool_choice: ToolChoiceJson | None = None
    stop_sequences: list[str] | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    thinking: ThinkingJson | None = None
    output_config: OutputConfig | None = None
    metadata: MetadataJson | None = None
    service_tier: str | None = None
    cache_control: CacheControl | None = None


REQUEST_KEYS = frozenset(RequestJson.__struct_fields__)
MESSAGE_KEYS = frozenset(MessageJson.__struct_fields__)
TOOL_KEYS = frozenset({"type", *ToolJson.__struct_fields__})
