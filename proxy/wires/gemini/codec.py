"""Both directions of this wire, for `proxy.convert`."""

import msgspec

from proxy.codec import Codec, Dialect, ToolRules
from proxy.wire import Count, decoded
from proxy.wires.gemini.decoder import Decoder, read_answer
from proxy.wires.gemini.encoder import Encoder
from proxy.wires.gemini.model_lists import MODELS
from proxy.wires.gemini.read_request import read_request
from proxy.wires.gemini.signature import NAME
from proxy.wires.gemini.write_answer import write_answer
from proxy.wires.gemini.write_request import write_request


class _Counted(msgspec.Struct, rename="camel"):
    total_tokens: Count


_counted = msgspec.json.Decoder(_Counted)


def read_count(body: bytes) -> int | None:
    """Return the number of tokens in an answer to `:countTokens`."""
    found = decoded(_counted, body)
    return None if found is None else found.total_tokens


def write_count(tokens: int) -> bytes:
    """Return the answer to `:countTokens`."""
    return msgspec.json.encode(_Counted(tokens))


def keeps_thinking(_: Dialect) -> bool:
    """Say that thinking needs no token here: a thought is a part like any other."""
    return True


GEMINI_CODEC = Codec(
    name=NAME,
    # A name must begin with a letter or an underscore besides: `proxy.convert` sees to it.
    tools=ToolRules(max_name_chars=64, name_chars="A-Za-z0-9_.:-"),
    read_request=read_request,
    write_request=write_request,
    read_answer=read_answer,
    write_answer=write_answer,
    decoder=Decoder,
    encoder=Encoder,
    models=MODELS,
    read_count=read_count,
    write_count=write_count,
    keeps_thinking=keeps_thinking,
)
