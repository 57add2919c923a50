"""What of a request the model reads: texts, media, and what providers put around them.

The frames are tokens that no client sees: OpenAI's cookbook on counting has three for a request
and three to four for a message, Anthropic's counter eight for a message of one letter. Those of
calls, results and tools are not published; one of each is taken for a dozen.
"""

from dataclasses import dataclass, field

from proxy.canonical.parts import (
    Media,
    Opaque,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from proxy.canonical.request import Request, Tool

_REQUEST = 3
_TURN = 4
_BLOCK = 12
# The longest of Anthropic's own tools, which its documentation gives with 245 to 735 tokens.
_SERVER_TOOL = 735
_BYTES_PER_TOKEN = 4
_SEAL_BYTES = 650


@dataclass(slots=True)
class Content:
    """What is to be counted; `frames` already is."""

    texts: list[str] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    frames: int = _REQUEST

    def add_part(self, part: Part) -> None:
        """Add what the model reads of `part`."""
        match part:
            case Text(text=text, opaque=opaque) | Thinking(text=text, opaque=opaque):
                self._add(text)
                self._add_sealed(opaque, text)
            case Refusal(text=text):
                self._add(text)
            case Media():
                self.media.append(part)
            case ToolCall():
                self.frames += _BLOCK
                self._add(part.name, part.namespace, part.arguments)
                self._add_sealed(part.opaque, "")
            case ToolResult(parts=parts):
                self.frames += _BLOCK
                for inner in parts:
                    self.add_part(inner)

    def add_tool(self, tool: Tool) -> None:
        """Add the declaration of a tool."""
        self.frames += _BLOCK if tool.server is None else _SERVER_TOOL
        self._add(tool.name, tool.namespace, tool.description)
        self._add(tool.schema, tool.grammar, tool.server)

    def add_form(self, name: str | None, schema: str | None) -> None:
        """Add the form that the answer is to have."""
        self.frames += _BLOCK
        self._add(name, schema)

    def _add(self, *texts: str | None) -> None:
        self.texts += [text for text in texts if text]

    def _add_sealed(self, opaque: Opaque | None, shown: str) -> None:
        """Add the thoughts that only their issuer can read, as far as they are not `shown`.

        Codex CLI takes all but 650 of their bytes for text (`estimate_reasoning_length`).
        """
        if opaque is not None:
            sealed = max(0, len(opaque.payload) * 3 // 4 - _SEAL_BYTES)
            self.frames += max(0, sealed - len(shown)) // _BYTES_PER_TOKEN


def content_of(request: Request) -> Content:
    """Return what the model reads of `request`."""
    content = Content()
    for turn in request.turns:
        content.frames += _TURN
        for part in turn.parts:
            content.add_part(part)
    for tool in request.tools:
        content.add_tool(tool)
    if request.format is not None:
        content.add_form(request.format.name, request.format.schema)
    return content
