"""Anthropic Messages: what Claude Code speaks.

Source: types of the SDK anthropic 2.11.0 and the vendor's API reference, read 2026-11.
"""

from proxy.wire import PromptOrder, Wire, with_model_in_body
from proxy.wires.anthropic.answer import error, read_refusal, read_whole
from proxy.wires.anthropic.request import beginning, credentials, read_ask
from proxy.wires.anthropic.stream import Reader

ANTHROPIC = Wire(
    name="anthropic",
    read_ask=read_ask,
    with_model=with_model_in_body,
    beginning=beginning,
    order=PromptOrder(before=("tools", "system"), turns="messages"),
    reader=Reader,
    read_whole=read_whole,
    read_refusal=read_refusal,
    error=error,
    credentials=credentials,
    too_long="prompt is too long",  # Claude Code compacts: `facts/clients.md`, section 1.5
)
