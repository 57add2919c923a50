"""Turns, as the items of a request's input."""

import hashlib
from collections.abc import Sequence

from msgspec import UNSET

from proxy.canonical.parts import Media, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss, Role, Turn
from proxy.wires.responses.media import written_media
from proxy.wires.responses.outgoing import (
    Content,
    CustomCall,
    CustomOutput,
    FunctionCall,
    FunctionOutput,
    InputItem,
    InputText,
    Message,
    OutputRefusal,
    OutputText,
    Reasoning,
    SummaryText,
)
from proxy.wires.responses.tokens import WIRE

LONGEST_ID = 64
_ROLES: dict[Role, str] = {"system": "developer", "user": "user", "assistant": "assistant"}


def short_id(name: str) -> str:
    """Return `name`, or what stands for it if it is longer than this wire allows."""
    if len(name) <= LONGEST_ID:
        return name
    return hashlib.blake2b(name.encode(), digest_size=LONGEST_ID // 2).hexdigest()


class Input:
    """The items of an input as it is written, turn by turn.

    Attributes:
        items: So far.
        losses: What could not be written.
    """

    def __init__(self, losses: list[Loss]) -> None:
        self.items: list[InputItem] = []
        self.losses = losses
        self._custom_calls: set[str] = set()

    def write(self, turn: Turn, path: str) -> None:
        """Write one turn, its texts and media as messages between other items."""
        content: list[Content] = []
        for index, part in enumerate(turn.parts):
            where = f"{path}.parts[{index}]"
            match part:
                case Text() | Media() | Refusal():
                    content += self._content(turn.role, part, where)
                case ToolCall() | ToolResult() | Thinking():
                    self._write_message(turn.role, content)
                    content = []
                    self._write_item(part, where)
        self._write_message(turn.role, content)
        while self.items and isinstance(self.items[-1], Reasoning):
            self.items.pop()  # the vendor refuses reasoning that nothing follows
            self.losses.append(Loss(path, "reasoning", "nothing follows it"))

    def _write_message(self, role: Role, content: list[Content]) -> None:
        if content:
            self.items.append(Message(role=_ROLES[role], content=content))

    def _content(self, role: Role, part: Text | Media | Refusal, path: str) -> list[Content]:
        self._lose_mark(part, path)
        if isinstance(part, Text):
            if not part.text:
                return []
            said = OutputText if role == "assistant" else InputText
            return [said(text=part.text)]
        if isinstance(part, Refusal) and role == "assistant":
            return [OutputRefusal(part.text)]
        media = written_media(part) if isinstance(part, Media) and role != "assistant" else None
        if media is None:
            what = "refusal" if isinstance(part, Refusal) else part.kind
            self.losses.append(Loss(path, what, "has no place here on this wire"))
            return []
        return [media]

    def _write_item(self, part: ToolCall | ToolResult | Thinking, path: str) -> None:
        match part:
            case ToolCall():
                self._lose_mark(part, path)
                self._write_call(part)
            case ToolResult():
                self._lose_mark(part, path)
                self._write_result(part, path)
            case Thinking(opaque=opaque) if opaque is not None and opaque.wire == WIRE:
                summary = [SummaryText(part.text)] if part.text else []
                name = opaque.id if (opaque.id or "").startswith("rs_") else None
                item = Reasoning(
                    id=name or UNSET, summary=summary, encrypted_content=opaque.payload
                )
                self.items.append(item)
            case Thinking():
                self.losses.append(Loss(path, "reasoning", "has no token of this wire"))

    def _write_call(self, call: ToolCall) -> None:
        name, group = short_id(call.id), call.namespace or UNSET
        if call.custom:
            self._custom_calls.add(call.id)
            self.items.append(
                CustomCall(call_id=name, name=call.name, namespace=group, input=call.arguments)
            )
            return
        arguments = call.arguments or "{}"
        self.items.append(
            FunctionCall(call_id=name, name=call.name, namespace=group, arguments=arguments)
        )

    def _write_result(self, result: ToolResult, path: str) -> None:
        if result.is_error:
            self.losses.append(Loss(f"{path}.is_error", "error flag", "this wire has none"))
        output = self._output(result.parts, path)
        is_custom = result.custom or result.call_id in self._custom_calls
        kind = CustomOutput if is_custom else FunctionOutput
        self.items.append(kind(short_id(result.call_id), output))

    def _output(self, parts: Sequence[Text | Media], path: str) -> str | list[Content]:
        content: list[Content] = []
        for index, part in enumerate(parts):
            content += self._content("user", part, f"{path}.parts[{index}]")
        match content:
            case []:
                return ""
            case [InputText(text=text)]:
                return text
            case _:
                return content

    def _lose_mark(self, part: Part, path: str) -> None:
        if not isinstance(part, Refusal | Thinking) and part.cache_until is not None:
            why = "this wire caches by itself"
            self.losses.append(Loss(f"{path}.cache_until", "cache mark", why))
