"""A request in the middle, as this wire's providers want it."""

import re
from typing import TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from proxy.canonical.marks import is_marked, unmarked
from proxy.canonical.parts import Text
from proxy.canonical.request import Format, Loss, Reasoning, Request, Turn
from proxy.codec import PLAIN, Dialect, Written
from proxy.wires.responses.marks import limited
from proxy.wires.responses.outgoing import Body, ReasoningConfig, TextConfig
from proxy.wires.responses.outgoing import Format as FormatJson
from proxy.wires.responses.read_request import ENCRYPTED, LOGPROBS
from proxy.wires.responses.write_items import LONGEST_ID, Input, short_id
from proxy.wires.responses.write_tools import write_choice, write_tools

Value = TypeVar("Value")
LEAST_OUTPUT_TOKENS = 16
_TIERS = {"auto", "default", "flex", "scale", "priority"}
_DRAWN = ("temperature", "top_p", "logprobs", "top_logprobs")
_NO_SUCH = "this wire has no such setting"


def write_request(request: Request, dialect: Dialect = PLAIN) -> Written:
    """Write a request that keeps nothing at the vendor."""
    losses: list[Loss] = []
    if is_marked(request) and not dialect.says_breakpoints(request.model):
        losses.append(Loss("cache_until", "cache marks", "this model takes none"))
        request = unmarked(request)
    body = _conversation(request, losses)
    path = "/v1/responses/input_tokens"
    if not request.counts_only:
        path = "/v1/responses"
        _add_settings(body, request, losses)
        _add_sampling(body, request, dialect, losses)
    return Written(path=path, body=msgspec.json.encode(body), losses=tuple(losses))


def _conversation(request: Request, losses: list[Loss]) -> Body:
    """Return all of the body that counts as input."""
    instructions = _instructions(request.turns)
    first = 0 if instructions is None else 1
    written = Input(losses)
    for index, turn in enumerate(request.turns[first:], first):
        written.write(turn, f"turns[{index}]")
    body = Body(
        model=request.model,
        input=written.items,
        instructions=_given(instructions),
        reasoning=_reasoning(request.reasoning),
        text=UNSET if request.format is None else TextConfig(_format(request.format)),
    )
    body.prompt_cache_options = _given(limited(written.items, losses))
    tools = write_tools(request.tools, losses)
    if tools:
        body.tools = tools
        body.tool_choice = _given(write_choice(request, losses))
        body.parallel_tool_calls = _given(request.tool_choice.parallel)
    elif request.tool_choice.mode in {"required", "tool"}:
        losses.append(Loss("tool_choice", "tool choice", "no tool is on offer"))
    return body


def _instructions(turns: tuple[Turn, ...]) -> str | None:
    """Return the first turn, if it is one system text and not all there is."""
    match turns:
        case (Turn(role="system", parts=(Text(text=text, cache_until=None),)), _, *_) if text:
            return text
    return None


def _add_settings(body: Body, request: Request, losses: list[Loss]) -> None:
    body.stream = request.stream
    body.store = False
    body.include = [ENCRYPTED]
    body.max_output_tokens = _given(_max_tokens(request.max_output_tokens, losses))
    if request.user is not None:
        body.safety_identifier = short_id(request.user)
    if request.cache_key is not None:
        body.prompt_cache_key = short_id(request.cache_key)
    if request.service_tier in _TIERS:
        body.service_tier = _given(request.service_tier)
    elif request.service_tier is not None:
        losses.append(Loss("service_tier", "service tier", "another vendor's word"))
    if request.stop:
        losses.append(Loss("stop", "stop sequences", _NO_SUCH))
    if request.long_context:
        losses.append(Loss("long_context", "long context", _NO_SUCH))


def _add_sampling(body: Body, request: Request, dialect: Dialect, losses: list[Loss]) -> None:
    sampling = request.sampling
    lost = ("top_k", "seed", "frequency_penalty", "presence_penalty")
    names = [name for name in lost if getattr(sampling, name) is not None]
    if sampling.answers is not None and sampling.answers > 1:
        names.append("answers")
    losses += [Loss(f"sampling.{name}", name, _NO_SUCH) for name in names]
    if not dialect.says_sampling(request.model, request.reasoning.effort):
        refused = [name for name in _DRAWN if getattr(sampling, name) is not None]
        losses += [Loss(f"sampling.{name}", name, "this model refuses it") for name in refused]
        return
    body.temperature = _given(sampling.temperature)
    body.top_p = _given(sampling.top_p)
    body.top_logprobs = _given(sampling.top_logprobs)
    if sampling.logprobs:
        body.include = [ENCRYPTED, LOGPROBS]


def _max_tokens(wanted: int | None, losses: list[Loss]) -> int | None:
    if wanted is None or wanted >= LEAST_OUTPUT_TOKENS:
        return wanted
    losses.append(Loss("max_output_tokens", "max tokens", "this wire wants 16 at least"))
    return LEAST_OUTPUT_TOKENS


def _reasoning(wanted: Reasoning) -> ReasoningConfig | UnsetType:
    config = ReasoningConfig(_given(wanted.effort), "auto" if wanted.shown else UNSET)
    return UNSET if config == ReasoningConfig() else config


def _format(wanted: Format) -> FormatJson:
    if wanted.schema is None:
        return FormatJson("json_object")
    name = re.sub(r"[^A-Za-z0-9_-]", "_", wanted.name or "answer")[:LONGEST_ID]
    schema = Raw(wanted.schema.encode())
    return FormatJson("json_schema", name, schema, _given(wanted.strict))


def _given(value: Value | None) -> Value | UnsetType:
    return UNSET if value is None else value
