"""What the cache saved."""

from pathlib import Path

import pytest

from proxy.price_list import Pricing, ProviderPricing
from tests.analysis.ledgers import Row
from tests.analysis.metrics.asking import SONNET, ask

ROW: Row = {
    **SONNET,
    "prompt_tokens": 100_000,
    "output_tokens": 0,
    "cache_read_tokens": 60_000,
    "cache_write_tokens": 30_000,
    "cache_write_1h_tokens": 10_000,
}
DISCOUNT = 0.06 * (3 - 0.3)
PREMIUM = 0.02 * (3.75 - 3) + 0.01 * (6 - 3)


def test_reads_save_and_writes_cost(tmp_path: Path) -> None:
    pricing = Pricing(providers={"main": ProviderPricing(multiplier=0.5)})
    found = ask(tmp_path, "cache_savings", pricing=pricing, requests=[{}], attempts=[ROW])
    assert found.value("main", "read discount (list)") == pytest.approx(DISCOUNT)
    assert found.value("main", "write premium (list)") == pytest.approx(PREMIUM)
    assert found.value("main", "net saving (list)") == pytest.approx(DISCOUNT - PREMIUM)
    assert found.value("main", "net saving (paid)") == pytest.approx((DISCOUNT - PREMIUM) / 2)
    assert found.value("main", "saved share (list)") == pytest.approx((DISCOUNT - PREMIUM) / 0.3)


def test_a_prompt_that_was_written_and_never_read_lost_money(tmp_path: Path) -> None:
    row = ROW | {"cache_read_tokens": 0, "cache_write_tokens": 100_000, "cache_write_1h_tokens": 0}
    found = ask(tmp_path, "cache_savings", requests=[{}], attempts=[row])
    assert found.value("main", "net saving (list)") == pytest.approx(-0.075)
    assert found.value("main", "saved share (list)") == pytest.approx(-0.25)


def test_who_reports_no_cache_is_not_in_it(tmp_path: Path) -> None:
    silent: Row = {**SONNET, "prompt_tokens": 100_000, "output_tokens": 0}
    found = ask(tmp_path, "cache_savings", requests=[{}, {}], attempts=[ROW, silent])
    assert found.n("main", "net saving (list)") == 1
