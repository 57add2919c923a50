"""Both directions of this wire; it counts no tokens, and has no endpoint for that."""

from proxy.codec import Codec, Dialect, ToolRules
from proxy.model_lists import OPENAI_LISTS
from proxy.wires.chat.decoder import Decoder
from proxy.wires.chat.encoder import Encoder
from proxy.wires.chat.read_answer import read_answer
from proxy.wires.chat.read_request import read_request
from proxy.wires.chat.write_answer import write_answer
from proxy.wires.chat.write_request import write_request


def read_count(_: bytes) -> int | None:
    """Return nothing: this wire answers no counting request."""
    return None


def keeps_thinking(dialect: Dialect) -> bool:
    """Say whether thinking goes back: tokens have no place here, and its text has none in most."""
    return dialect.reasoning_content


CHAT_CODEC = Codec(
    name="chat",
    tools=ToolRules(max_name_chars=64, name_chars="A-Za-z0-9_-"),
    read_request=read_request,
    write_request=write_request,
    read_answer=read_answer,
    write_answer=write_answer,
    decoder=Decoder,
    encoder=Encoder,
    models=OPENAI_LISTS,
    read_count=read_count,
    keeps_thinking=keeps_thinking,
)
