"""What is written to a provider or a client; what is unset is left out."""

from typing import Literal

import msgspec
from msgspec import UNSET, Raw, UnsetType


class Mark(msgspec.Struct):
    """A prefix worth caching ends here; for half an hour if it does not say."""

    mode: str = "explicit"
    ttl: str | UnsetType = UNSET


class CacheOptions(msgspec.Struct):
    """Which prefixes are written to the cache: those that are marked, and no other."""

    mode: str = "explicit"


class InputText(msgspec.Struct, tag_field="type", tag="input_text"):
    """Text of a user or of the system."""

    text: str
    prompt_cache_breakpoint: Mark | UnsetType = UNSET


class InputImage(msgspec.Struct, tag_field="type", tag="input_image"):
    """An image."""

    image_url: str
    detail: str
    prompt_cache_breakpoint: Mark | UnsetType = UNSET


class InputFile(msgspec.Struct, tag_field="type", tag="input_file"):
    """A file."""

    file_data: str | UnsetType = UNSET
    file_url: str | UnsetType = UNSET
    filename: str | UnsetType = UNSET
    prompt_cache_breakpoint: Mark | UnsetType = UNSET


class UrlCitation(msgspec.Struct, tag_field="type", tag="url_citation", kw_only=True):
    """A page, and which part of the text has it."""

    url: str
    title: str
    start_index: int
    end_index: int


class FileCitation(msgspec.Struct, tag_field="type", tag="file_citation", kw_only=True):
    """A document; clients want an id, which only the vendor could give."""

    filename: str
    file_id: str = ""
    index: int


Annotation = UrlCitation | FileCitation


class OutputText(msgspec.Struct, tag_field="type", tag="output_text", kw_only=True):
    """Text of the model; `logprobs` only in answers."""

    text: str
    annotations: list[Annotation] = []
    logprobs: list[str] | UnsetType = UNSET


class OutputRefusal(msgspec.Struct, tag_field="type", tag="refusal"):
    """The model declines."""

    refusal: str


Content = InputText | InputImage | InputFile | OutputText | OutputRefusal
Status = Literal["in_progress", "completed", "incomplete"]


class Message(msgspec.Struct, tag_field="type", tag="message", kw_only=True):
    """A message; one that a client sends back has neither id nor status."""

    id: str | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    role: str
    content: list[Content]


class SummaryText(msgspec.Struct, tag_field="type", tag="summary_text"):
    """Reasoning as far as it is shown."""

    text: str


class Reasoning(msgspec.Struct, tag_field="type", tag="reasoning", kw_only=True):
    """Reasoning and its token."""

    id: str | UnsetType = UNSET
    summary: list[SummaryText]
    encrypted_content: str | UnsetType = UNSET


class FunctionCall(msgspec.Struct, tag_field="type", tag="function_call", kw_only=True):
    """A call of a function."""

    id: str | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    call_id: str
    name: str
    namespace: str | UnsetType = UNSET
    arguments: str


class CustomCall(msgspec.Struct, tag_field="type", tag="custom_tool_call", kw_only=True):
    """A call of a free-form tool."""

    id: str | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    call_id: str
    name: str
    namespace: str | UnsetType = UNSET
    input: str


class FunctionOutput(msgspec.Struct, tag_field="type", tag="function_call_output"):
    """What a function gave back."""

    call_id: str
    output: str | list[Content]


class CustomOutput(msgspec.Struct, tag_field="type", tag="custom_tool_call_output"):
    """What a free-form tool gave back."""

    call_id: str
    output: str | list[Content]


OutputItem = Message | Reasoning | FunctionCall | CustomCall
InputItem = OutputItem | FunctionOutput | CustomOutput


class FunctionTool(msgspec.Struct, tag_field="type", tag="function", kw_only=True):
    """A function on offer; without `strict` the vendor tries to be."""

    name: str
    description: str | UnsetType = UNSET
    parameters: Raw
    strict: bool


class Grammar(msgspec.Struct, tag_field="type", tag="grammar"):
    """The form of a free-form tool's input."""

    definition: str
    syntax: str


