"""From the middle to a request for a provider.

Version 2023-06-01, because later ones refuse sampling parameters on every model.
"""

import hashlib

import msgspec

from proxy.canonical.request import Format, Loss, Request
from proxy.codec import PLAIN, Dialect, Written
from proxy.wires.anthropic.blocks import (
    AnyBlock,
    RedactedBlock,
    ThinkingBlock,
    ToolUseBlock,
)
from proxy.wires.anthropic.conversation import (
    FormatJson,
    MetadataJson,
    OutputConfig,
    RequestJson,
)
from proxy.wires.anthropic.models import draws_freely, most_output, takes_late_system
from proxy.wires.anthropic.sampling import write_sampling, write_stop
from proxy.wires.anthropic.schema import UserId
from proxy.wires.anthropic.shapes import short
from proxy.wires.anthropic.thinking import write_thinking
from proxy.wires.anthropic.tools import write_choice, write_tools
from proxy.wires.anthropic.write_turns import Message, write_turns

PATH = "/v1/messages"
COUNT_PATH = "/v1/messages/count_tokens"
HEADERS = ((b"anthropic-version", b"2023-06-01"),)
LONG_CONTEXT = (b"anthropic-beta", b"context-1m-2025-08-07")

_LONGEST_USER = 256
_TIERS = {"auto": "auto", "default": "standard_only", "standard": "standard_only"}


def write_request(request: Request, dialect: Dialect = PLAIN) -> Written:
    """Return the request for a provider, and what of it this wire cannot say."""
    losses: list[Loss] = []
    said = write_turns(request.turns, losses, late_system=takes_late_system(request.model))
    tools = write_tools(request, losses)
    choice = write_choice(request, tools, losses)
    forced = choice is not None and choice.type in {"any", "tool"}
    signed = _goes_on_signed(said.messages)
    most = _most_output(request, dialect)
    thought = write_thinking(request, most, forced=forced, signed=signed, losses=losses)
    body = RequestJson(
        model=request.model,
        system=[_raw(block) for block in said.system] or None,
        messages=[_raw(message) for message in said.messages],
        tools=tools or None,
        tool_choice=choice,
        thinking=thought.thinking,
        output_config=_output_config(thought.effort, request.format, losses),
    )
    if not request.counts_only:
        body.max_tokens = most
        _add_what_answers_need(body, request, dialect, losses)
    path = COUNT_PATH if request.counts_only else PATH
    headers = (*HEADERS, LONG_CONTEXT) if request.long_context else HEADERS
    return Written(path, msgspec.json.encode(body), headers=headers, losses=tuple(losses))


def _most_output(request: Request, dialect: Dialect) -> int:
    """Return the maximum, which this wire demands, of the first who names one."""
    if request.max_output_tokens is not None:
        return request.max_output_tokens
    configured = dialect.max_output_tokens_of(request.model)
    return most_output(request.model) if configured is None else configured


def _raw(value: AnyBlock | Message) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _add_what_answers_need(
    body: RequestJson, request: Request, dialect: Dialect, losses: list[Loss]
) -> None:
    """Fill in what the counting endpoint does not take."""
    body.stream = request.stream or None
    body.stop_sequences = write_stop(request.stop, losses)
    thinks = body.thinking is not None and body.thinking.type != "disabled"
    freely = draws_freely(request.model) if dialect.sampling is None else dialect.sampling
    drawn = write_sampling(request.sampling, freely=freely, thinks=thinks, losses=losses)
    body.temperature, body.top_p, body.top_k = drawn.temperature, drawn.top_p, drawn.top_k
    body.metadata = _metadata(request)
    if request.service_tier is not None:
        body.service_tier = _TIERS.get(request.service_tier)
        if body.service_tier is None:
            tier = short(request.service_tier)
            losses.append(Loss("service_tier", tier, "no such tier in Anthropic Messages"))


def _goes_on_signed(messages: list[Message]) -> bool:
    """Say whether the assistant turn that goes on, if one does, begins with thinking."""
    last = next((m.content for m in reversed(messages) if m.role == "assistant"), [])
    if not any(isinstance(block, ToolUseBlock) for block in last):
        return True
    return isinstance(last[0], ThinkingBlock | RedactedBlock)


def _output_config(
    effort: str | None, form: Format | None, losses: list[Loss]
) -> OutputConfig | None:
    schema = form.schema if form is not None else None
    if form is not None and schema is None:
        losses.append(Loss("format", "json", "a form without a schema cannot be asked for"))
    if effort is None and schema is None:
        return None
    if schema is None:
        return OutputConfig(effort)
    return OutputConfig(effort, FormatJson("json_schema", msgspec.Raw(schema.encode())))


def _metadata(request: Request) -> MetadataJson | None:
    """Return who asks, and in which session, as Claude Code says it; too long a name is hashed."""
    user, session = request.user, request.cache_key
    if session is not None:
        told = UserId(session_id=_fitted(session), device_id=user and _fitted(user))
        return MetadataJson(msgspec.json.encode(told).decode())
    if user is None:
        return None
    return MetadataJson(user if len(user) <= _LONGEST_USER else _hashed(user))


def _fitted(name: str) -> str:
    return name if len(name) <= _LONGEST_USER // 4 else _hashed(name)


def _hashed(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
