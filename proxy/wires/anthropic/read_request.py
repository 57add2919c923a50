"""From a request of a client to the middle.

Source: types of the SDK anthropic 2.11.0, and requests of Claude Code 2.1.329, read 2026-11.
"""

import msgspec

from proxy.canonical.marks import with_last_marked
from proxy.canonical.parts import Text
from proxy.canonical.request import Format, Loss, Request, Role, Sampling, Turn
from proxy.codec import Read
from proxy.errors import ClientError
from proxy.wire import Location, decoded, required
from proxy.wires.anthropic.conversation import (
    MESSAGE_KEYS,
    REQUEST_KEYS,
    FormatJson,
    MessageJson,
    MetadataJson,
    RequestJson,
)
from proxy.wires.anthropic.read_parts import Content, read_content
from proxy.wires.anthropic.schema import UserId
from proxy.wires.anthropic.shapes import lose_unknown, present, shaped, short, spelled
from proxy.wires.anthropic.thinking import read_reasoning
from proxy.wires.anthropic.tools import read_choice, read_tool

COUNTING = "/count_tokens"
BILLING = "x-anthropic-billing-header:"
_SESSION = "_session_"
_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system"}

_request = msgspec.json.Decoder(RequestJson)
_message = msgspec.json.Decoder(MessageJson)
_user_id = msgspec.json.Decoder(UserId)


def read_request(body: bytes, location: Location) -> Read:
    """Read a request for an answer, or for a number of tokens.

    Raises:
        ClientError: 400, something that is needed has a wrong shape.
    """
    asked = required(_request, body)
    losses: list[Loss] = []
    lose_unknown(body, REQUEST_KEYS, "", losses)
    output = asked.output_config
    user, session = _names(asked.metadata)
    tools = (read_tool(raw, f"tools[{i}]", losses) for i, raw in enumerate(asked.tools or ()))
    request = Request(
        model=asked.model,
        turns=_turns(asked, losses),
        stream=bool(asked.stream),
        tools=tuple(tools),
        tool_choice=read_choice(asked.tool_choice, losses),
        max_output_tokens=asked.max_tokens,
        stop=tuple(asked.stop_sequences or ()),
        sampling=Sampling(temperature=asked.temperature, top_p=asked.top_p, top_k=asked.top_k),
        reasoning=read_reasoning(asked.thinking, output, losses),
        format=_format(output.format if output is not None else None, losses),
        user=user,
        cache_key=session,
        service_tier={"standard_only": "default"}.get(asked.service_tier or "", asked.service_tier),
        counts_only=location.path.endswith(COUNTING),
    )
    return Read(request, tuple(losses))


def _turns(asked: RequestJson, losses: list[Loss]) -> tuple[Turn, ...]:
    system = _system(asked.system, losses)
    turns = [_turn(raw, f"messages[{i}]", losses) for i, raw in enumerate(asked.messages)]
    if system is not None:
        turns.insert(0, system)
    if asked.cache_control is not None and turns:
        turns[-1] = with_last_marked(turns[-1], asked.cache_control.ttl or "5m")
    return tuple(turns)


def _system(system: Content | None, losses: list[Loss]) -> Turn | None:
    """Return the instructions, without the line that Claude Code changes all the time."""
    parts = read_content(system, "system", losses)
    first = parts[0] if parts else None
    if isinstance(first, Text) and first.text.startswith(BILLING):
        losses.append(Loss("system[0]", BILLING[:-1], "it changes, and would defeat prompt caches"))
        rest = first.text.partition("\n")[2]
        kept = (msgspec.structs.replace(first, text=rest),) if rest.strip() else ()
        parts = kept + parts[1:]
    return Turn(role="system", parts=parts) if parts else None


def _turn(raw: msgspec.Raw, path: str, losses: list[Loss]) -> Turn:
    message = shaped(_message, raw, path)
    lose_unknown(raw, MESSAGE_KEYS, path, losses)
    role = _ROLES.get(message.role)
    if role is None:
        raise ClientError(400, f"{path}.role: wanted user, assistant or system")
    return Turn(role=role, parts=read_content(message.content, f"{path}.content", losses))


def _format(said: FormatJson | None, losses: list[Loss]) -> Format | None:
    if said is None:
        return None
    if said.type != "json_schema" or not present(said.schema):
        losses.append(Loss("output_config.format", short(said.type), "unknown form"))
        return None
    return Format(schema=spelled(said.schema, "output_config.format.schema"))


def _names(metadata: MetadataJson | None) -> tuple[str | None, str | None]:
    """Return the user and the session; Claude Code puts both into `metadata.user_id`."""
    said = metadata.user_id if metadata is not None else None
    if said is None:
        return None, None
    if said.startswith("{"):
        told = decoded(_user_id, said)
        if told is not None and told.session_id:
            return told.device_id or told.account_uuid, told.session_id
    user, found, session = said.rpartition(_SESSION)
    return (user, session) if found and session else (said, None)
