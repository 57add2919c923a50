"""Mending a request by the words in which a provider refused it.

It works on the body as it was sent to the provider, in the provider's wire. Each rule knows one
refusal that a client cannot help: thinking that another provider signed, a budget in another
form, images, a parameter. A mended request is sent once more, to the same target.
"""

import re
from collections.abc import Mapping

from proxy.canonical import Told
from proxy.mending.budget import THINKING_BUDGET
from proxy.mending.foreign import without_foreign
from proxy.mending.images import IMAGES_REFUSED
from proxy.mending.parameters import UNSUPPORTED_PARAMETER
from proxy.mending.rule import Mended, Rule
from proxy.mending.signature import THINKING_SIGNATURE
from proxy.mending.strip import without_thinking
from proxy.mending.tree import read_tree, written_tree

__all__ = ["RULES", "Mended", "mended", "without_foreign", "without_thinking"]

RULES: Mapping[str, Rule] = {
    "thinking_signature": THINKING_SIGNATURE,
    "thinking_budget": THINKING_BUDGET,
    "images_refused": IMAGES_REFUSED,
    "unsupported_parameter": UNSUPPORTED_PARAMETER,
}
"""In the order they are tried: the first that changes anything is the one."""

# A client compacts its context, or asks for less, by these words: they must reach it.
_OF_THE_CLIENT = re.compile(
    r"prompt is too long|input length and .{0,3}max_tokens|context.{0,3}(?:length|window|limit)"
    r"|maximum number of tokens|input token count",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://\S+")  # the path of a manual is no complaint
_MAX_CHARS = 16_384


def mended(wire: str, body: bytes, status: int, told: Told) -> Mended | None:
    """Return what to send instead of the `body` that was refused with `status` and `told`.

    `None` if no rule knows the refusal, or nothing in `body` is what it complains of: the same
    is never to be sent twice.
    """
    words = _words(told)
    if _OF_THE_CLIENT.search(words):
        return None
    for name, rule in RULES.items():
        repair = rule.repairs.get(wire)
        if repair is None or status not in rule.statuses or not rule.words.search(words):
            continue
        tree = read_tree(body)
        if tree is None:
            return None
        losses = repair(tree, words)
        if losses:
            return Mended(name, written_tree(tree), tuple(losses))
    return None


def _words(told: Told) -> str:
    """Return what was said; gateways pass on errors as JSON in a text, so escapes are undone."""
    said = f"{told.error_type or ''}: {told.error_message or ''}"[:_MAX_CHARS]
    return _ADDRESS.sub("", said.replace("\\n", "\n").replace("\\", ""))
