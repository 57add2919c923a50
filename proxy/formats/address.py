"""From an address as other tools write it to where a provider's API begins, and back."""

import re
from typing import Final
from urllib.parse import urlsplit

from proxy.formats.document import Node
from proxy.formats.setup import Wire
from proxy.formats.table import text_of

_ENDS: Final[tuple[tuple[str, Wire], ...]] = (
    ("/chat/completions", "chat"),
    ("/responses", "responses"),
    ("/messages", "anthropic"),
    ("/models", "gemini"),
)
_VERSION: Final = re.compile(r"/v1(?:beta)?$")  # what we add ourselves; another one must stay
PATHS: Final[dict[Wire, str]] = {
    "anthropic": "/v1/messages",
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "gemini": "/v1beta/models/",
}


def base_of(node: Node) -> tuple[str, Wire | None]:
    """Return where an API begins, and the wire that the address names, if it names one.

    Raises:
        Malformed: It is no address.
    """
    base, wire = split(text_of(node))
    if not is_address(base):
        raise node.refused("an http:// or https:// address, without a password or a query")
    return base, wire


def split(url: str) -> tuple[str, Wire | None]:
    """Return an address without its last words that we add, and the wire that they name."""
    url = url.strip().rstrip("/")
    for end, wire in _ENDS:
        if url.endswith(end):
            return _VERSION.sub("", url.removesuffix(end)), wire
    return _VERSION.sub("", url), None


def has_version(url: str) -> bool:
    """Whether an address, also one with what is asked for at its end, says which version."""
    bare = url.strip().rstrip("/")
    ends = [bare.removesuffix(end) for end, _ in _ENDS]
    return any(re.search(r"/v\d\w*$", one) for one in ends)


def is_address(url: str) -> bool:
    """Whether a provider can be asked there: as our own configuration wants it."""
    if not all("!" <= letter <= "~" for letter in url) or {*"@?#"} & {*url}:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def endpoint(base_url: str, wire: Wire) -> str:
    """Return the whole address at which a wire is asked."""
    base = base_url.rstrip("/")
    path = PATHS[wire]
    if re.search(r"/v\d+(?:alpha|beta)?\d*$", base):  # it brings a version of its own
        path = path[path.index("/", 1) :]
    return f"{base}{path}"


def versioned(base_url: str) -> str:
    """Return an address as OpenAI's SDKs want it: with a version at its end."""
    return endpoint(base_url, "chat").removesuffix("/chat/completions")


def is_here(base_url: str) -> bool:
    """Whether it is an address of this machine."""
    return (urlsplit(base_url).hostname or "") in ("localhost", "127.0.0.1", "::1")


def host_name(base_url: str) -> str:
    """Return a name to call a provider by that has none."""
    name = urlsplit(base_url).hostname or "provider"
    return name.removeprefix("api.").removeprefix("www.")
