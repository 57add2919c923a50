"""The arithmetic of one price: the lines whose sums it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]  # of `queries/explained.sql`: one attempt


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a price: so many tokens at so much for a million; `usd` at the list and paid."""

    what: str
    tokens: int
    list_price: float | None
    list_usd: float | None
    paid_usd: float | None


def parts(attempt: Row) -> Iterator[Part]:
    """Return the lines whose sums are the prices of an attempt; none where it has none."""
    if attempt["list_usd"] is None and attempt["paid_usd"] is None:
        return
    read, written, kept_1h = (attempt[name] for name in ("read", "written", "written_1h"))
    output, reasoning = attempt["output"], attempt["reasoning"]
    counts = {
        "input": attempt["prompt_tokens"] - read - written,
        "cache_read": read,
        "cache_write_5m": written - kept_1h,
        "cache_write_1h": kept_1h,
        "output": output - reasoning,
        "reasoning": reasoning,
    }
    for what, tokens in counts.items():
        if tokens:
            price = attempt["listed"][what]
            usd = [_times(tokens, attempt[one][what]) for one in ("listed", "paid")]
            yield Part(what.replace("_", " "), tokens, price, *usd)
    fees = [attempt[one]["request"] for one in ("listed", "paid")]
    if any(fees):
        yield Part("request", 1, None, *fees)


def _times(tokens: int, price: float | None) -> float | None:
    return None if price is None else tokens * price / 1e6
