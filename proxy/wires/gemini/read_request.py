"""From a client's request to the middle."""

import re
from urllib.parse import unquote

from proxy.canonical.parts import Part, Text
from proxy.canonical.request import Loss, Request, Role, Turn
from proxy.codec import Read
from proxy.errors import ClientError
from proxy.wire import Location
from proxy.wires.gemini.fields import Fields, wrong
from proxy.wires.gemini.pieces import merged
from proxy.wires.gemini.read_config import read_settings
from proxy.wires.gemini.read_parts import ROLES, Calls, read_part
from proxy.wires.gemini.read_tools import read_choice, read_tools

_CALL = re.compile(r"/models/(?P<model>.+):(?P<verb>\w+)$")
_OWN = "no other wire has a word for it"


def read_request(body: bytes, location: Location) -> Read:
    """Read a request; model and verb stand in its path.

    Raises:
        ClientError: 400, it has another shape.
    """
    call = _CALL.search(location.path)
    if call is None:
        raise ClientError(400, "The path must end in /models/{model}:{verb}")
    losses: list[Loss] = []
    try:
        body.decode()  # what is taken raw is not looked into again
        request = _read(Fields(body, "", losses), call)
    except UnicodeDecodeError as exc:
        raise ClientError(400, f"The request body cannot be used: {exc}") from exc
    except RecursionError as exc:
        raise ClientError(400, "The request body cannot be used: it is too deep") from exc
    return Read(request, tuple(losses))


def _read(body: Fields, call: re.Match[str]) -> Request:
    counts = call["verb"] == "countTokens"
    whole = body.inner("generateContentRequest") if counts else None
    if whole is not None:
        body.lose_rest()
        body = whole
    body.raw("model")  # the path says it
    settings = read_settings(body)
    request = Request(
        model=unquote(call["model"]),
        turns=(*_read_system(body), *_read_turns(body)),
        stream=call["verb"] == "streamGenerateContent",
        tools=read_tools(body),
        tool_choice=read_choice(body),
        max_output_tokens=settings.max_output_tokens,
        stop=settings.stop,
        sampling=settings.sampling,
        reasoning=settings.reasoning,
        format=settings.format,
        service_tier=body.text("serviceTier"),
        counts_only=counts,
    )
    for key in ("safetySettings", "cachedContent", "labels", "store"):
        body.lose(key, _OWN)
    body.lose_rest()
    return request


def _read_system(body: Fields) -> list[Turn]:
    content = body.inner("systemInstruction")
    if content is None:
        return []
    content.raw("role")  # any is taken for the same
    calls = Calls()
    parts: list[Part] = []
    for one in content.each("parts"):
        part = read_part(one, "system", calls)
        if isinstance(part, Text):
            parts.append(part)
        elif part is not None:
            one.lose_all("instructions are text", type(part).__name__)
    content.lose_rest()
    return [Turn(role="system", parts=tuple(parts))] if parts else []


def _read_turns(body: Fields) -> list[Turn]:
    """Read all contents, those of one side in a row as one turn."""
    contents = body.each("contents")
    if not contents:
        raise wrong("contents", "a list of at least one content")
    calls = Calls()
    runs: list[tuple[Role, list[Part]]] = []
    for content in contents:
        role = ROLES.get(content.text("role") or "user")
        if role is None:
            raise wrong(content.at("role"), "user or model")
        if not runs or runs[-1][0] != role:
            runs.append((role, []))
        _read_content(content, role, calls, runs[-1][1])
    return [Turn(role=role, parts=tuple(merged(parts, role))) for role, parts in runs if parts]


def _read_content(content: Fields, role: Role, calls: Calls, parts: list[Part]) -> None:
    for one in content.each("parts"):
        part = read_part(one, role, calls)
        if part is not None:
            parts.append(part)
    content.lose_rest()
