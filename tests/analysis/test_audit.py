"""Denominators, counted once more from the rows themselves, by another way than the queries go."""

from collections.abc import Callable, Iterator

import polars as pl
import pytest

from analysis import Ledger, measure, open_ledger
from proxy.ledger.synth import Wish, synth

_CLIENTS = {"caller_fault", "context_length", "content_policy"}
_ACCOUNTS = {
    *("quota", "credential", "forbidden", "forbidden_region", "model_missing", "model_forbidden"),
}
Row = dict[str, object]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    folder = tmp_path_factory.mktemp("made")
    for _ in synth(folder, Wish(requests=3_000, days=4, seed=9)):
        pass
    with open_ledger(folder) as opened:
        yield opened


def says_something(row: Row) -> bool:
    """Whether an attempt says anything of its provider."""
    if row["outcome"] in {"client_left", "stopped", "crashed"}:
        return False
    return row["failure"] not in _CLIENTS | _ACCOUNTS


def is_limited(row: Row) -> bool:
    return row["failure"] == "rate_limited"


def is_judged(row: Row) -> bool:
    """Whether how a request ended says anything of us."""
    return (
        row["endpoint"] == "generate"
        and row["kind"] in {None, "request"}
        and row["outcome"] not in {"caller_fault", "rejected", "client_left"}
    )


def reports_reads(row: Row) -> bool:
    return bool(row["prompt_tokens"]) and row["cache_read_tokens"] is not None


def was_timed(row: Row) -> bool:
    """Whether an attempt waited for first content, until it came or was lost."""
    if row["first_content_us"] is not None:
        return says_something(row) or row["outcome"] == "client_left"
    if row["outcome"] == "client_left":
        return True
    return says_something(row) and row["outcome"] in {"late", "stalled", "truncated", "reset"}


@pytest.mark.parametrize(
    ("metric", "what", "grain", "key", "counts"),
    [
        ("success", "availability", "attempts", "provider",
         lambda row: says_something(row) and not is_limited(row)),
        ("success", "usable rate", "attempts", "provider", says_something),
        ("success", "throttled", "attempts", "provider", says_something),
        ("ranks", "availability", "attempts", "provider",
         lambda row: says_something(row) and not is_limited(row)),
        ("request_success", "success", "requests", "app", is_judged),
        ("failover", "gain", "requests", "app", is_judged),
        ("failover", "first success", "requests", "app", is_judged),
        ("cache_hit", "hit ratio", "attempts", "provider", reports_reads),
        ("first_content", "waits p50", "attempts", "provider", was_timed),
    ],
)  # fmt: skip
def test_denominators(
    ledger: Ledger, metric: str, what: str, grain: str, key: str, counts: Callable[[Row], bool]
) -> None:
    rows = (ledger.attempts() if grain == "attempts" else ledger.requests()).to_dicts()
    wanted: dict[str, int] = {}
    for row in rows:
        if "count_tokens" not in str(row.get("url")):
            wanted[str(row[key])] = wanted.get(str(row[key]), 0) + counts(row)
    found = measure(ledger, metric).filter(pl.col("what") == what)
    assert len(found) > 1
    assert dict(found.select(key, "n").iter_rows()) == {
        name: n for name, n in wanted.items() if n or name in set(found[key])
    }


def test_a_share_is_the_count_over_the_denominator(ledger: Ledger) -> None:
    rows = ledger.attempts().to_dicts()
    for provider, value in (
        measure(ledger, "success")
        .filter(pl.col("what") == "throttled")
        .select("provider", "value")
        .iter_rows()
    ):
        own = [row for row in rows if row["provider"] == provider]
        limited = sum(is_limited(row) and says_something(row) for row in own)
        assert value == pytest.approx(limited / sum(map(says_something, own)))
