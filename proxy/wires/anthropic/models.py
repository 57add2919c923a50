"""What Anthropic's models take, by their names; also as other clouds spell these.

Source: models overview and migration guide of the vendor, and `facts/clients.md`, section 1.3, read
2026-11. Models up to 4.5 take a budget of tokens to think and know no effort; later ones adapt,
take an effort, and instructions between turns. From 4.7 on they draw tokens in one way only.
"""

import re
from collections.abc import Sequence

_OWN_NAMES = re.compile(r"claude-")
_DATED = r"(?:-20\d{6}.*|@.*)?$"
_BUDGETED = re.compile(r"claude-(?:3|(?:opus|sonnet|haiku)-4(?:[-.][0135])?" + _DATED + ")")
_FREELY_DRAWN = re.compile(r"claude-(?:3|(?:opus|sonnet|haiku)-4(?:[-.][0-6])?" + _DATED + ")")

_MOST_OUTPUT: Sequence[tuple[re.Pattern[str], int]] = (
    (re.compile(r"claude-3[-.]7"), 64_000),
    (re.compile(r"claude-3[-.]5"), 8_192),
    (re.compile(r"claude-3"), 4_096),
    (re.compile(r"claude-opus-4(?:[-.][01])?" + _DATED), 32_000),
    (re.compile(r"claude-(?:opus|sonnet|haiku|fable|mythos)-"), 64_000),
)
_MOST_OUTPUT_OF_OTHERS = 32_000


def most_output(model: str) -> int:
    """Return how many tokens an answer of `model` may have where the client names no number.

    It is what the model can give, or less: an answer that is cut off is of no use, and room that is
    not used costs nothing. What a client does name is never lowered to it: the models may have
    learned more, and the vendor's refusal tells a client what its own table does not.
    """
    known = (most for names, most in _MOST_OUTPUT if names.search(model))
    return next(known, _MOST_OUTPUT_OF_OTHERS)


def is_own(model: str) -> bool:
    """Say whether the vendor made `model`."""
    return _OWN_NAMES.search(model) is not None


def takes_budget(model: str) -> bool:
    """Say whether `model` of the vendor is told a budget to think in, and no effort."""
    return _BUDGETED.search(model) is not None


def takes_late_system(model: str) -> bool:
    """Say whether `model` takes instructions between turns: those that adapt do."""
    return is_own(model) and not takes_budget(model)


def draws_freely(model: str) -> bool:
    """Say whether `model` can be told how to draw tokens, other than as it does anyway."""
    return not is_own(model) or _FREELY_DRAWN.search(model) is not None
