"""What a rule is: when it applies, and what it does to the body of each wire."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from proxy.canonical.request import Loss
from proxy.mending.tree import JsonObject

Repair = Callable[[JsonObject, str], list[Loss]]
"""Changes a body in place, as the words of its refusal ask for; what it says was changed.

No loss is no change.
"""


@dataclass(frozen=True, slots=True)
class Mended:
    """A request that may be taken now.

    Attributes:
        rule: The name of the rule that mended it.
        body: What to send instead.
        losses: What was taken out or changed; no text of anybody.
    """

    rule: str
    body: bytes
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A known refusal.

    Attributes:
        statuses: It comes with one of these.
        words: And says this.
        repairs: What helps, by wire; other wires are not served.
    """

    statuses: frozenset[int]
    words: re.Pattern[str]
    repairs: Mapping[str, Repair]


def any_of(*words: str) -> re.Pattern[str]:
    """Return the pattern of any of `words`, in capitals or not."""
    return re.compile("|".join(f"(?:{word})" for word in words), re.IGNORECASE)
