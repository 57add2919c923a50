"""From the middle to a provider's request."""

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from proxy.canonical.request import Effort, Format, Loss, Reasoning, Request, Tool
from proxy.codec import PLAIN, Dialect, Written
from proxy.wires.gemini.dialect import ANY_ARGUMENTS
from proxy.wires.gemini.openapi import to_openapi
from proxy.wires.gemini.search import write_search
from proxy.wires.gemini.signature import NAME
from proxy.wires.gemini.spoken import Spoken
from proxy.wires.gemini.write_turns import written_contents, written_system

_MOST_STOPS = 5
_TIERS = {"flex", "standard", "priority"}
_DEFAULT_TIERS = {"auto", "default"}
# Models before generation 3 know no levels.
_BUDGETED = "gemini-2."
_LEVELS: Mapping[Effort, str] = {
    "minimal": "MINIMAL",
    "low": "LOW",
    "medium": "MEDIUM",
    "high": "HIGH",
    "xhigh": "XHIGH",
    "max": "XHIGH",
}
_MODES: Mapping[str | None, str] = {
    "auto": "AUTO",
    "required": "ANY",
    "tool": "ANY",
    "none": "NONE",
}


class _Declaration(msgspec.Struct, rename="camel", omit_defaults=True):
    name: str
    description: str | None = None
    parameters_json_schema: msgspec.Raw | None = None
    parameters: msgspec.Raw | None = None


class _Functions(msgspec.Struct, rename="camel"):
    function_declarations: list[_Declaration]


class _Calling(msgspec.Struct, rename="camel", omit_defaults=True):
    mode: str
    allowed_function_names: list[str] | None = None


class _ToolConfig(msgspec.Struct, rename="camel"):
    function_calling_config: _Calling


class _Thinking(msgspec.Struct, rename="camel", omit_defaults=True):
    include_thoughts: bool | None = None
    thinking_budget: int | None = None
    thinking_level: str | None = None


class _Config(msgspec.Struct, rename="camel", omit_defaults=True):
    max_output_tokens: int | None = None
    stop_sequences: list[str] | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    response_logprobs: bool | None = None
    logprobs: int | None = None
    candidate_count: int | None = None
    response_mime_type: str | None = None
    response_json_schema: msgspec.Raw | None = None
    response_schema: msgspec.Raw | None = None
    thinking_config: _Thinking | None = None


class _Body(msgspec.Struct, rename="camel", omit_defaults=True):
    contents: list[Spoken]
    system_instruction: Spoken | None = None
    tools: list[_Functions | msgspec.Raw] | None = None
    tool_config: _ToolConfig | None = None
    generation_config: _Config | None = None
    service_tier: str | None = None
    model: str | None = None  # the path says it, but not to whoever counts


class _Counting(msgspec.Struct, rename="camel"):
    generate_content_request: _Body


def write_request(request: Request, dialect: Dialect = PLAIN) -> Written:
    """Return the request as a provider takes it."""
    losses: list[Loss] = []
    body = _Body(
        written_contents(request.turns, losses),
        written_system(request.turns, losses),
        _written_tools(request, dialect, losses) or None,
        _written_choice(request, losses),
    )
    if request.counts_only:
        _count_whole(body, request, dialect)
    else:
        _add_what_answers_need(body, request, dialect, losses)
    return Written(
        path=f"/v1beta/models/{quote(request.model, safe='')}:{_verb(request)}",
        body=msgspec.json.encode(_Counting(body) if request.counts_only else body),
        raw_query="alt=sse" if request.stream and not request.counts_only else "",
        losses=tuple(losses),
    )


def _add_what_answers_need(
    body: _Body, request: Request, dialect: Dialect, losses: list[Loss]
) -> None:
    config = _written_config(request, dialect, losses)
    body.generation_config = None if config == _Config() else config
    body.service_tier = _written_tier(request.service_tier, losses)
    _lose_others(request, losses)


def _count_whole(body: _Body, request: Request, dialect: Dialect) -> None:
    """Let `body` be counted as a whole: beside `contents` alone, no tools may be given."""
    body.model = f"models/{request.model}"
    if request.format is not None:
        body.generation_config = _Config()
        _add_format(body.generation_config, request.format, dialect, [])


def _verb(request: Request) -> str:
    if request.counts_only:
        return "countTokens"
    return "streamGenerateContent" if request.stream else "generateContent"


