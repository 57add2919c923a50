"""Gemini generateContent: what Gemini CLI speaks.

Source: types of the SDK google-genai 3.4.0 and the vendor's API reference, read 2026-11.
"""

from proxy.wire import PromptOrder, Wire
from proxy.wires.gemini.answer import error, read_refusal, read_whole
from proxy.wires.gemini.request import beginning, credentials, read_ask, with_model
from proxy.wires.gemini.stream import Reader

GEMINI = Wire(
    name="gemini",
    read_ask=read_ask,
    with_model=with_model,
    beginning=beginning,
    order=PromptOrder(
        before=("tools", "systemInstruction", "system_instruction"),
        turns="contents",
        elsewhere=("cachedContent", "cached_content"),
    ),
    reader=Reader,
    read_whole=read_whole,
    read_refusal=read_refusal,
    error=error,
    credentials=credentials,
)
