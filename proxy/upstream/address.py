"""From a provider's base URL and a client's path to the URL to ask."""

import re
from functools import lru_cache
from urllib.parse import unquote_plus

_VERSION = re.compile(r"^v\d+(?:alpha|beta)?\d*$")


_KEYS = frozenset({"key", "api_key", "apikey", "access_token"})


def address(base_url: str, path: str, raw_query: str) -> str:
    """Join them, with exactly one version segment; path and query stay as the client spelt them.

    People give base URLs with and without `/v1`, as each SDK wants them: where the base ends in
    a version, the one of `path` is left out. A client's key in the query never goes upstream.
    """
    joined = _joined(base_url, path)
    if not raw_query:
        return joined
    pieces = raw_query.split("&")
    kept = "&".join(p for p in pieces if unquote_plus(p.partition("=")[0]).lower() not in _KEYS)
    return f"{joined}?{kept}" if kept else joined


@lru_cache(maxsize=256)  # no query is remembered: a key may be in it
def _joined(base_url: str, path: str) -> str:
    base = base_url.rstrip("/")
    _, version, rest = path.split("/", 2)
    if _VERSION.match(base.rpartition("/")[2]) and _VERSION.match(version):
        return f"{base}/{rest}"
    return f"{base}{path}"
