"""From a path, in any spelling that clients use, to a route and the path providers get.

Paths are looked up in a dictionary in front of Starlette's router, which would cost a request
more than all else. Sources: `facts/existing-systems.md` section 6 for the prefixes,
`facts/wires.md` section 0 for `/v1` and `/v1beta` given twice or not at all.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from proxy.exchange.call import Endpoint, Route
from proxy.routing.types import App
from proxy.wire import Wire
from proxy.wires import WIRES

PREFIXES: Mapping[str, App | None] = {
    "": None,
    "/claude": "claude",
    "/codex": "codex",
    "/openai": "openai",
    "/gemini": "gemini",
    "/api": None,
}
APP_OF_WIRE: Mapping[str, App] = {
    "anthropic": "claude",
    "responses": "codex",
    "chat": "openai",
    "gemini": "gemini",
}
WIRE_OF_APP: Mapping[App, str] = {app: wire for wire, app in APP_OF_WIRE.items()}
VERSIONS = ("/v1/v1", "/v1", "")
ENDPOINTS: tuple[tuple[str, str, Endpoint], ...] = (
    ("/messages", "anthropic", "generate"),
    ("/messages/count_tokens", "anthropic", "count_tokens"),
    ("/responses", "responses", "generate"),
    ("/responses/input_tokens", "responses", "count_tokens"),
    ("/chat/completions", "chat", "generate"),
)
VERBS: Mapping[str, Endpoint] = {
    "generateContent": "generate",
    "streamGenerateContent": "generate",
    "countTokens": "count_tokens",
}

_START = r"(?P<prefix>/claude|/codex|/openai|/gemini|/api|)(?:/(?P<version>v1beta|v1))*"
_GEMINI = re.compile(_START + rf"(?P<rest>/models/[^/]+:(?P<verb>{'|'.join(VERBS)}))")
_MODELS = re.compile(_START + r"(?P<rest>/models(?:/.+)?)")
_PLAIN = re.compile(r"[!\"$->@-~]+")  # printable ASCII without ? and #, which end a path


class Resolved(NamedTuple):
    """A route, and the one spelling of its path that providers get."""

    route: Route
    path: str


def resolve(path: str, headers: Mapping[bytes, bytes], query: Mapping[str, str]) -> Resolved:
    """Return what `path` stands for; an unknown one has the endpoint "none".

    Args:
        path: As it stood in the request, escapes and all: providers get it so.
        headers: Names in lower case.
        query: Decoded.
    """
    found = FIXED.get(path)
    if found is not None:
        return found
    if not _is_straight(path):
        return _unknown(path, headers, query)
    if call := _GEMINI.fullmatch(path):
        route = Route(WIRES["gemini"], VERBS[call["verb"]], PREFIXES[call["prefix"]] or "gemini")
        return Resolved(route, f"/{call['version'] or 'v1beta'}{call['rest']}")
    if models := _MODELS.fullmatch(path):
        app = PREFIXES[models["prefix"]]
        beta = models["version"] == "v1beta"
        wire = WIRES[WIRE_OF_APP[app]] if app else _who_asks(headers, query, beta=beta)
        version = "v1beta" if wire.name == "gemini" and models["version"] is None else None
        version = version or models["version"] or "v1"
        route = Route(wire, "models", app or APP_OF_WIRE[wire.name], "GET")
        return Resolved(route, f"/{version}{models['rest']}")
    return _unknown(path, headers, query)


def _unknown(path: str, headers: Mapping[bytes, bytes], query: Mapping[str, str]) -> Resolved:
    wire = _who_asks(headers, query, beta=path.startswith("/v1beta"))
    return Resolved(Route(wire, "none", APP_OF_WIRE[wire.name]), path)


def _is_straight(path: str) -> bool:
    """Say whether no part of `path` leads elsewhere: it is appended to a URL that has our key."""
    if not _PLAIN.fullmatch(path) or "//" in path:
        return False
    return not any(unquote(part) in {".", ".."} for part in path.split("/"))


def _who_asks(headers: Mapping[bytes, bytes], query: Mapping[str, str], *, beta: bool) -> Wire:
    """Tell the three APIs that share a path apart by what only one of them sends."""
    if b"anthropic-version" in headers:
        return WIRES["anthropic"]
    if beta or b"x-goog-api-key" in headers or "key" in query:
        return WIRES["gemini"]
    return WIRES["chat"]


def _fixed() -> Iterator[tuple[str, Resolved]]:
    for prefix, app in PREFIXES.items():
        for version in VERSIONS:
            for path, wire, endpoint in ENDPOINTS:
                route = Route(WIRES[wire], endpoint, app or APP_OF_WIRE[wire])
                yield f"{prefix}{version}{path}", Resolved(route, f"/v1{path}")


FIXED: Mapping[str, Resolved] = dict(_fixed())
