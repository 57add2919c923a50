"""Take out of a request all that only its issuer can read, before another provider sees it.

`proxy.mending.foreign` knows such tokens by our envelopes. Here they are any: of one wire, but of
a provider, or an account, that is not the one to be asked. Thinking whose text stands open stays
where no token goes with it.
"""

from collections.abc import Callable, Mapping

from proxy.canonical.request import Loss
from proxy.mending.gemini_signature import sign_chat, sign_gemini
from proxy.mending.rule import Mended
from proxy.mending.signature import REASONING, drop_reasoning, drop_thoughts
from proxy.mending.thoughts import drop_thinking, is_left_without, switch_off
from proxy.mending.tree import JsonObject, read_tree, written_tree

NAME = "issuer_changed"
_WHY = "another provider issued it"
_CHAT_TOKENS = ("reasoning_details", "reasoning_opaque", "thinking_blocks")


def without_thinking(wire: str, body: bytes) -> Mended | None:
    """Return `body`, a request of `wire`, without such tokens; `None` if there are none.

    Not taken out is what the conversation cannot go on without: an encrypted summary, a
    `previous_response_id`, and the pages that a search of Anthropic's found.
    """
    remove = _REMOVALS.get(wire)
    tree = None if remove is None else read_tree(body)
    losses = [] if remove is None or tree is None else remove(tree)
    return None if tree is None or not losses else Mended(NAME, written_tree(tree), tuple(losses))


def _anthropic(body: JsonObject) -> list[Loss]:
    losses = drop_thinking(body, _WHY)
    if losses and is_left_without(body):
        losses += switch_off(body, _WHY)
    return losses


def _responses(body: JsonObject) -> list[Loss]:
    """Take out the reasoning; ids that it left behind go with it, but not without it."""
    losses = drop_reasoning(body, _WHY)
    return losses if any(loss.what == REASONING for loss in losses) else []


def _chat(body: JsonObject) -> list[Loss]:
    return [*drop_thoughts(body, _CHAT_TOKENS, _WHY), *sign_chat(body, _is_there)]


def _gemini(body: JsonObject) -> list[Loss]:
    return sign_gemini(body, _WHY, _is_there)


def _is_there(token: object) -> bool:
    return token is not None


_REMOVALS: Mapping[str, Callable[[JsonObject], list[Loss]]] = {
    "anthropic": _anthropic,
    "chat": _chat,
    "responses": _responses,
    "gemini": _gemini,
}
