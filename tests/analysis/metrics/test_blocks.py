"""Five-hour blocks, burn and projection."""

from datetime import timedelta
from pathlib import Path

import pytest

from analysis.metrics.blocks import blocks, forecast
from analysis.prices.frame import with_prices
from proxy.price_list import LIST_PRICES
from tests.analysis.ledgers import Row, at, ledger_of
from tests.analysis.metrics.asking import SONNET, ask

HOUR = 3600


def _used(*starts_s: float) -> dict[str, list[Row]]:
    """Return requests of 100,000 tokens each, which cost 0.3 USD."""
    requests: list[Row] = [{"id": k, "received_at": at(s)} for k, s in enumerate(starts_s)]
    attempts: list[Row] = [
        {"id": k, "started_at": at(s), "prompt_tokens": 100_000, "output_tokens": 0, **SONNET}
        for k, s in enumerate(starts_s)
    ]
    return {"requests": requests, "attempts": attempts}


def test_a_block_begins_at_the_full_hour_before_its_first_request(tmp_path: Path) -> None:
    rows = _used(0.5 * HOUR, 4.9 * HOUR, 5.1 * HOUR, 9 * HOUR, 30 * HOUR)
    found = ask(tmp_path, "blocks", **rows)
    spent = {about: found.value(about, "spent tokens") for about in found.frame["block"].unique()}
    assert spent == {
        "2026-10-01 00:00": 200_000,
        "2026-10-01 05:00": 200_000,
        "2026-10-02 06:00": 100_000,
    }
    assert found.value("2026-10-01 00:00", "spent list_usd") == pytest.approx(0.6)
    assert ("2026-10-01 00:00", "burn tokens") not in found.lines


def test_a_steady_use_goes_on(tmp_path: Path) -> None:
    steps = [600 * k for k in range(6 * 24 * 3 + 6)]  # three days and an hour
    found = ask(tmp_path, "blocks", **_used(*steps))
    last = max(str(one) for one in found.frame["block"])
    spent = found.value(last, "spent tokens")
    burn = found.value(last, "burn tokens")
    projected = found.value(last, "projected tokens")
    assert burn == 600_000
    assert spent is not None
    assert projected == 5 * 600_000
    assert found.interval(last, "projected tokens") == (projected, projected)
    assert found.method(last, "projected tokens").startswith("forecast: ")
    assert found.value(last, "projected list_usd") == pytest.approx(30 * 0.3)


def test_a_request_that_nobody_answered_begins_a_block(tmp_path: Path) -> None:
    rows = _used(1800)
    rows["attempts"] = []
    found = ask(tmp_path, "blocks", **rows)
    assert found.value("2026-10-01 00:00", "spent tokens") == 0
    assert found.n("2026-10-01 00:00", "spent tokens") == 1


def test_without_a_price_there_is_no_money(tmp_path: Path) -> None:
    rows = _used(0)
    rows["attempts"][0]["model_sent"] = "mine"
    found = ask(tmp_path, "blocks", **rows)
    assert found.value("2026-10-01 00:00", "spent tokens") == 100_000
    assert found.value("2026-10-01 00:00", "spent list_usd") is None
    assert ("2026-10-01 00:00", "burn list_usd") not in found.lines


def test_a_forecast_from_now_on(tmp_path: Path) -> None:
    steps = [600 * k for k in range(6 * 24 * 3 + 6)]  # three days and an hour
    with ledger_of(tmp_path, **_used(*steps)) as ledger:
        with_prices(ledger, LIST_PRICES)
        rows = ledger.ask("blocks")
    last = at(3 * 24 * HOUR)
    began = max(block.began for block in blocks(rows))
    quiet = list(forecast(rows, began + timedelta(hours=4, minutes=35)))
    used = float(rows.filter(rows["step"] >= began)["tokens"].sum())
    assert began <= last
    assert [line.what for line in quiet] == [
        *("projected tokens", "projected list_usd", "projected paid_usd"),
    ]
    assert quiet[0].estimate.value == used + 2 * 100_000  # two steps are left
    assert list(forecast(rows, began + timedelta(hours=5))) == []
