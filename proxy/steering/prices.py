"""What an answer costs by list prices in USD: for budgets, which must be kept while time goes on.

Not for the ledger: it has facts only. The prices are those of `proxy.price_list`, loaded with the
first question, so only where somebody has a budget in USD.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from proxy.canonical import Usage
from proxy.price_list import listed
from proxy.routing.candidates import Price
from proxy.routing.network import Network
from proxy.steering.memory import Mix

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

_MANY = 10_000  # tokens: below every step of a price
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cost_usd(provider: str, model: str, usage: Usage, at_us: int | None = None) -> float | None:
    """Return what `usage` costs; `None` if a price is not known, or `usage` contradicts itself.

    Of an answer that broke off the known part counts: its prompt was paid.

    Args:
        provider: As the configuration calls it. Where that is no known vendor, or one without this
            model, it is what the maker of the model charges: of relays no list is known.
        model: That was sent.
        usage: Of one answer.
        at_us: When, in UTC microseconds, for prices change; now if `None`.
    """
    counts = _counts(usage)
    if counts is None:
        return None
    try:
        price = _price(provider, model, counts, at_us)
    except ValueError:  # more was cached than there was, for instance
        return None
    if price is None:
        return None
    rates = price.model_price
    if rates.input_mtok is None or (usage.output and rates.output_mtok is None):
        return None  # it would count as free
    return float(price.total_price)


def are_needed(network: Network) -> bool:
    """Say whether anything in `network` asks for prices: only then are they loaded at the start."""
    return any(
        queue.policy == "cheapest"
        or any(budget.usd is not None for one in queue.candidates for budget in one.budgets)
        for queue in network.queues.values()
    )


def load() -> None:
    """Load the lists, so that no request has to wait for them."""
    cost_usd("openai", "gpt-5", Usage(prompt=1))


@lru_cache(maxsize=1024)  # models are named by clients
def list_price(provider: str, model: str | None) -> Price:
    """Return what a token of each class costs by the list; what is not known is `None`.

    The lists do not change while a process runs; so each pair is looked up once.
    """
    if model is None:
        return Price()
    return Price(
        input_usd=_of_a_million(provider, model, Usage(prompt=_MANY)),
        cache_read_usd=_of_a_million(provider, model, Usage(prompt=_MANY, cache_read=_MANY)),
        cache_write_usd=_of_a_million(provider, model, Usage(prompt=_MANY, cache_write=_MANY)),
        output_usd=_of_a_million(provider, model, Usage(prompt=0, output=_MANY)),
    )


def priced(listed: Price, factor: float, mix: Mix | None) -> Price:
    """Return the `listed` price as one who charges `factor` of it has it, with its `mix`."""
    times = {
        name: None if (usd := getattr(listed, name)) is None else usd * factor
        for name in ("input_usd", "cache_read_usd", "cache_write_usd", "output_usd")
    }
    if mix is None or not mix.prompt:
        return Price(**times)
    return Price(**times, hit_rate=mix.cached / mix.prompt, output_part=mix.output / mix.prompt)


def _of_a_million(provider: str, model: str, usage: Usage) -> float | None:
    usd = cost_usd(provider, model, usage)
    return None if usd is None else usd * 1e6 / _MANY


def _counts(usage: Usage) -> dict[str, int] | None:
    """Return the classes of tokens under their names there; `None` without a prompt."""
    if usage.prompt is None:
        return None
    split = [n for n in (usage.cache_write_5m, usage.cache_write_1h) if n is not None]
    written = sum(split) if usage.cache_write is None and split else usage.cache_write
    counts = {
        "input_tokens": usage.prompt,
        "output_tokens": usage.output,
        "cache_read_tokens": usage.cache_read,
        "cache_write_tokens": written,
        "cache_write_5m_tokens": usage.cache_write_5m,
        "cache_write_1h_tokens": usage.cache_write_1h,
    }
    return {name: tokens for name, tokens in counts.items() if tokens is not None}


def _price(
    provider: str, model: str, counts: dict[str, int], at_us: int | None
) -> "PriceCalculation | None":
    found = listed(provider, model)
    if found is None:
        return None
    from genai_prices import Usage as Counts  # noqa: PLC0415  # 0.2 s, for who has such a budget

    at = None if at_us is None else _EPOCH + timedelta(microseconds=at_us)
    return found.cost(Counts(**counts), at)
