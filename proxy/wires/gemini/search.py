"""The search of the web, both ways: whoever grounds answers in it says nothing more of it."""

import msgspec

from proxy.canonical.request import Loss, Request, Tool
from proxy.canonical.search import WebSearch
from proxy.wire import others

_KIND = "googleSearch"
_DECLARED = msgspec.Raw(b'{"googleSearch":{}}')
_SETTINGS = ("allowed_domains", "user_location", "context_size")


def read_search(kind: str, declared: msgspec.Raw) -> WebSearch | None:
    """Return the search that `kind` of tool is, if it is one."""
    return WebSearch(others=others(declared, set())) if kind == _KIND else None


def write_search(request: Request, tool: Tool, path: str, losses: list[Loss]) -> msgspec.Raw | None:
    """Return the declaration of the search at `path`, unless this request may not have it."""
    if any(one.server is None for one in request.tools):
        losses.append(Loss(path, tool.name, "models refuse it beside functions"))
        return None
    if request.tool_choice.mode == "none":
        losses.append(Loss(path, tool.name, "no choice keeps a model from it"))
        return None
    names = [name for name in _SETTINGS if getattr(tool.search, name)]
    losses += [Loss(f"{path}.{name}", name, "this wire has no word for it") for name in names]
    return _DECLARED
