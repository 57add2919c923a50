"""The wire formats, by name. To add one: a folder here, a line in each of the two below."""

from collections.abc import Mapping

from proxy.codec import Codec
from proxy.wire import Wire
from proxy.wires.anthropic import ANTHROPIC
from proxy.wires.anthropic.codec import ANTHROPIC_CODEC
from proxy.wires.chat import CHAT
from proxy.wires.chat.codec import CHAT_CODEC
from proxy.wires.gemini import GEMINI
from proxy.wires.gemini.codec import GEMINI_CODEC
from proxy.wires.responses import RESPONSES
from proxy.wires.responses.codec import RESPONSES_CODEC

WIRES: Mapping[str, Wire] = {wire.name: wire for wire in (ANTHROPIC, CHAT, RESPONSES, GEMINI)}

CODECS: Mapping[str, Codec] = {
    codec.name: codec for codec in (ANTHROPIC_CODEC, CHAT_CODEC, RESPONSES_CODEC, GEMINI_CODEC)
}
