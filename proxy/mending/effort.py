"""Words for how much to think, where a provider takes others: the nearest of those it lists."""

import re

from proxy.canonical.request import Loss
from proxy.mending.tree import JsonObject, as_object, as_text

WHY = "the provider takes other values"

# "ultra" is a word of Codex, beyond the others.
_ORDER = ("none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra")
_DEFAULT = "default"
_WORD = rf"\b(?:{'|'.join((*_ORDER, _DEFAULT))})\b"
# As OpenAI (supported values are), Copilot (supported values), Groq (must be one of), Ollama (must
# be), DeepSeek (expected one of) and pydantic (should be) begin their lists.
_LIST = re.compile(
    r"(?:supported (?:values|levels|efforts)|valid (?:values|levels|options)|allowed values"
    r"|must be|should be|expected)"
    rf"(?P<listed>(?:(?:[\s'\"`,:\[\](]|and\b|or\b|are\b|one\b|of\b){{1,24}}{_WORD})+)",
    re.IGNORECASE,
)


def listed_efforts(words: str) -> list[str]:
    """Return the efforts that a refusal says would do, as it lists them."""
    return [
        effort.lower()
        for listed in _LIST.finditer(words)
        for effort in re.findall(_WORD, listed["listed"], re.IGNORECASE)
    ]


def nearest_effort(effort: str, listed: list[str]) -> str | None:
    """Return the one of `listed` that is nearest to `effort`; `None` if none can be said to be.

    The lower of two, as Claude Code chooses (model configuration in its documentation), but
    never none for some.
    """
    known = [one for one in listed if one in _ORDER]
    some = [one for one in known if one != "none"]
    if effort not in _ORDER:
        return None
    if effort != "none":
        known = some
    if not known:
        return _DEFAULT if _DEFAULT in listed else None
    wanted = _ORDER.index(effort)
    return min(known, key=lambda one: (abs(_ORDER.index(one) - wanted), _ORDER.index(one)))


def mend_effort(body: JsonObject, words: str, *path: str) -> list[Loss]:
    """Put the nearest effort that `words` list in the place of the one at `path`, if it differs."""
    *outer, last = path
    holder: JsonObject | None = body
    for name in outer:
        holder = as_object(holder.get(name)) if holder is not None else None
    effort = as_text(holder.get(last)) if holder is not None else ""
    listed = listed_efforts(words)
    better = nearest_effort(effort, listed)
    if holder is None or better is None or effort in listed:
        return []
    holder[last] = better
    return [Loss(".".join(path), effort, WHY)]
