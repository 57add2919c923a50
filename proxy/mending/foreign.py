"""Take out of a request what another provider issued, before a provider of equal wire sees it.

Where wires are equal, bytes pass untouched. But a conversation may have been elsewhere before: then
its client keeps tokens in our envelopes (`proxy.canonical.envelope`), which nobody but their issuer
can read, and everybody else refuses.
"""

from collections.abc import Callable, Mapping

from proxy.canonical.envelope import MARK
from proxy.canonical.request import Loss
from proxy.mending.gemini_signature import sign_gemini
from proxy.mending.rule import Mended
from proxy.mending.thoughts import drop_thinking, is_left_without, is_thinking, switch_off
from proxy.mending.tree import JsonObject, each_object, read_tree, written_tree

NAME = "foreign_tokens"
_WHY = "another provider issued it"
_MARK = MARK.encode()


def without_foreign(wire: str, body: bytes) -> Mended | None:
    """Return `body` without them; `None` if there are none, as in nearly every request."""
    remove = _REMOVALS.get(wire)
    if remove is None or _MARK not in body:
        return None
    tree = read_tree(body)
    losses = [] if tree is None else remove(tree)
    return None if tree is None or not losses else Mended(NAME, written_tree(tree), tuple(losses))


def _anthropic(body: JsonObject) -> list[Loss]:
    losses = drop_thinking(body, _WHY, _is_foreign_block)
    if losses and is_left_without(body):
        losses += switch_off(body, _WHY)
    return [*_uncited(body), *losses]


def _is_foreign_block(block: JsonObject) -> bool:
    return is_thinking(block) and (
        _is_foreign(block.get("signature")) or _is_foreign(block.get("data"))
    )


def _uncited(body: JsonObject) -> list[Loss]:
    losses: list[Loss] = []
    for n, message in each_object(body.get("messages")):
        for place, block in each_object(message.get("content")):
            cited = block.get("citations")
            if not isinstance(cited, list):
                continue
            gone = {at for at, one in each_object(cited) if _is_foreign(one.get("encrypted_index"))}
            if gone:
                block["citations"] = [one for at, one in enumerate(cited) if at not in gone]
                losses.append(Loss(f"messages[{n}].content[{place}]", "citations", _WHY))
    return losses


def _responses(body: JsonObject) -> list[Loss]:
    items = body.get("input")
    gone = {n for n, item in each_object(items) if _is_foreign(item.get(_ENCRYPTED))}
    if isinstance(items, list):
        body["input"] = [item for n, item in enumerate(items) if n not in gone]
    return [Loss(f"input[{n}]", "reasoning", _WHY) for n in sorted(gone)]


def _gemini(body: JsonObject) -> list[Loss]:
    return sign_gemini(body, _WHY, _is_foreign)


def _is_foreign(token: object) -> bool:
    return isinstance(token, str) and token.startswith(MARK)


_ENCRYPTED = "encrypted_content"
_REMOVALS: Mapping[str, Callable[[JsonObject], list[Loss]]] = {
    "anthropic": _anthropic,
    "responses": _responses,
    "gemini": _gemini,
}
