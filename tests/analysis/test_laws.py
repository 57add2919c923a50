"""Laws over a made-up ledger: nothing is lost or counted twice, however it is cut."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Ledger, Selection, measure, open_ledger
from analysis.metrics import METRICS
from analysis.prices.frame import with_prices
from proxy.ledger.synth import Wish, synth
from proxy.price_list import LIST_PRICES
from tests.analysis.ledgers import Row, at
from tests.analysis.metrics.asking import (
    CRASHED,
    FAILED,
    LEFT,
    NO_ACCOUNT,
    REFUSED,
    THROTTLED,
    ask,
)

FIRST, DAYS = date(2026, 1, 1), 4
OF_APPS = sorted({one.query for one in METRICS.values() if "app" in one.keys and not one.is_priced})


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    folder = tmp_path_factory.mktemp("made")
    for _ in synth(folder, Wish(requests=3_000, days=DAYS, first=FIRST)):
        pass
    with open_ledger(folder) as opened:
        yield opened


def test_rows_are_conserved(ledger: Ledger) -> None:
    requests, attempts = ledger.requests(), ledger.attempts()
    assert requests["n_attempts"].sum() == len(attempts)
    assert len(ledger.ask("judged")) == len(attempts)
    verdicts = ledger.ask("success").select("attempts", "whole", "failed", "throttled").sum()
    assert verdicts["attempts"].item() == len(attempts)
    with_prices(ledger, LIST_PRICES)
    priced = ledger.ask("priced")
    assert priced.select("request_id", "attempt_no").n_unique() == len(priced) == len(attempts)
    assert priced["prompt_tokens"].sum() == attempts["prompt_tokens"].sum()


def test_tokens_of_attempts_are_those_of_requests(ledger: Ledger) -> None:
    for column in ("prompt_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens"):
        assert ledger.attempts()[column].sum() == ledger.requests()[column].sum()


def test_money_adds_up(ledger: Ledger) -> None:
    with_prices(ledger, LIST_PRICES)
    every = ledger.ask("costs")["list_usd"].sum()
    spend = measure(ledger, "spend").filter(pl.col("what") == "cost (list)")
    assert spend["value"].sum() == pytest.approx(every)
    waste, served = measure(ledger, "waste"), ledger.ask("waste").filter("served")
    wasted = waste.filter(pl.col("what") == "cost (list)")["value"].sum()
    assert wasted + served["list_usd"].sum() == pytest.approx(every)
    saving = measure(ledger, "cache_savings")
    parts = [
        saving.filter(pl.col("what") == f"{what} (list)")["value"].sum()
        for what in ("net saving", "read discount", "write premium")
    ]
    assert parts[0] == pytest.approx(parts[1] - parts[2])


def test_misses_of_a_provider_add_up(ledger: Ledger) -> None:
    misses = measure(ledger, "cache_misses").filter(pl.col("what") == "share of missed")
    for _, part in misses.group_by("provider"):
        assert part["value"].sum() == pytest.approx(1)


def test_gain_is_what_final_is_above_first(ledger: Ledger) -> None:
    found = measure(ledger, "failover").pivot("what", index="app", values="value")
    for row in found.iter_rows(named=True):
        assert row["final success"] - row["first success"] == pytest.approx(
            row["gain"] - row["harmed"]
        )


@pytest.mark.parametrize("name", METRICS)
def test_no_number_is_not_a_number(ledger: Ledger, name: str) -> None:
    found = measure(ledger, name)
    assert len(found) > 1
    for column in ("value", "lo", "hi", "coverage"):
        known = found[column].drop_nulls()
        assert known.is_finite().all()
    bounded = found.filter(pl.col("lo").is_not_null() & pl.col("hi").is_not_null())
    assert (bounded["lo"] <= bounded["value"] + 1e-9).all()
    assert (bounded["value"] <= bounded["hi"] + 1e-9).all()
    assert found["coverage"].drop_nulls().is_between(0, 1).all()
    shares = found.filter(pl.col("unit") == "share")["value"].drop_nulls()
    if name not in {"cache_savings", "load"}:
        assert shares.is_between(0, 1).all()


@settings(max_examples=8)
@given(st.floats(0, DAYS * 24))
def test_a_range_cut_in_two_adds_up(ledger: Ledger, hours: float) -> None:
    cut = datetime(FIRST.year, FIRST.month, FIRST.day) + timedelta(hours=hours)  # noqa: DTZ001
    halves = Selection(until=cut), Selection(since=cut)
    for query in ("success", "request_success", "failover"):
        whole = _summed(ledger.ask(query))
        parts = pl.concat([ledger.ask(query, half) for half in halves])
        assert _summed(parts).equals(whole), query


def _summed(frame: pl.DataFrame) -> pl.DataFrame:
    keys = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    counts = pl.col([name for name, dtype in frame.schema.items() if dtype == pl.Int64])
    return frame.group_by(keys).agg(counts.sum()).sort(keys)


@pytest.mark.parametrize("query", OF_APPS)
def test_what_each_app_has_is_what_all_have(ledger: Ledger, query: str) -> None:
    whole = ledger.ask(query)
    apps = ledger.requests()["app"].unique().to_list()
    parts = pl.concat([ledger.ask(query, Selection(app=app)) for app in apps])
    assert _as_texts(parts) == _as_texts(whole)


def _as_texts(rows: pl.DataFrame) -> list[str]:
    """Return the rows in an order of their own, and lists in theirs."""
    ordered = rows.with_columns(pl.col(pl.List(pl.Int64)).list.sort())
    return sorted(map(str, ordered.rows()))


KINDS: dict[str, Row] = {
    "whole": {},
    "failed": FAILED,
    "throttled": THROTTLED,
    "left": LEFT,
    "refused": REFUSED,
    "account": NO_ACCOUNT,
    "crashed": CRASHED,
}


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.integers(0, 400)), min_size=1))
def test_success_is_what_counting_by_hand_gives(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("counted")
    attempts: list[Row] = [KINDS[kind] | {"started_at": at(hour * 3600)} for kind, hour in rows]
    found = ask(folder, "success", attempts=attempts)
    kinds = [kind for kind, _ in rows]
    whole, failed = kinds.count("whole"), kinds.count("failed")
    judged = whole + failed
    assert found.value("main", "availability") == (whole / judged if judged else None)
    assert found.n("main", "availability") == judged
