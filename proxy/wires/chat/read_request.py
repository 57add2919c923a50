"""From a request's body to the middle."""

from typing import get_args

import msgspec

from proxy.canonical.marks import is_marked
from proxy.canonical.request import Effort, Format, Loss, Reasoning, Request, Sampling
from proxy.codec import Read
from proxy.wire import ABSENT, Location, required
from proxy.wires.chat.conversation import CacheJson, FormatJson, RequestJson
from proxy.wires.chat.read_messages import MessagesReader
from proxy.wires.chat.read_tools import read_choice, read_tools

_request = msgspec.json.Decoder(RequestJson)
_keys = msgspec.json.Decoder(dict[str, msgspec.Raw])
_KNOWN = frozenset(RequestJson.__struct_fields__)
_EFFORTS: dict[str, Effort] = {effort: effort for effort in get_args(Effort)}


def read_request(body: bytes, _: Location) -> Read:
    """Read a request; see `proxy.codec.Codec`.

    Raises:
        ClientError: 400, something has another shape than this wire gives it.
    """
    said = required(_request, body)
    losses: list[Loss] = []
    request = Request(
        model=said.model,
        turns=MessagesReader(losses).read(said.messages),
        stream=bool(said.stream),
        tools=read_tools(said, losses),
        tool_choice=read_choice(said, losses),
        max_output_tokens=_max_tokens(said, losses),
        stop=(said.stop,) if isinstance(said.stop, str) else tuple(said.stop or ()),
        sampling=_sampling(said),
        reasoning=Reasoning(effort=_effort(said, losses)),
        format=None if said.response_format is None else _format(said.response_format, losses),
        user=_user(said, losses),
        cache_key=said.prompt_cache_key or None,
        service_tier=said.service_tier,
        usage_shown=_usage_shown(said),
    )
    losses += _unknown_keys(body)
    losses += _lost_of_cache(said.prompt_cache_options, request)
    return Read(request, tuple(losses))


def _lost_of_cache(said: CacheJson | None, request: Request) -> list[Loss]:
    """Return what of the cache's options the marks in the messages do not say."""
    losses = []
    if said is not None and said.ttl not in {None, "30m"}:
        losses.append(Loss("prompt_cache_options.ttl", "ttl", "marks have lifetimes of their own"))
    if said is not None and said.mode == "explicit" and not is_marked(request):
        why = "other wires cannot be told to cache nothing"
        losses.append(Loss("prompt_cache_options.mode", "explicit", why))
    return losses


def _unknown_keys(body: bytes) -> list[Loss]:
    keys = required(_keys, body)
    return [
        Loss(key, key, "no other wire has it")
        for key, value in keys.items()
        if key not in _KNOWN and bytes(value) not in ABSENT
    ]


def _max_tokens(said: RequestJson, losses: list[Loss]) -> int | None:
    """Prefer the field that is not retired."""
    if said.max_completion_tokens is None:
        return said.max_tokens
    if said.max_tokens not in {None, said.max_completion_tokens}:
        losses.append(Loss("max_tokens", "max_tokens", "max_completion_tokens is said too"))
    return said.max_completion_tokens


def _sampling(said: RequestJson) -> Sampling:
    return Sampling(
        temperature=said.temperature,
        top_p=said.top_p,
        top_k=said.top_k,
        seed=said.seed,
        frequency_penalty=said.frequency_penalty,
        presence_penalty=said.presence_penalty,
        logprobs=said.logprobs,
        top_logprobs=said.top_logprobs,
        answers=said.n,
    )


def _effort(said: RequestJson, losses: list[Loss]) -> Effort | None:
    if said.reasoning_effort is None:
        return None
    effort = _EFFORTS.get(said.reasoning_effort)
    if effort is None:
        losses.append(Loss("reasoning_effort", "reasoning_effort", "no effort that is known"))
    return effort


def _format(said: FormatJson, losses: list[Loss]) -> Format | None:
    match said.type:
        case "json_object":
            return Format()
        case "json_schema" if said.json_schema is not None:
            asked = said.json_schema
            if asked.description:
                where = "response_format.json_schema.description"
                losses.append(Loss(where, "description", "other wires describe no format"))
            raw = bytes(asked.schema)
            schema = None if raw in ABSENT else raw.decode(errors="replace")
            return Format(schema=schema, name=asked.name, strict=asked.strict)
        case "text":
            return None
        case _:
            where = "response_format"
            losses.append(Loss(where, where, "no format that is known"))
            return None


def _user(said: RequestJson, losses: list[Loss]) -> str | None:
    if said.safety_identifier and said.user and said.user != said.safety_identifier:
        losses.append(Loss("user", "user", "safety_identifier is said too"))
    return said.safety_identifier or said.user or None


def _usage_shown(said: RequestJson) -> bool:
    if not said.stream:
        return True
    return said.stream_options is not None and bool(said.stream_options.include_usage)
