"""Turns, as the items of a request's input."""

import hashlib

from msgspec import UNSET, UnsetType

from proxy.canonical.parts import Media, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss, Role, Turn
from proxy.wires.responses.marks import NO_PLACE, written_mark
from proxy.wires.responses.media import written_media
from proxy.wires.responses.outgoing import (
    Content,
    CustomCall,
    CustomOutput,
    FunctionCall,
    FunctionOutput,
    InputFile,
    InputImage,
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
        if isinstance(part, Text):
            return self._text(role, part, path)
        if isinstance(part, Refusal) and role == "assistant":
            return [OutputRefusal(part.text)]
        if isinstance(part, Media) and role != "assistant":
            media = written_media(part)
            if media is not None:
                return [_marked(media, part)]
        what = "refusal" if isinstance(part, Refusal) else part.kind
        self.losses.append(Loss(path, what, "has no place here on this wire"))
        return []

    def _text(self, role: Role, part: Text, path: str) -> list[Content]:
        if not part.text:
            return []
        if role != "assistant":
            return [_marked(InputText(text=part.text), part)]
        self._lose_mark(part, path)
        return [OutputText(text=part.text)]

    def _write_item(self, part: ToolCall | ToolResult | Thinking, path: str) -> None:
        match part:
            case ToolCall():
                self._lose_mark(part, path)
                self._write_call(part)
            case ToolResult():
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
        content: list[Content] = []
        for index, part in enumerate(result.parts):
            content += self._content("user", part, f"{path}.parts[{index}]")
        if result.is_error:
            _tell_error(content)
        if content:
            _marked(content[-1], result)
        is_custom = result.custom or result.call_id in self._custom_calls
        kind = CustomOutput if is_custom else FunctionOutput
        self.items.append(kind(short_id(result.call_id), _output(content)))

    def _lose_mark(self, part: Text | ToolCall, path: str) -> None:
        if part.cache_until is not None:
            self.losses.append(Loss(f"{path}.cache_until", "cache mark", NO_PLACE))


def _tell_error(content: list[Content]) -> None:
    """Say in words what this wire has no other word for, unless they say so themselves."""
    first = content[0] if content else None
    if not isinstance(first, InputText):
        content.insert(0, InputText("Error"))
    elif first.text[:5].lower() != "error":
        first.text = f"Error: {first.text}"


def _output(content: list[Content]) -> str | list[Content]:
    """Return the output as one text if it is one, and not the end of a marked prefix."""
    match content:
        case []:
            return ""
        case [InputText(text=text, prompt_cache_breakpoint=UnsetType())]:
            return text
        case _:
            return content


def _marked(content: Content, part: Text | Media | ToolResult) -> Content:
    """Return `content`, marked if a prefix worth caching ends with `part`."""
    if part.cache_until is not None and isinstance(content, InputText | InputImage | InputFile):
        content.prompt_cache_breakpoint = written_mark(part.cache_until)
    return content
