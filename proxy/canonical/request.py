"""A request in the middle: what every wire can be read into, and written from.

`None` is not said. What one wire alone knows, and no other can carry, is a `Loss` where it is
read; what this wire cannot carry is a `Loss` where it is written.
"""

from typing import Literal

import msgspec

from proxy.canonical.parts import Lifetime, Part
from proxy.canonical.search import WebSearch

Role = Literal["system", "user", "assistant"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class Loss(msgspec.Struct, frozen=True):
    """Something that a conversion could not carry.

    `path` is where it stood, like `messages[3].content[0]` or `temperature`; `what` names it and
    `why` says in a few words why it is gone. No text of the conversation is in it.
    """

    path: str
    what: str
    why: str


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One turn; system turns may stand anywhere, and tool results are parts of user turns."""

    role: Role
    parts: tuple[Part, ...]


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool on offer.

    `schema` is the JSON text of the JSON Schema of its arguments, `None` of a custom (free-form)
    tool, whose `grammar` is JSON text where one is given. A server tool runs at the provider:
    `server` is its whole declaration as JSON text, and only `wire` can read it; `search` is what
    other wires can be told of one that searches the web.
    """

    name: str
    description: str | None = None
    schema: str | None = None
    strict: bool | None = None
    custom: bool = False
    grammar: str | None = None
    namespace: str | None = None
    server: str | None = None
    wire: str | None = None
    search: WebSearch | None = None
    cache_until: Lifetime | None = None


class ToolChoice(msgspec.Struct, frozen=True, kw_only=True):
    """May, must or must not call; `name` and `namespace` of the tool that must be called."""

    mode: Literal["auto", "required", "none", "tool"] | None = None
    name: str | None = None
    namespace: str | None = None
    parallel: bool | None = None


class Reasoning(msgspec.Struct, frozen=True, kw_only=True):
    """How much to think, and whether to show it. `budget_tokens` -1 leaves it to the model."""

    effort: Effort | None = None
    budget_tokens: int | None = None
    shown: bool | None = None


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """The form of the answer; `schema` is JSON text, `None` for any JSON."""

    schema: str | None = None
    name: str | None = None
    strict: bool | None = None


class Sampling(msgspec.Struct, frozen=True, kw_only=True):
    """How tokens are drawn."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    answers: int | None = None  # how many, `n`


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the client asked.

    `user` names an end user, `cache_key` a session whose requests share a prefix.
    `counts_only` asks for the number of input tokens and for no answer. `long_context` asks for a
    window of a million tokens where that must be asked for.
    """

    model: str
    turns: tuple[Turn, ...]
    stream: bool = False
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    max_output_tokens: int | None = None
    stop: tuple[str, ...] = ()
    sampling: Sampling = Sampling()
    reasoning: Reasoning = Reasoning()
    format: Format | None = None
    user: str | None = None
    cache_key: str | None = None
    service_tier: str | None = None
    usage_shown: bool = True  # of a stream: the client wants to see it
    counts_only: bool = False
    long_context: bool = False