def _written_tools(
    request: Request, dialect: Dialect, losses: list[Loss]
) -> list[_Functions | msgspec.Raw]:
    functions: list[_Declaration] = []
    written: list[_Functions | msgspec.Raw] = []
    for number, tool in enumerate(request.tools):
        if tool.server is not None:
            declared = _written_server_tool(request, tool, f"tools[{number}]", losses)
            written += [] if declared is None else [declared]
            continue
        function = _Declaration(tool.name, tool.description)
        schema = tool.schema or ANY_ARGUMENTS
        if dialect.json_schemas:
            function.parameters_json_schema = msgspec.Raw(schema.encode())
        else:
            function.parameters = to_openapi(schema, f"tools[{number}].schema", losses)
        functions.append(function)
        if tool.strict:
            losses.append(Loss(f"tools[{number}].strict", "strict", "this wire has no word for it"))
        if tool.cache_until is not None:
            path = f"tools[{number}].cache_until"
            losses.append(Loss(path, "cache point", "this wire caches by itself"))
    return [_Functions(functions), *written] if functions else written


def _written_server_tool(
    request: Request, tool: Tool, path: str, losses: list[Loss]
) -> msgspec.Raw | None:
    if tool.server is not None and tool.wire == NAME:
        return msgspec.Raw(tool.server.encode())
    if tool.search is not None:
        return write_search(request, tool, path, losses)
    losses.append(Loss(path, tool.name, "a server tool of another wire"))
    return None


def _written_choice(request: Request, losses: list[Loss]) -> _ToolConfig | None:
    choice = request.tool_choice
    if choice.parallel is False:
        losses.append(Loss("tool_choice.parallel", "one call at a time", "cannot be asked for"))
    callable_names = {tool.name for tool in request.tools if tool.server is None}
    if choice.mode is None:
        return None
    if not callable_names:
        if choice.mode in {"required", "tool"}:
            losses.append(Loss("tool_choice", choice.mode, "only functions can be asked for"))
        return None
    named = choice.mode == "tool" and choice.name is not None
    if named and choice.name not in callable_names:
        losses.append(Loss("tool_choice", "tool", "only functions can be asked for"))
        return None
    names = [choice.name] if named and choice.name is not None else None
    return _ToolConfig(_Calling(_MODES[choice.mode], names))


def _written_config(request: Request, dialect: Dialect, losses: list[Loss]) -> _Config:
    sampling, wanted = request.sampling, request.format
    if len(request.stop) > _MOST_STOPS:
        losses.append(Loss(f"stop[{_MOST_STOPS}]", "stop", "five are allowed"))
    answers = sampling.answers
    if answers is not None and answers > 1:
        losses.append(Loss("sampling.answers", "answers", "only one is carried back"))
        answers = None
    config = _Config(
        max_output_tokens=request.max_output_tokens,
        stop_sequences=list(request.stop[:_MOST_STOPS]) or None,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        seed=sampling.seed,
        frequency_penalty=sampling.frequency_penalty,
        presence_penalty=sampling.presence_penalty,
        response_logprobs=sampling.logprobs,
        logprobs=sampling.top_logprobs,
        candidate_count=answers,
        thinking_config=_written_thinking(request.reasoning, request.model),
    )
    if wanted is not None:
        _add_format(config, wanted, dialect, losses)
    return config


def _add_format(config: _Config, wanted: Format, dialect: Dialect, losses: list[Loss]) -> None:
    config.response_mime_type = "application/json"
    if wanted.name is not None:
        losses.append(Loss("format.name", "name", "this wire has no word for it"))
    if wanted.schema is None:
        return
    if dialect.json_schemas:
        config.response_json_schema = msgspec.Raw(wanted.schema.encode())
    else:
        config.response_schema = to_openapi(wanted.schema, "format.schema", losses)


def _written_thinking(reasoning: Reasoning, model: str) -> _Thinking | None:
    """Return a budget or a level: both are refused."""
    effort, budget = reasoning.effort, reasoning.budget_tokens
    level = None if effort is None else _LEVELS.get(effort)
    if effort == "none":
        budget = 0
    elif level is not None and (budget is None or not model.startswith(_BUDGETED)):
        budget = None
    else:
        level = None
    thinking = _Thinking(reasoning.shown, budget, level)
    return None if thinking == _Thinking() else thinking


def _written_tier(tier: str | None, losses: list[Loss]) -> str | None:
    if tier is None or tier in _DEFAULT_TIERS:
        return None
    if tier.lower() in _TIERS:
        return tier.lower()
    losses.append(Loss("service_tier", "service tier", "not known here"))
    return None


def _lose_others(request: Request, losses: list[Loss]) -> None:
    if request.user is not None:
        losses.append(Loss("user", "user", "this wire has no word for it"))
    if request.cache_key is not None:
        losses.append(Loss("cache_key", "cache key", "this wire caches by itself"))
    if request.long_context:
        losses.append(Loss("long_context", "long context", "this wire cannot ask for it"))
