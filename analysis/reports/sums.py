"""What a group of requests used and cost: sums that add up, and the shares that follow."""

from dataclasses import astuple, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over attempts; `None` where nobody counted, or nothing has a price.

    Attributes:
        told_prompt: Tokens of prompts of which it is known how much the cache gave.
        tokens: Of prompts and answers where the prompt was counted.
        list_tokens: Those of them that have a list price.
        paid_tokens: Those of which it is known what is paid.
    """

    requests: int | None = None
    attempts: int | None = None
    prompt: int | None = None
    uncached: int | None = None
    read: int | None = None
    written: int | None = None
    output: int | None = None
    told_prompt: int | None = None
    tokens: int | None = None
    list_tokens: int | None = None
    paid_tokens: int | None = None
    list_usd: float | None = None
    paid_usd: float | None = None

    def __add__(self, other: "Sums") -> "Sums":
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Sums(*(_plus(one, two) for one, two in pairs))

    @property
    def hit_share(self) -> float | None:
        """Return the share of prompts that caches gave, by tokens, where that is known."""
        return _share(self.read, self.told_prompt)

    @property
    def list_coverage(self) -> float | None:
        """Return the share of tokens that have a list price."""
        return _share(self.list_tokens or 0, self.tokens)

    @property
    def paid_coverage(self) -> float | None:
        """Return the share of tokens of which it is known what is paid."""
        return _share(self.paid_tokens or 0, self.tokens)


def _plus(one: Any, two: Any) -> Any:
    if one is None or two is None:
        return two if one is None else one
    return one + two


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None
