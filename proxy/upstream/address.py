"""From a provider's base URL and a client's path to the URL to ask."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

_VERSION = re.compile(r"^v\d+(?:alpha|beta)?\d*$")


def address(base_url: str, path: str, query: Mapping[str, str]) -> str:
    """Join them, with exactly one version segment.

    People give base URLs with and without `/v1`, as each SDK wants them: where the base ends in
    a version, the one of `path` is left out. A client's key in the query never goes upstream.
    """
    base = base_url.rstrip("/")
    _, version, rest = path.split("/", 2)
    if _VERSION.match(base.rpartition("/")[2]) and _VERSION.match(version):
        path = f"/{rest}"
    kept = {name: value for name, value in query.items() if name != "key"}
    return f"{base}{path}?{urlencode(kept)}" if kept else f"{base}{path}"
