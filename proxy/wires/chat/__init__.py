"""OpenAI Chat Completions: what most relays and OpenAI-compatible servers speak.

Source: types of the SDK openai 3.52.0 and the vendor's API reference, read 2026-11.
"""

from proxy.wire import PromptOrder, Wire, with_model_in_body
from proxy.wires.chat.answer import error, read_refusal, read_whole
from proxy.wires.chat.request import beginning, credentials, read_ask
from proxy.wires.chat.stream import Reader

CHAT = Wire(
    name="chat",
    read_ask=read_ask,
    with_model=with_model_in_body,
    beginning=beginning,
    order=PromptOrder(before=("tools", "functions"), turns="messages"),
    reader=Reader,
    read_whole=read_whole,
    read_refusal=read_refusal,
    error=error,
    credentials=credentials,
)
