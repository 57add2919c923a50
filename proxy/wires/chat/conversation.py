"""The keys of a request that are read to be said on another wire.

Parts of content, tools and calls stay raw until their type is known: one of an unknown type is
left out, whatever it holds. `Odd` is a value that some servers give another shape than the vendor.
"""

from typing import Annotated

import msgspec
from msgspec import Raw

Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]  # what JSON writers can write
Odd = str | int | float | list[Raw] | dict[str, Raw] | None


class Kind(msgspec.Struct):
    """What tells parts, tools and calls apart."""

    type: str | None = None


class Breakpoint(msgspec.Struct):
    """Where a prefix worth caching ends; `mode` of this wire, `type` of servers that imitate."""

    ttl: str | None = None


class TextJson(msgspec.Struct):
    """A text part."""

    text: str
    prompt_cache_breakpoint: Breakpoint | None = None
    cache_control: Breakpoint | None = None


class RefusalJson(msgspec.Struct):
    """A refusal part."""

    refusal: str


class ImageUrl(msgspec.Struct):
    """An address, or the image itself as a `data:` URL."""

    url: str
    detail: str | None = None


class ImageJson(msgspec.Struct):
    """An image part."""

    image_url: ImageUrl | str
    prompt_cache_breakpoint: Breakpoint | None = None
    cache_control: Breakpoint | None = None


class FileContent(msgspec.Struct):
    """A document, or the provider's own name of one."""

    file_data: str | None = None
    filename: str | None = None


class FileJson(msgspec.Struct):
    """A file part."""

    file: FileContent
    prompt_cache_breakpoint: Breakpoint | None = None
    cache_control: Breakpoint | None = None


class FunctionCall(msgspec.Struct):
    """A function that is called; `arguments` is JSON text, or JSON where a server is lax."""

    name: str | None = None
    arguments: Raw = Raw()


class CustomCall(msgspec.Struct):
    """A free-form tool that is called."""

    name: str | None = None
    input: str | None = None


class CallJson(msgspec.Struct):
    """A call, or in a stream a piece of one."""

    id: str | None = None
    index: int | None = None
    function: FunctionCall | None = None
    custom: CustomCall | None = None


class MessageJson(msgspec.Struct):
    """A message of any role."""

    role: str
    content: str | list[Raw] | None = None
    tool_calls: list[CallJson] | None = None
    tool_call_id: str | None = None
    function_call: FunctionCall | None = None
    reasoning_content: Odd = None
    reasoning: Odd = None
    refusal: str | None = None
    name: str | None = None
    audio: Raw = Raw()
    annotations: Raw = Raw()


class FunctionJson(msgspec.Struct):
    """A function on offer."""

    name: str
    description: str | None = None
    parameters: Raw = Raw()
    strict: bool | None = None


class FunctionTool(msgspec.Struct):
    """A tool that is a function."""

    function: FunctionJson
    cache_control: Breakpoint | None = None


class CustomJson(msgspec.Struct):
    """A free-form tool on offer."""

    name: str
    description: str | None = None
    format: Raw = Raw()


class CustomTool(msgspec.Struct):
    """A tool that takes text."""

    custom: CustomJson


class Named(msgspec.Struct):
    """The name of a tool."""

    name: str


class AllowedTools(msgspec.Struct):
    """A choice among some of the tools."""

    mode: str


class ChoiceJson(msgspec.Struct):
    """The tool that must be called, or the choice among some."""

    type: str | None = None
    function: Named | None = None
    custom: Named | None = None
    allowed_tools: AllowedTools | None = None
    name: str | None = None  # of the retired `function_call`


class SchemaJson(msgspec.Struct):
    """The schema that an answer must keep to."""

    name: str | None = None
    schema: Raw = Raw()
    strict: bool | None = None
    description: str | None = None


class FormatJson(msgspec.Struct):
    """The form of the answer."""

    type: str
    json_schema: SchemaJson | None = None


class StreamOptions(msgspec.Struct):
    """What a stream shows besides."""

    include_usage: bool | None = None


class CacheJson(msgspec.Struct):
    """Whether prefixes are written to the cache that nobody marked, and for how long."""

    mode: str | None = None
    ttl: str | None = None


class RequestJson(msgspec.Struct):
    """A request; keys that are not here are losses."""

    model: str
    messages: list[MessageJson]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: list[Raw] | None = None
    functions: list[FunctionJson] | None = None
    tool_choice: str | ChoiceJson | None = None
    function_call: str | ChoiceJson | None = None
    parallel_tool_calls: bool | None = None
    max_completion_tokens: Whole | None = None
    max_tokens: Whole | None = None
    stop: str | list[str] | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: Whole | None = None  # not the vendor's, but widely understood
    seed: Whole | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: Whole | None = None
    n: Whole | None = None
    reasoning_effort: str | None = None
    response_format: FormatJson | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: CacheJson | None = None
    service_tier: str | None = None
    web_search_options: Raw = Raw()
