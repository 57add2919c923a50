"""OpenAI Responses, to and from the middle."""

import msgspec

from proxy.codec import Codec, ToolRules
from proxy.model_lists import OPENAI_LISTS
from proxy.wire import Count, decoded
from proxy.wires.responses.decoder import Decoder
from proxy.wires.responses.encoder import Encoder
from proxy.wires.responses.read_answer import read_answer
from proxy.wires.responses.read_request import read_request
from proxy.wires.responses.tokens import WIRE
from proxy.wires.responses.write_answer import write_answer
from proxy.wires.responses.write_request import write_request


class _Counted(msgspec.Struct):
    """The answer to a counting request."""

    input_tokens: Count
    object: str = "response.input_tokens"


_counted = msgspec.json.Decoder(_Counted)


def read_count(body: bytes) -> int | None:
    """Return the number of input tokens in the answer to a counting request."""
    counted = decoded(_counted, body)
    return None if counted is None else counted.input_tokens


def write_count(tokens: int) -> bytes:
    """Return the answer to a counting request."""
    return msgspec.json.encode(_Counted(tokens))


RESPONSES_CODEC = Codec(
    name=WIRE,
    tools=ToolRules(max_name_chars=64, name_chars="A-Za-z0-9_-", custom=True, namespaces=True),
    read_request=read_request,
    write_request=write_request,
    read_answer=read_answer,
    write_answer=write_answer,
    decoder=Decoder,
    encoder=Encoder,
    models=OPENAI_LISTS,
    read_count=read_count,
    write_count=write_count,
)
