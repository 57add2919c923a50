"""The wire formats, by name. To add one: a folder here, a line below."""

from collections.abc import Mapping

from proxy.wire import Wire
from proxy.wires.anthropic import ANTHROPIC
from proxy.wires.chat import CHAT
from proxy.wires.gemini import GEMINI
from proxy.wires.responses import RESPONSES

WIRES: Mapping[str, Wire] = {wire.name: wire for wire in (ANTHROPIC, CHAT, RESPONSES, GEMINI)}
