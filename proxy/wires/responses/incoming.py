"""What is read of a request or an answer that is to be converted; all else is a loss or skipped.

What may have several shapes stays raw, until it is known which one it has.
"""

import msgspec


class ReasoningJson(msgspec.Struct):
    """How much to reason, and whether to sum it up."""

    effort: str | None = None
    summary: str | None = None
    generate_summary: str | None = None
    context: str | None = None
    mode: str | None = None


class FormatJson(msgspec.Struct):
    """The form of the text."""

    type: str = "text"
    name: str | None = None
    schema: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None


class TextJson(msgspec.Struct):
    """How the text is to be."""

    format: FormatJson | None = None
    verbosity: str | None = None


class MarkJson(msgspec.Struct):
    """A prefix worth caching ends here."""

    ttl: str | None = None


class CacheJson(msgspec.Struct):
    """Which prefixes are cached besides, how long, and whether that is all that is asked."""

    mode: str | None = None
    ttl: str | None = None
    prewarm: bool | None = None
    comparison_response_id: str | None = None


class Body(msgspec.Struct):
    """A request; the last four name state that lives at the vendor."""

    model: str | None = None
    input: str | list[msgspec.Raw] | None = None
    instructions: str | None = None
    stream: bool | None = None
    tools: list[msgspec.Raw] | None = None
    tool_choice: msgspec.Raw = msgspec.Raw()
    parallel_tool_calls: bool | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_logprobs: int | None = None
    reasoning: ReasoningJson | None = None
    text: TextJson | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: CacheJson | None = None
    service_tier: str | None = None
    include: list[str] | None = None
    store: bool | None = None
    truncation: str | None = None
    previous_response_id: msgspec.Raw = msgspec.Raw()
    conversation: msgspec.Raw = msgspec.Raw()
    prompt: msgspec.Raw = msgspec.Raw()


class Kind(msgspec.Struct):
    """What sort of item, content or tool it is; a message may have no type."""

    type: str | None = None
    role: str | None = None


class Message(msgspec.Struct):
    """A message of a request or an answer."""

    role: str = "assistant"
    content: str | list[msgspec.Raw] | None = None
    phase: str | None = None


class TextPart(msgspec.Struct):
    """Text, of either side."""

    text: str
    annotations: list[msgspec.Raw] | None = None
    logprobs: msgspec.Raw = msgspec.Raw()
    prompt_cache_breakpoint: MarkJson | None = None


class RefusalPart(msgspec.Struct):
    """The model declines."""

    refusal: str


class ImagePart(msgspec.Struct):
    """An image."""

    image_url: str | None = None
    detail: str | None = None
    prompt_cache_breakpoint: MarkJson | None = None


class FilePart(msgspec.Struct):
    """A file."""

    file_data: str | None = None
    file_url: str | None = None
    filename: str | None = None
    prompt_cache_breakpoint: MarkJson | None = None


class ReasoningText(msgspec.Struct):
    """A piece of reasoning, or of its summary."""

    text: str = ""


class ReasoningItem(msgspec.Struct):
    """Reasoning; `content` is what open models show of it."""

    id: str | None = None
    summary: list[ReasoningText] | None = None
    content: list[ReasoningText] | None = None
    encrypted_content: str | None = None


class FunctionCall(msgspec.Struct):
    """A call of a function."""

    call_id: str
    name: str
    arguments: str = ""
    namespace: str | None = None


class CustomCall(msgspec.Struct):
    """A call of a free-form tool."""

    call_id: str
    name: str
    input: str = ""
    namespace: str | None = None


class CallOutput(msgspec.Struct):
    """What a tool gave back."""

    call_id: str
    output: str | list[msgspec.Raw] | None = None


class AddedTools(msgspec.Struct):
    """Tools that an item of the input brings along."""

    tools: list[msgspec.Raw] | None = None


class FunctionTool(msgspec.Struct):
    """A function on offer."""

    name: str
    description: str | None = None
    parameters: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None


class GrammarJson(msgspec.Struct):
    """The form of a free-form tool's input; some other wires nest it."""

    type: str | None = None
    definition: str | None = None
    syntax: str | None = None
    grammar: "GrammarJson | None" = None


class CustomTool(msgspec.Struct):
    """A free-form tool on offer."""

    name: str
    description: str | None = None
    format: GrammarJson | None = None


class NamespaceTool(msgspec.Struct):
    """A group of tools."""

    name: str
    tools: list[msgspec.Raw]
    description: str | None = None


class Choice(msgspec.Struct):
    """A tool choice that is not one word."""

    type: str | None = None
    name: str | None = None
    namespace: str | None = None
    mode: str | None = None


class AnswerJson(msgspec.Struct):
    """What a whole answer holds besides what reading along reads."""

    created_at: float | None = None
    output: list[msgspec.Raw] | None = None


class DeltaJson(msgspec.Struct):
    """Any stream event; a `.done` has its whole text under one of four names."""

    type: str = ""
    output_index: int = 0
    content_index: int = 0
    summary_index: int = 0
    delta: str | None = None
    text: str | None = None
    refusal: str | None = None
    arguments: str | None = None
    input: str | None = None
    annotation: msgspec.Raw = msgspec.Raw()
    item: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()
