"""From the middle to a request's body."""

from hashlib import blake2b

import msgspec
from msgspec import Raw

from proxy.canonical.marks import is_marked, unmarked
from proxy.canonical.request import Format, Loss, Request, Sampling
from proxy.codec import PLAIN, Dialect, Written
from proxy.wires.chat.search import SearchOut, write_search
from proxy.wires.chat.write_content import CacheOut, limited
from proxy.wires.chat.write_messages import AssistantOut, MessageOut, write_messages
from proxy.wires.chat.write_tools import ChoiceOut, ToolOut, write_choice, write_tools

PATH = "/v1/chat/completions"
_MAX_NAME = 64  # of `user` and `prompt_cache_key`
_TIERS = frozenset({"auto", "default", "flex", "scale", "priority", "fast"})
_DRAWN = (
    *("temperature", "top_p", "frequency_penalty", "presence_penalty"),
    *("logprobs", "top_logprobs"),
)


class SchemaOut(msgspec.Struct, omit_defaults=True):
    """The schema that the answer must keep to."""

    name: str
    schema: Raw
    strict: bool | None = None


class FormatOut(msgspec.Struct, omit_defaults=True):
    """The form of the answer."""

    type: str
    json_schema: SchemaOut | None = None


class StreamOptionsOut(msgspec.Struct):
    """What a stream shows besides."""

    include_usage: bool


class RequestOut(msgspec.Struct, omit_defaults=True):
    """A request, as a provider is asked."""

    model: str
    messages: list[MessageOut | AssistantOut]
    stream: bool | None = None
    stream_options: StreamOptionsOut | None = None
    tools: list[ToolOut] | None = None
    tool_choice: str | ChoiceOut | None = None
    parallel_tool_calls: bool | None = None
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    stop: list[str] | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    n: int | None = None
    reasoning_effort: str | None = None
    response_format: FormatOut | None = None
    user: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: CacheOut | None = None
    service_tier: str | None = None
    web_search_options: Raw | SearchOut | None = None


def write_request(request: Request, dialect: Dialect = PLAIN) -> Written:
    """Write a request; see `proxy.codec.Codec`."""
    losses = _unsaid(request)
    if is_marked(request) and not dialect.says_breakpoints(request.model):
        losses.append(Loss("cache_until", "cache breakpoints", "this model takes none"))
        request = unmarked(request)
    tools = write_tools(request.tools, losses)
    asked = RequestOut(
        model=request.model,
        messages=list(write_messages(request.turns, dialect, losses)),
        stream=True if request.stream else None,
        stream_options=StreamOptionsOut(include_usage=True) if request.stream else None,
        tools=tools or None,
        tool_choice=write_choice(request, tools, losses),
        parallel_tool_calls=request.tool_choice.parallel if tools else None,
        stop=_stop(request.stop, losses),
        n=1 if request.sampling.answers == 1 else None,
        reasoning_effort=request.reasoning.effort,
        response_format=None if request.format is None else _format(request.format),
        user=_short(request.user, "user", losses),
        prompt_cache_key=_short(request.cache_key, "cache_key", losses),
        service_tier=_tier(request.service_tier, losses),
    )
    asked.web_search_options = write_search(request, losses)
    asked.prompt_cache_options = limited((message.content for message in asked.messages), losses)
    _add_sampling(asked, _drawn(request, dialect, losses))
    if dialect.max_tokens_key == "max_tokens":
        asked.max_tokens = request.max_output_tokens
    else:
        asked.max_completion_tokens = request.max_output_tokens
    return Written(PATH, msgspec.json.encode(asked), losses=tuple(losses))


def _drawn(request: Request, dialect: Dialect, losses: list[Loss]) -> Sampling:
    """Return how to draw tokens, as far as the model is told."""
    sampling = request.sampling
    if dialect.says_sampling(request.model, request.reasoning.effort):
        return sampling
    said = [name for name in _DRAWN if getattr(sampling, name) is not None]
    losses += [Loss(f"sampling.{name}", name, "this model refuses it") for name in said]
    return Sampling(seed=sampling.seed)


def _add_sampling(asked: RequestOut, sampling: Sampling) -> None:
    asked.seed = sampling.seed
    asked.temperature, asked.top_p = sampling.temperature, sampling.top_p
    asked.frequency_penalty = sampling.frequency_penalty
    asked.presence_penalty = sampling.presence_penalty
    asked.logprobs, asked.top_logprobs = sampling.logprobs, sampling.top_logprobs


def _unsaid(request: Request) -> list[Loss]:
    """Return what this wire has no word for at all."""
    losses = []
    sampling = request.sampling
    if sampling.top_k is not None:
        losses.append(Loss("sampling.top_k", "top_k", "this wire has none"))
    if sampling.answers is not None and sampling.answers > 1:
        losses.append(Loss("sampling.answers", "n", "one answer is all that is carried back"))
    if request.reasoning.shown is not None:
        losses.append(Loss("reasoning.shown", "shown", "this wire cannot ask for it"))
    if request.counts_only:
        losses.append(Loss("counts_only", "counts_only", "this wire counts nothing"))
    if request.long_context:
        losses.append(Loss("long_context", "long context", "this wire cannot ask for it"))
    return losses


def _stop(stop: tuple[str, ...], losses: list[Loss]) -> list[str] | None:
    most = 4
    if len(stop) > most:
        losses.append(Loss(f"stop[{most}:]", "stop", f"this wire takes {most}"))
    return list(stop[:most]) or None


def _format(asked: Format) -> FormatOut:
    if asked.schema is None:
        return FormatOut("json_object")
    schema = SchemaOut(asked.name or "answer", Raw(asked.schema.encode()), asked.strict)
    return FormatOut("json_schema", schema)


def _short(name: str | None, path: str, losses: list[Loss]) -> str | None:
    """Return `name`, or what stands for it where it is too long: always the same."""
    if name is None or len(name) <= _MAX_NAME:
        return name
    losses.append(Loss(path, path, f"longer than {_MAX_NAME}: a digest stands for it"))
    return blake2b(name.encode(errors="replace"), digest_size=_MAX_NAME // 2).hexdigest()


def _tier(tier: str | None, losses: list[Loss]) -> str | None:
    if tier is None or tier in _TIERS:
        return tier
    losses.append(Loss("service_tier", "service_tier", "this wire has no such tier"))
    return None
