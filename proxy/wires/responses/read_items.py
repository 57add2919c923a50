"""The items of a request's input, as turns."""

from collections.abc import Iterator

import msgspec

from proxy.canonical.parts import Media, Part, Refusal, Text, ToolResult
from proxy.canonical.request import Loss, Role, Turn
from proxy.errors import ClientError
from proxy.wires.responses import incoming, items
from proxy.wires.responses.marks import read_mark
from proxy.wires.responses.media import read_file, read_image
from proxy.wires.responses.shapes import kind_of, shaped

_message = msgspec.json.Decoder(incoming.Message)
_text = msgspec.json.Decoder(incoming.TextPart)
_refusal = msgspec.json.Decoder(incoming.RefusalPart)
_image = msgspec.json.Decoder(incoming.ImagePart)
_file = msgspec.json.Decoder(incoming.FilePart)
_reasoning = msgspec.json.Decoder(incoming.ReasoningItem)
_function_call = msgspec.json.Decoder(incoming.FunctionCall)
_custom_call = msgspec.json.Decoder(incoming.CustomCall)
_output = msgspec.json.Decoder(incoming.CallOutput)
_added = msgspec.json.Decoder(incoming.AddedTools)

_ROLES: dict[str | None, Role] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "developer": "system",
}


class AddedTools(msgspec.Struct, frozen=True):
    """Tools that stand in the input, and where."""

    path: str
    tools: list[msgspec.Raw]


class Transcript:
    """The turns of an input as it is read, item by item.

    Neighbours of one role are one turn; only system messages stay apart.

    Attributes:
        added: Tools that came along.
        losses: What could not be kept.
    """

    def __init__(self, losses: list[Loss], usual_ttl: str | None = None) -> None:
        self.losses = losses
        self._usual_ttl = usual_ttl  # of marks that name none
        self.added: list[AddedTools] = []
        self._turns: list[tuple[Role, list[Part]]] = []

    def turns(self) -> tuple[Turn, ...]:
        """Return all turns so far."""
        return tuple(Turn(role=role, parts=tuple(parts)) for role, parts in self._turns)

    def say(self, role: Role, *parts: Part) -> None:
        """Note that `role` said `parts`."""
        if not parts:
            return
        if role != "system" and self._turns and self._turns[-1][0] == role:
            self._turns[-1][1].extend(parts)
        else:
            self._turns.append((role, list(parts)))

    def read(self, raw: msgspec.Raw, path: str) -> None:
        """Read one item."""
        kind = kind_of(raw)
        match kind.type:
            case "message":
                self._read_message(raw, path)
            case None if kind.role is not None:
                self._read_message(raw, path)
            case "reasoning":
                self._read_reasoning(raw, path)
            case "function_call":
                self.say("assistant", items.function_call(shaped(_function_call, raw, path)))
            case "custom_tool_call":
                self.say("assistant", items.custom_call(shaped(_custom_call, raw, path)))
            case "function_call_output" | "custom_tool_call_output":
                self._read_output(raw, path, custom=kind.type.startswith("custom"))
            case _:
                self._read_other(raw, path, kind.type)

    def _read_message(self, raw: msgspec.Raw, path: str) -> None:
        message = shaped(_message, raw, path)
        role = _ROLES.get(message.role)
        if role is None:
            self.losses.append(Loss(path, "message", "has a role that only this wire knows"))
            return
        if message.phase is not None:
            self.losses.append(Loss(f"{path}.phase", "phase", "only this wire knows it"))
        self.say(role, *self._content(message.content, f"{path}.content"))

    def _read_reasoning(self, raw: msgspec.Raw, path: str) -> None:
        item = shaped(_reasoning, raw, path)
        token = items.token_of(item)
        if token is not None and token.attached:
            last = self._turns[-1] if self._turns else None
            if last is None or last[0] != "assistant":
                self.losses.append(Loss(path, "token", "the part it belongs to is gone"))
            else:
                last[1][-1] = items.signed(last[1][-1], token.opaque)
            return
        part = items.thinking(item, token)
        if part is not None:
            self.say("assistant", part)

    def _read_output(self, raw: msgspec.Raw, path: str, *, custom: bool) -> None:
        item = shaped(_output, raw, path)
        parts = tuple(
            part
            for part in self._content(item.output, f"{path}.output")
            if isinstance(part, Text | Media)
        )
        self.say("user", ToolResult(call_id=item.call_id, parts=parts, custom=custom))

    def _read_other(self, raw: msgspec.Raw, path: str, kind: str | None) -> None:
        if kind == "item_reference":
            raise ClientError(
                400,
                f"`{path}` refers to an item that is stored at the vendor of this wire, and the "
                "request goes to another: send the item itself.",
            )
        if kind in {"additional_tools", "tool_search_output"}:
            self.added.append(AddedTools(f"{path}.tools", shaped(_added, raw, path).tools or []))
        if kind != "additional_tools":
            self.losses.append(Loss(path, kind or "item", "only this wire knows it"))

    def _content(
        self, content: str | list[msgspec.Raw] | None, path: str
    ) -> Iterator[Text | Media | Refusal]:
        if isinstance(content, str):
            if content:
                yield Text(text=content)
            return
        for index, raw in enumerate(content or ()):
            part = self._part(raw, f"{path}[{index}]")
            if part is not None:
                yield part

    def _part(self, raw: msgspec.Raw, path: str) -> Text | Media | Refusal | None:
        kind = kind_of(raw).type
        media: Media | None = None
        match kind:
            case "input_text" | "output_text" | "text":
                return self._read_text(shaped(_text, raw, path), path)
            case "refusal":
                return Refusal(text=shaped(_refusal, raw, path).refusal)
            case "input_image":
                image = shaped(_image, raw, path)
                media = self._marked(read_image(image), image.prompt_cache_breakpoint)
            case "input_file":
                file = shaped(_file, raw, path)
                media = self._marked(read_file(file), file.prompt_cache_breakpoint)
            case _:
                pass
        if media is None:
            self.losses.append(Loss(path, kind or "content", "nothing in it can be carried"))
        return media

    def _read_text(self, part: incoming.TextPart, path: str) -> Text | None:
        if part.annotations:
            self.losses.append(Loss(f"{path}.annotations", "annotations", "only the text goes on"))
        if not part.text:
            return None
        until = read_mark(part.prompt_cache_breakpoint, self._usual_ttl)
        return Text(text=part.text, cache_until=until)

    def _marked(self, media: Media | None, mark: incoming.MarkJson | None) -> Media | None:
        until = read_mark(mark, self._usual_ttl)
        if media is None or until is None:
            return media
        return msgspec.structs.replace(media, cache_until=until)
