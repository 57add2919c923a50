"""OpenAI Responses: the only wire that Codex CLI speaks.

Source: types of the SDK openai 3.52.0 and the vendor's API reference, read 2026-11.
"""

from proxy.wire import PromptOrder, Wire, with_model_in_body
from proxy.wires.responses.answer import error, read_refusal, read_whole
from proxy.wires.responses.request import beginning, credentials, read_ask
from proxy.wires.responses.stream import Reader

RESPONSES = Wire(
    name="responses",
    read_ask=read_ask,
    with_model=with_model_in_body,
    beginning=beginning,
    order=PromptOrder(
        before=("tools", "instructions"),
        turns="input",
        elsewhere=("previous_response_id", "conversation", "prompt"),
    ),
    reader=Reader,
    read_whole=read_whole,
    read_refusal=read_refusal,
    error=error,
    credentials=credentials,
)
