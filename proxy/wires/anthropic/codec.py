"""Anthropic Messages, to the middle and from it."""

from proxy.codec import Codec, ToolRules
from proxy.wires.anthropic.decoder import Decoder
from proxy.wires.anthropic.encoder import Encoder
from proxy.wires.anthropic.model_lists import MODELS
from proxy.wires.anthropic.read_answer import read_answer, read_count, write_count
from proxy.wires.anthropic.read_request import read_request
from proxy.wires.anthropic.write_answer import write_answer
from proxy.wires.anthropic.write_request import write_request

ANTHROPIC_CODEC = Codec(
    name="anthropic",
    tools=ToolRules(max_name_chars=128, name_chars="A-Za-z0-9_-"),
    read_request=read_request,
    write_request=write_request,
    read_answer=read_answer,
    write_answer=write_answer,
    decoder=Decoder,
    encoder=Encoder,
    models=MODELS,
    read_count=read_count,
    write_count=write_count,
    caches_marked_only=True,
)
