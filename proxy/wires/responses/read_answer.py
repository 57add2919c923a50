"""A provider's whole answer, into the middle."""

from collections.abc import Iterable

import msgspec

from proxy.canonical import Usage
from proxy.canonical.answer import Answer, StopReason
from proxy.canonical.parts import Part, Refusal, Text, Thinking, ToolCall
from proxy.wire import ABSENT, decoded
from proxy.wires.responses import incoming, items
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


def read_answer(body: bytes) -> Answer | None:
    """Return what `body` says; `None` if it is no answer, or not a whole one."""
    response = decoded(_response, body)
    rest = decoded(_rest, body)
    if response is None or rest is None or rest.output is None:
        return None
    if response.status not in _ENDED or bytes(response.error) not in ABSENT:
        return None
    parts = _parts(rest.output)
    return Answer(
        id=response.id,
        model=response.model,
        parts=tuple(parts),
        stop=stop_of(response, parts),
        usage=parse_usage(response.usage) or Usage(),
        created_s=None if rest.created_at is None else int(rest.created_at),
    )


def stop_of(response: Response, parts: Iterable[Part]) -> StopReason:
    """Return why the answer ended: by its status, and else by what it holds."""
    reason = response.incomplete_details and response.incomplete_details.reason
    if reason == "max_output_tokens":
        return "max_tokens"
    if reason == "content_filter":
        return "refusal"
    kinds = {type(part) for part in parts}
    if ToolCall in kinds:
        return "tool_call"
    return "refusal" if Refusal in kinds else "end"


def _parts(output: list[msgspec.Raw]) -> list[Part]:
    parts: list[Part] = []
    for raw in output:
        token = token_for_last(raw)
        if token is None:
            parts += [part for part in parts_in_place(raw) if part is not None]
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


def parts_in_place(raw: msgspec.Raw) -> list[Part | None]:
    """Return the parts that an item of the output says, each in its place.

    There is `None` for what is empty or cannot be read.
    """
    match kind_of(raw).type:
        case "message":
            message = decoded(_message, raw)
            return [] if message is None else _content(message)
        case "reasoning":
            return [_read_thinking(raw)]
        case "function_call" | "custom_tool_call":
            return [read_call(raw)]
        case _:
            return []


def _read_thinking(raw: msgspec.Raw) -> Thinking | None:
    """Return what a reasoning item says, if anything."""
    item = decoded(_reasoning, raw)
    return None if item is None else items.thinking(item, items.token_of(item))


def read_call(raw: msgspec.Raw) -> ToolCall | None:
    """Return the call that an item is; `None` if it cannot be read."""
    if kind_of(raw).type == "custom_tool_call":
        custom = decoded(_custom_call, raw)
        return None if custom is None else items.custom_call(custom)
    call = decoded(_function_call, raw)
    return None if call is None else items.function_call(call)


def _read_content(raw: msgspec.Raw) -> Text | Refusal | None:
    """Return a piece of a message; `None` if it is empty or of another sort."""
    if kind_of(raw).type == "refusal":
        refusal = decoded(_refusal, raw)
        return Refusal(text=refusal.refusal) if refusal is not None and refusal.refusal else None
    text = decoded(_text, raw)
    return Text(text=text.text) if text is not None and text.text else None


def _content(message: incoming.Message) -> list[Part | None]:
    if isinstance(message.content, str):
        return [Text(text=message.content) if message.content else None]
    return [_read_content(raw) for raw in message.content or ()]
