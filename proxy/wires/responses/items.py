"""Items that both the input of a request and the output of an answer hold."""

import msgspec

from proxy.canonical.parts import Opaque, Part, Text, Thinking, ToolCall
from proxy.wires.responses.incoming import CustomCall, FunctionCall, ReasoningItem, ReasoningText
from proxy.wires.responses.tokens import Token, opened

_DEFAULT_GROUP = "functions"


def group(namespace: str | None) -> str | None:
    """Return the namespace of a tool or a call; calls leave out that of plain functions."""
    return None if namespace in {None, "", _DEFAULT_GROUP} else namespace


def function_call(item: FunctionCall) -> ToolCall:
    """Return the call of a function."""
    return ToolCall(
        id=item.call_id,
        name=item.name,
        arguments=item.arguments or "{}",
        namespace=group(item.namespace),
    )


def custom_call(item: CustomCall) -> ToolCall:
    """Return the call of a free-form tool."""
    return ToolCall(
        id=item.call_id,
        name=item.name,
        arguments=item.input,
        custom=True,
        namespace=group(item.namespace),
    )


def token_of(item: ReasoningItem) -> Token | None:
    """Return the token that a reasoning item carries."""
    return opened(item.encrypted_content, item.id) if item.encrypted_content else None


def thinking(item: ReasoningItem, token: Token | None) -> Thinking | None:
    """Return the reasoning of an item; `None` if it has neither text nor token."""
    text = summary_text(item.summary) or summary_text(item.content)
    if token is None:
        return Thinking(text=text) if text else None
    return Thinking(text=text, redacted=token.redacted, opaque=token.opaque)


def signed(part: Part, opaque: Opaque) -> Part:
    """Return `part` with its token, if it is of a kind that can have one."""
    if isinstance(part, Text | Thinking | ToolCall):
        return msgspec.structs.replace(part, opaque=opaque)
    return part


def summary_text(texts: list[ReasoningText] | None) -> str:
    """Return the parts of a summary as one text."""
    return "\n\n".join(part.text for part in texts or ())
