"""A parameter that the provider does not know, and names: `unsupported_parameter`.

Where Claude Code would find its own way by the same words (`context_management`, the effort and
`output_config` of one message, `defer_loading`), this takes the same thing out and saves that way;
should it not be enough, the client still hears the first refusal, and goes its way. The words by
which it leaves out instructions between turns, `messages.N.role`, are no unknown parameter and
reach it: it knows better where to put them.
"""

from proxy.canonical.request import Loss
from proxy.mending.naming import NAMING_WORDS, Path, named_paths, unnamed
from proxy.mending.removal import WHY, remove, remove_cache_marks
from proxy.mending.rule import Rule, any_of
from proxy.mending.thoughts import THINKING_BLOCKS, drop_clearing
from proxy.mending.tree import JsonObject

_CACHE = "cache_control"
# Two names of one thing: the cap stays, under the other name.
_OTHER_NAME = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_ENCRYPTED = "reasoning.encrypted_content"


def _anthropic(body: JsonObject, words: str) -> list[Loss]:
    losses: list[Loss] = []
    for path in named_paths(words):
        if path != ("max_tokens",):  # the API demands it
            losses += _without_mark(body, path) if _CACHE in path else remove(body, path)
    if any(loss.path == "thinking" for loss in losses):
        losses += drop_clearing(body)
    return losses


def _without_mark(body: JsonObject, path: Path) -> list[Loss]:
    """Take out every mark, for the next one would be refused as well.

    But for those that are refused in one place only: on top, where some clouds know the marks on
    blocks alone, and on thinking, which can carry none.
    """
    inside = path[path.index(_CACHE) + 1 :]
    if path == (_CACHE,) or THINKING_BLOCKS.intersection(path):
        return remove(body, path)
    return remove_cache_marks(body, inside[-1] if inside else None)


def _chat(body: JsonObject, words: str) -> list[Loss]:
    losses: list[Loss] = []
    paths = named_paths(words)
    unknown = {path[-1] for path in paths}
    for path in paths:
        other = _OTHER_NAME.get(path[-1], path[-1])
        if other not in unknown and path[-1] in body and len(path) <= _ROOTED:
            losses += _renamed(body, path[-1], other)
        elif _CACHE in path:
            losses += _without_mark(body, path)
        else:
            losses += remove(body, path)
    return losses


_ROOTED = len(("body", "max_tokens"))


def _renamed(body: JsonObject, name: str, other: str) -> list[Loss]:
    """Give the value of `name` to `other`, in its place, unless that has its own."""
    renamed = {other if key == name else key: value for key, value in body.items()}
    if other in body:
        renamed = {key: value for key, value in body.items() if key != name}
    body.clear()
    body |= renamed
    return [Loss(name, name, f"it is called {other} there")]


def _responses(body: JsonObject, words: str) -> list[Loss]:
    """A model without an effort does not reason: nothing of reasoning can be asked of it."""
    losses: list[Loss] = []
    for path in named_paths(words):
        efforts = "".join(path).replace("_", "").lower() == "reasoningeffort"
        losses += remove(body, ("reasoning",) if efforts else path)
    include = body.get("include")
    if any(loss.path == "reasoning" for loss in losses) and isinstance(include, list):
        kept = [one for one in include if one != _ENCRYPTED]
        if len(kept) < len(include):
            body["include"] = kept
            losses.append(Loss("include", _ENCRYPTED, WHY))
    return losses


def _gemini(body: JsonObject, words: str) -> list[Loss]:
    """Look for a lone name in the configuration too: what is meant by it is mostly there."""
    losses: list[Loss] = []
    for path in named_paths(words):
        losses += remove(body, path)
        if len(path) == 1:
            losses += remove(body, ("generationConfig", *path))
    return losses


UNSUPPORTED_PARAMETER = Rule(
    statuses=frozenset({400, 422}),
    words=any_of(*(unnamed(word) for word in NAMING_WORDS)),
    repairs={
        "anthropic": _anthropic,
        "chat": _chat,
        "responses": _responses,
        "gemini": _gemini,
    },
)
