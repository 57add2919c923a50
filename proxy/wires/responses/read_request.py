"""A client's request, into the middle."""

from typing import get_args

import msgspec

from proxy.canonical.marks import is_marked
from proxy.canonical.parts import Text
from proxy.canonical.request import (
    Effort,
    Format,
    Loss,
    Reasoning,
    Request,
    Sampling,
    Tool,
)
from proxy.codec import Read
from proxy.errors import ClientError
from proxy.wire import Location, required
from proxy.wires.responses.incoming import Body, CacheJson, ReasoningJson, TextJson
from proxy.wires.responses.read_items import Transcript
from proxy.wires.responses.read_tools import read_choice, read_tools
from proxy.wires.responses.shapes import is_said

LOGPROBS = "message.output_text.logprobs"
ENCRYPTED = "reasoning.encrypted_content"
_SAYS_NOTHING = {b"null", b"false", b"{}", b"[]", b'""'}
_WHY = "only this wire knows it"

_body = msgspec.json.Decoder(Body)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_efforts: dict[str, Effort] = {effort: effort for effort in get_args(Effort)}


def read_request(body: bytes, location: Location) -> Read:
    """Read a request.

    Raises:
        ClientError: 400, it has a wrong shape, or builds on what is stored at the vendor.
    """
    said = _shape(body)
    counts_only = location.path.endswith("/input_tokens")
    if said.model is None and not counts_only:
        raise ClientError(400, "The request body cannot be used: `model` is missing")
    _refuse_state(said)
    losses = _unknown_fields(body)
    transcript = _transcript(said, losses)
    request = Request(
        model=said.model or "",
        turns=transcript.turns(),
        stream=bool(said.stream),
        tools=_tools(said, transcript),
        tool_choice=read_choice(said.tool_choice, said.parallel_tool_calls, losses),
        max_output_tokens=said.max_output_tokens,
        sampling=_sampling(said, losses),
        reasoning=_reasoning(said.reasoning or ReasoningJson(), losses),
        format=_format(said.text or TextJson(), losses),
        user=said.safety_identifier or said.user or None,
        cache_key=said.prompt_cache_key or None,
        service_tier=said.service_tier,
        counts_only=counts_only,
    )
    losses += _lost_of_cache(said.prompt_cache_options or CacheJson(), request)
    return Read(request, tuple(losses))


def _shape(body: bytes) -> Body:
    try:
        body.decode()  # what stays raw is not looked at by the decoder
    except UnicodeDecodeError as exc:
        raise ClientError(400, f"The request body cannot be used: {exc}") from exc
    return required(_body, body)


def _refuse_state(said: Body) -> None:
    for name in ("previous_response_id", "conversation", "prompt"):
        if is_said(getattr(said, name)):
            raise ClientError(
                400,
                f"`{name}` names state that is stored at the vendor of this wire; it cannot be "
                "carried to another: send the whole conversation in `input`.",
            )


def _unknown_fields(body: bytes) -> list[Loss]:
    known = Body.__struct_fields__
    return [
        Loss(name, name, _WHY)
        for name, raw in required(_fields, body).items()
        if name not in known and bytes(raw) not in _SAYS_NOTHING
    ]


def _lost_of_cache(said: CacheJson, request: Request) -> list[Loss]:
    """Return what of the cache's options the marks in the input do not say."""
    lost = {
        "mode": "other wires cannot be told to cache nothing"
        if said.mode == "explicit" and not is_marked(request)
        else "",
        "prewarm": "the answer is generated all the same" if said.prewarm else "",
        "comparison_response_id": _WHY if said.comparison_response_id else "",
    }
    return [Loss(f"prompt_cache_options.{key}", key, why) for key, why in lost.items() if why]


def _transcript(said: Body, losses: list[Loss]) -> Transcript:
    options = said.prompt_cache_options
    transcript = Transcript(losses, None if options is None else options.ttl)
    if said.instructions:
        transcript.say("system", Text(text=said.instructions))
    if isinstance(said.input, str):
        if said.input:
            transcript.say("user", Text(text=said.input))
        return transcript
    for index, raw in enumerate(said.input or ()):
        transcript.read(raw, f"input[{index}]")
    return transcript


def _tools(said: Body, transcript: Transcript) -> tuple[Tool, ...]:
    found = list(read_tools(said.tools or [], "tools", transcript.losses))
    for added in transcript.added:
        found += read_tools(added.tools, added.path, transcript.losses)
    # What is loaded in the middle of a conversation may be on offer already.
    return tuple({(tool.namespace, tool.name, tool.server): tool for tool in found}.values())


def _sampling(said: Body, losses: list[Loss]) -> Sampling:
    included = said.include or []
    others = sorted(set(included) - {LOGPROBS, ENCRYPTED})
    losses += [Loss("include", name, _WHY) for name in others]
    if said.store:
        losses.append(Loss("store", "store", "answers are not stored elsewhere"))
    if said.truncation not in {None, "disabled"}:
        losses.append(Loss("truncation", "truncation", _WHY))
    return Sampling(
        temperature=said.temperature,
        top_p=said.top_p,
        logprobs=True if LOGPROBS in included or said.top_logprobs else None,
        top_logprobs=said.top_logprobs,
    )


def _reasoning(said: ReasoningJson, losses: list[Loss]) -> Reasoning:
    effort = None if said.effort is None else _efforts.get(said.effort)
    if said.effort is not None and effort is None:
        losses.append(Loss("reasoning.effort", "effort", _WHY))
    if said.context not in {None, "auto"}:
        losses.append(Loss("reasoning.context", "context", _WHY))
    if said.mode not in {None, "standard"}:
        losses.append(Loss("reasoning.mode", "mode", _WHY))
    summary = said.summary or said.generate_summary
    if summary not in {None, "auto", "none"}:
        losses.append(Loss("reasoning.summary", "length", "it is shown or not"))
    return Reasoning(effort=effort, shown=None if summary is None else summary != "none")


def _format(said: TextJson, losses: list[Loss]) -> Format | None:
    if said.verbosity not in {None, "medium"}:
        losses.append(Loss("text.verbosity", "verbosity", _WHY))
    form = said.format
    if form is None or form.type == "text":
        return None
    if form.type == "json_object":
        return Format()
    if form.type != "json_schema" or not is_said(form.schema):
        losses.append(Loss("text.format", form.type, _WHY))
        return None
    return Format(schema=bytes(form.schema).decode(), name=form.name, strict=form.strict)
