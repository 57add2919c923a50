"""What the name of a model says: its family, its tier, and whether another one is less.

Names are all there is: nothing here knows a catalogue. The order of Claude's tiers follows their
prices (`facts/existing-systems.md` section 1.5); words of other makers are read off their names.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

Tier = Literal["haiku", "sonnet", "opus", "fable", "small", "middle", "big"]

_CLAUDE: Final[tuple[Tier, ...]] = ("haiku", "sonnet", "opus", "fable")
_PLAIN = 2  # of a name without any word of size: the model after which the others are named
_RANKS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("nano", "tiny", "lite", "small"), 0),
    **dict.fromkeys(("mini", "flash", "medium", "air", "fast", "spark"), 1),
    **dict.fromkeys(("pro", "max", "ultra"), _PLAIN + 1),
}
_BRANDS = re.compile(
    r"(?:chat)?(claude|gpt|gemini|gemma|grok|glm|kimi|qwen|deepseek|mistral|llama|minimax|o(?=\d))"
)
_MARKS = re.compile(r"\[1m\]$|-v\d+:\d+$")  # a window size; a revision at one host
_DATE = re.compile(r"[-@](?:20\d{6}|20\d\d-\d\d-\d\d|\d\d-\d\d|\d{4}|\d{3}|latest)$")
_THINKING = re.compile(r"-thinking$")
# Only where it is known to be one: "mistral-medium" is a model, "gpt-5-medium" is an effort.
_EFFORT = re.compile(
    r"^((?:gpt|o\d|gemini|claude|codex|grok).*)-(?:none|minimal|low|medium|x?high)$"
)
_VERSION = re.compile(r"\d{1,2}(?:[.-]\d{1,2}(?![\da-z]))?")


@lru_cache(maxsize=1_024)  # asked six times for a request; clients may name what they like
def family(model: str) -> str:
    """Return `model` without what does not make it another one: date, effort, thinking, marks.

    What stands before the last slash goes too: it says where a model is, not which.
    """
    name = model.strip().lower().rpartition("/")[2]
    while True:
        shorter = _MARKS.sub("", name)
        shorter = _DATE.sub("", shorter)
        shorter = _THINKING.sub("", shorter)
        shorter = _EFFORT.sub(r"\1", shorter)
        if shorter == name or not shorter:
            return name
        name = shorter


def tier(model: str) -> Tier:
    """Return the tier of `model`: one of Claude's own, or small, middle or big of any other."""
    name = family(model)
    if _brand(name) == "claude":
        return _CLAUDE[_rank(name)]
    return ("small", "middle", "big")[min(_rank(name), _PLAIN)]


def downgraded(sent: str, answered: str) -> bool:
    """Say whether who was asked for `sent` and names `answered` gave a lesser model.

    Lesser is another maker's, one of a lower tier, or an older one of the same tier. Of names
    that tell no maker nothing can be said: deployments are named at will.
    """
    asked, given = family(sent), family(answered)
    brands = _brand(asked), _brand(given)
    if asked == given or None in brands:
        return False
    if brands[0] != brands[1]:
        return True
    if _rank(asked) != _rank(given):
        return _rank(given) < _rank(asked)
    versions = _version(asked), _version(given)
    return () not in versions and versions[1] < versions[0]


def _brand(name: str) -> str | None:
    if name in _CLAUDE:
        return "claude"
    found = _BRANDS.match(name) or re.search(r"(?<=[.])claude()", name)
    return None if found is None else found[1] or "claude"


def _rank(name: str) -> int:
    words = re.split(r"[^a-z]+", name)
    if _brand(name) == "claude":
        return max((n for n, word in enumerate(_CLAUDE) if word in words), default=1)
    return min((_RANKS[word] for word in words if word in _RANKS), default=_PLAIN)


def _version(name: str) -> tuple[int, ...]:
    found = _VERSION.search(name)
    return tuple(map(int, re.split(r"[.-]", found[0]))) if found else ()
