"""Signatures of calls as Gemini's models want them, on their own wire and on Chat.

Source: thought signatures in the vendor's documentation, read 2026-11. In the current turn the
first call of each step must be signed; where its signature is not known, a dummy is documented.
The current turn begins at the last content of the user that is not only results.
"""

from collections.abc import Callable

from proxy.canonical.request import Loss
from proxy.mending.tree import Json, JsonObject, as_object, each_object, key_like, object_like

DUMMY = "skip_thought_signature_validator"
_NAME = "thoughtSignature"
_WHAT = "thought signature"
_WHY = "the provider does not take it"
_MISSING = "there is none the provider takes"


Chosen = Callable[[object], bool]


def _any(_: object) -> bool:
    return True


def sign_gemini(body: JsonObject, _words: str, chosen: Chosen = _any) -> list[Loss]:
    """Take out the signatures, and put the dummy where one must be.

    With `chosen`, those only for which it is true; `None` stands for none.
    """
    contents = list(each_object(body.get("contents")))
    current = _after(
        [n for n, content in contents if content.get("role") == "user" and not _answers(content)]
    )
    losses: list[Loss] = []
    for n, content in contents:
        if content.get("role") == "model":
            place = f"contents[{n}]"
            losses += _resigned(content, place, signs=n >= current, chosen=chosen)
    return losses


def sign_chat(body: JsonObject, chosen: Chosen = _any) -> list[Loss]:
    """Do the same in `extra_content.google`, where the vendor's Chat endpoint keeps signatures."""
    messages = list(each_object(body.get("messages")))
    current = _after([n for n, message in messages if message.get("role") == "user"])
    losses: list[Loss] = []
    for n, message in messages:
        calls = list(each_object(message.get("tool_calls")))
        for k, call in calls:
            wanted = DUMMY if n >= current and k == calls[0][0] else None
            losses += _signed(call, wanted, f"messages[{n}].tool_calls[{k}]", chosen)
    return losses


def _after(starts: list[int]) -> int:
    return starts[-1] + 1 if starts else 0


def _answers(content: JsonObject) -> bool:
    parts = [part for _, part in each_object(content.get("parts"))]
    return bool(parts) and all(key_like(part, "functionResponse") for part in parts)


def _resigned(content: JsonObject, path: str, *, signs: bool, chosen: Chosen) -> list[Loss]:
    parts = content.get("parts")
    if not isinstance(parts, list):
        return []
    losses: list[Loss] = []
    kept: list[Json] = []
    for n, item in enumerate(parts):
        part = as_object(item) or {}
        calls = key_like(part, "functionCall") is not None
        changed = _with_signature(part, DUMMY if calls and signs else None, chosen)
        signs = signs and not calls
        if changed is not None:
            losses.append(Loss(f"{path}.parts[{n}].{_NAME}", _WHAT, changed))
        if changed is None or part != {"text": ""}:  # which was there for its signature
            kept.append(item)
    if kept:
        content["parts"] = kept
    return losses


def _with_signature(part: JsonObject, wanted: str | None, chosen: Chosen) -> str | None:
    """Give `part` the signature `wanted`, or none; say why, `None` if it had just that."""
    key = key_like(part, _NAME) or _NAME
    had = part.get(key)
    if had == wanted or not chosen(had):
        return None
    part.pop(key, None)
    if wanted is None:
        return _WHY
    part[_NAME] = wanted
    return _MISSING


def _signed(call: JsonObject, wanted: str | None, path: str, chosen: Chosen) -> list[Loss]:
    extra = object_like(call, "extra_content") or {}
    google = object_like(extra, "google") or {}
    had = google.get("thought_signature")
    if had == wanted or not chosen(had):
        return []
    google.pop("thought_signature", None)
    if wanted is not None:
        google["thought_signature"] = wanted
    call["extra_content"] = {**extra, "google": google}
    why = _WHY if wanted is None else _MISSING
    return [Loss(f"{path}.extra_content.google.thought_signature", _WHAT, why)]