class CustomTool(msgspec.Struct, tag_field="type", tag="custom", kw_only=True):
    """A free-form tool on offer."""

    name: str
    description: str | UnsetType = UNSET
    format: Grammar | UnsetType = UNSET


class NamespaceTool(msgspec.Struct, tag_field="type", tag="namespace"):
    """A group of tools."""

    name: str
    description: str
    tools: list[FunctionTool | CustomTool]


Tool = FunctionTool | CustomTool | NamespaceTool | Raw


class Choice(msgspec.Struct):
    """The tool that must be called."""

    type: str
    name: str
    namespace: str | UnsetType = UNSET


class ReasoningConfig(msgspec.Struct):
    """How much to reason, and whether to sum it up."""

    effort: str | UnsetType = UNSET
    summary: str | UnsetType = UNSET


class Format(msgspec.Struct):
    """The form of the text."""

    type: str
    name: str | UnsetType = UNSET
    schema: Raw | UnsetType = UNSET
    strict: bool | UnsetType = UNSET


class TextConfig(msgspec.Struct):
    """How the text is to be."""

    format: Format


class Body(msgspec.Struct, kw_only=True):
    """A request."""

    model: str
    input: list[InputItem]
    instructions: str | UnsetType = UNSET
    tools: list[Tool] | UnsetType = UNSET
    tool_choice: str | Choice | UnsetType = UNSET
    parallel_tool_calls: bool | UnsetType = UNSET
    reasoning: ReasoningConfig | UnsetType = UNSET
    text: TextConfig | UnsetType = UNSET
    max_output_tokens: int | UnsetType = UNSET
    temperature: float | UnsetType = UNSET
    top_p: float | UnsetType = UNSET
    top_logprobs: int | UnsetType = UNSET
    safety_identifier: str | UnsetType = UNSET
    prompt_cache_key: str | UnsetType = UNSET
    prompt_cache_options: CacheOptions | UnsetType = UNSET
    service_tier: str | UnsetType = UNSET
    include: list[str] | UnsetType = UNSET
    store: bool | UnsetType = UNSET
    stream: bool | UnsetType = UNSET


class InputDetails(msgspec.Struct):
    """Parts of the input; the client's type wants numbers."""

    cached_tokens: int
    cache_write_tokens: int


class OutputDetails(msgspec.Struct):
    """A part of the output."""

    reasoning_tokens: int


class Usage(msgspec.Struct):
    """Usage; `input_tokens` includes what the cache read and wrote."""

    input_tokens: int
    input_tokens_details: InputDetails
    output_tokens: int
    output_tokens_details: OutputDetails
    total_tokens: int


class Failure(msgspec.Struct):
    """Why an answer failed."""

    code: str
    message: str


class Incomplete(msgspec.Struct):
    """Why an answer is not complete."""

    reason: str


class Response(msgspec.Struct, kw_only=True):
    """An answer, with all that the client's type requires."""

    id: str
    object: str = "response"
    created_at: int
    status: str
    error: Failure | None = None
    incomplete_details: Incomplete | None = None
    instructions: str | None = None
    metadata: dict[str, str] = {}
    model: str
    output: list[OutputItem]
    parallel_tool_calls: bool
    max_output_tokens: int | None
    temperature: float | None
    top_p: float | None
    store: bool = False
    tool_choice: str
    tools: list[str] = []
    usage: Usage | None = None


class StreamEvent(msgspec.Struct, kw_only=True):
    """Any event of a stream; its number is given when it is sent."""

    type: str
    sequence_number: int = 0
    output_index: int | UnsetType = UNSET
    item_id: str | UnsetType = UNSET
    content_index: int | UnsetType = UNSET
    summary_index: int | UnsetType = UNSET
    delta: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    refusal: str | UnsetType = UNSET
    arguments: str | UnsetType = UNSET
    input: str | UnsetType = UNSET
    logprobs: list[str] | UnsetType = UNSET
    annotation: Annotation | UnsetType = UNSET
    annotation_index: int | UnsetType = UNSET
    part: OutputText | OutputRefusal | SummaryText | UnsetType = UNSET
    item: OutputItem | UnsetType = UNSET
    response: Response | UnsetType = UNSET
