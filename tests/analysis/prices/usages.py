"""Attempts with tokens of any size at any time, and what genai-prices itself says they cost."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
from genai_prices import Usage, calc_price
from genai_prices.data import providers

from tests.analysis.ledgers import Row, frame

VENDORS = ("anthropic", "openai", "google", "deepseek", "moonshotai", "zai", "x-ai", "mistral")
OURS = ("deepseek-chat", "deepseek-reasoner")
TIERS = (None, None, None, "default", "priority", "flex", "batch", "standard")
_COUNTS = {
    "input_tokens": "prompt_tokens",
    "cache_read_tokens": "cache_read_tokens",
    "cache_write_tokens": "cache_write_tokens",
    "cache_write_5m_tokens": "cache_write_5m_tokens",
    "cache_write_1h_tokens": "cache_write_1h_tokens",
    "output_tokens": "output_tokens",
}


def attempts(count: int, seed: int = 1) -> list[Row]:
    rng = random.Random(seed)  # noqa: S311  # a simulation
    models = [
        (provider.id, model.id)
        for provider in providers
        if provider.id in VENDORS
        for model in provider.models
        if model.id not in OURS and provider.find_model(model.id) is not None
    ]
    return [_attempt(rng, *rng.choice(models)) for _ in range(count)]


def _attempt(rng: random.Random, provider: str, model: str) -> Row:
    prompt = rng.choice(
        [rng.randrange(3_000), rng.randrange(190_000, 210_000), rng.randrange(900_000)]
    )
    read = rng.choice([None, 0, rng.randrange(prompt + 1)])
    rest = prompt - (read or 0)
    written = rng.choice([None, 0, rng.randrange(rest + 1)])
    hour = None if written is None else rng.choice([None, 0, rng.randrange(written + 1)])
    started = datetime(2024, 6, 1) + timedelta(microseconds=rng.randrange(900 * 86_400_000_000))  # noqa: DTZ001
    return {
        "provider": provider,
        "model_sent": model,
        "service_tier": rng.choice(TIERS),
        "started_at": started,
        "prompt_tokens": prompt,
        "cache_read_tokens": read,
        "cache_write_tokens": written,
        "cache_write_1h_tokens": hour,
        "cache_write_5m_tokens": None if hour is None or written is None else written - hour,
        "output_tokens": rng.choice([None, rng.randrange(20_000)]),
    }


def reference(row: Row) -> float | None:
    """Return what genai-prices says; `None` where we say nothing because a price is missing."""
    counts = {theirs: row[ours] for theirs, ours in _COUNTS.items() if row[ours] is not None}
    tier, started = row["service_tier"], row["started_at"]
    assert isinstance(started, datetime)
    found = calc_price(
        Usage(**counts),
        str(row["model_sent"]),
        provider_id=str(row["provider"]),
        genai_request_timestamp=started.replace(tzinfo=UTC),
        price_context=None
        if tier is None
        else {"service_tier": str(tier), "processing": str(tier)},
    )
    rates = found.model_price
    if rates.input_mtok is None or (row["output_tokens"] and rates.output_mtok is None):
        return None
    return float(found.total_price)


def attempts_frame(rows: Sequence[Row]) -> pl.DataFrame:
    return frame("attempts", rows)
