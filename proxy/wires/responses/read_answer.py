"""A provider's whole answer, into the middle."""

from collections.abc import Iterable

import msgspec

from proxy.canonical import Usage
from proxy.canonical.answer import Answer, StopReason
from proxy.canonical.parts import Part, Refusal, Text, ToolCall
from proxy.canonical.request import Loss
from proxy.canonical.skipped import UNKNOWN_SHAPE, Skipped
from proxy.wire import ABSENT, EMPTY, decoded
from proxy.wires.responses import incoming, items
from proxy.wires.responses.annotations import read_annotations
from proxy.wires.responses.answer import parse_usage
from proxy.wires.responses.schema import Response
from proxy.wires.responses.shapes import kind_of
from proxy.wires.responses.tokens import Token

_response = msgspec.json.Decoder(Response)
_rest = msgspec.json.Decoder(incoming.AnswerJson)
_message = msgspec.json.Decoder(incoming.Message)
_text = msgspec.json.Decoder(incoming.TextPart)
_refusal = msgspec.json.Decoder(incoming.RefusalPart)
_reasoning = msgspec.json.Decoder(incoming.ReasoningItem)
_function_call = msgspec.json.Decoder(incoming.FunctionCall)
_custom_call = msgspec.json.Decoder(incoming.CustomCall)

_ENDED = {None, "completed", "incomplete"}
NO_SUCH_ITEM = "only this vendor has such an item"


def read_answer(body: bytes, losses: list[Loss]) -> Answer | None:
    """Return what `body` says; `None` if it is no answer, or not a whole one."""
    response = decoded(_response, body)
    rest = decoded(_rest, body)
    if response is None or rest is None or rest.output is None:
        return None
    if response.status not in _ENDED or bytes(response.error) not in ABSENT:
        return None
    parts = _parts(rest.output, Skipped(losses))
    return Answer(
        id=response.id,
        model=response.model,
        parts=tuple(parts),
        stop=stop_of(response, parts),
        usage=parse_usage(response.usage) or Usage(),
        created_s=None if rest.created_at is None else int(rest.created_at),
    )


def stop_of(response: Response, parts: Iterable[Part]) -> StopReason:
    """Return why the answer ended: by its status, and else by what it holds.

    One that is incomplete for a reason that is not known met some limit, and is not whole.
    """
    reason = response.incomplete_details and response.incomplete_details.reason
    if reason == "content_filter":
        return "refusal"
    if reason == "max_output_tokens" or response.status == "incomplete":
        return "max_tokens"
    kinds = {type(part) for part in parts}
    if ToolCall in kinds:
        return "tool_call"
    return "refusal" if Refusal in kinds else "end"


def _parts(output: list[msgspec.Raw], skipped: Skipped) -> list[Part]:
    parts: list[Part] = []
    for index, raw in enumerate(output):
        token = token_for_last(raw)
        if token is None:
            found = parts_in_place(raw, f"output[{index}]", skipped)
            parts += [part for part in found if part is not None]
        elif parts:
            parts[-1] = items.signed(parts[-1], token.opaque)
    return parts


def token_for_last(raw: msgspec.Raw) -> Token | None:
    """Return the token that an item carries for the part before it."""
    if kind_of(raw).type != "reasoning":
        return None
    item = decoded(_reasoning, raw)
    token = None if item is None else items.token_of(item)
    return token if token is not None and token.attached else None


def parts_in_place(raw: msgspec.Raw, path: str, skipped: Skipped) -> list[Part | None]:
    """Return the parts that an item of the output says, each in its place.

    There is `None` for what is empty, and for what cannot be read, which is noted.
    """
    kind = kind_of(raw).type
    found: list[Part | None] = []
    match kind:
        case "message":
            message = decoded(_message, raw)
            if message is not None:
                return _content(message, path, skipped)
        case "reasoning":
            item = decoded(_reasoning, raw)
            if item is not None:
                return [items.thinking(item, items.token_of(item))]
        case "function_call" | "custom_tool_call":
            found = [read_call(raw)]
        case _:
            skipped.note(path, kind or "item", NO_SUCH_ITEM)
            return []
    if found in ([], [None]):
        skipped.note(path, kind, UNKNOWN_SHAPE)
    return found


def read_call(raw: msgspec.Raw) -> ToolCall | None:
    """Return the call that an item is; `None` if it cannot be read."""
    if kind_of(raw).type == "custom_tool_call":
        custom = decoded(_custom_call, raw)
        return None if custom is None else items.custom_call(custom)
    call = decoded(_function_call, raw)
    return None if call is None else items.function_call(call)


def _read_content(raw: msgspec.Raw, path: str, skipped: Skipped) -> Text | Refusal | None:
    """Return a piece of a message; `None` if it is empty or of another sort."""
    kind = kind_of(raw).type
    refusal = decoded(_refusal, raw) if kind == "refusal" else None
    if refusal is not None:
        return Refusal(text=refusal.refusal) if refusal.refusal else None
    text = decoded(_text, raw)
    if text is None:
        skipped.note(path, kind or "content", UNKNOWN_SHAPE)
        return None
    if bytes(text.logprobs) not in EMPTY:
        skipped.note(f"{path}.logprobs", "logprobs")
    cited = read_annotations(text.annotations or (), f"{path}.annotations", skipped)
    if text.text:
        return Text(text=text.text, citations=cited)
    if cited:
        skipped.note(f"{path}.annotations", "annotations", "their text is empty")
    return None


def _content(message: incoming.Message, path: str, skipped: Skipped) -> list[Part | None]:
    if message.phase is not None:
        skipped.note(f"{path}.phase", "phase", "only this wire knows it")
    if isinstance(message.content, str):
        return [Text(text=message.content) if message.content else None]
    return [
        _read_content(raw, f"{path}.content[{index}]", skipped)
        for index, raw in enumerate(message.content or ())
    ]
