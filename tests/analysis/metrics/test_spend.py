"""What the tokens cost."""

from pathlib import Path

import pytest

from proxy.price_list import Pricing, ProviderPricing
from tests.analysis.ledgers import Row
from tests.analysis.metrics.asking import FAILED, SONNET, ask

KEY = ("main", "claude-sonnet-4-5")
PLAIN: Row = {**SONNET, "prompt_tokens": 100_000, "output_tokens": 1_000}
READ: Row = PLAIN | {"cache_read_tokens": 100_000}
HALF = Pricing(providers={"main": ProviderPricing(multiplier=0.5)})


def test_list_and_paid_side_by_side(tmp_path: Path) -> None:
    rows = [PLAIN, READ, PLAIN | FAILED, {**SONNET, **FAILED}]
    found = ask(tmp_path, "spend", pricing=HALF, attempts=rows)
    cost = 2 * (0.3 + 0.015) + 0.03 + 0.015
    assert found.value(*KEY, "cost (list)") == pytest.approx(cost)
    assert found.value(*KEY, "cost (paid)") == pytest.approx(cost / 2)
    assert found.n(*KEY, "cost (list)") == 3  # the last one's prompt was not counted
    assert found.coverage(*KEY, "cost (list)") == 1
    assert found.value(*KEY, "input price (list)") == pytest.approx(0.63 / 0.3)
    assert found.value(*KEY, "input price (paid)") == pytest.approx(0.315 / 0.3)


def test_an_unknown_price_is_none_and_lowers_coverage(tmp_path: Path) -> None:
    wrong = PLAIN | {"cache_read_tokens": 300_000}
    found = ask(tmp_path, "spend", attempts=[PLAIN, wrong, PLAIN | {"model_sent": "mine"}])
    assert found.value(*KEY, "cost (list)") == pytest.approx(0.315)
    assert found.coverage(*KEY, "cost (list)") == 0.5
    assert found.value("main", "mine", "cost (list)") is None
    assert found.coverage("main", "mine", "cost (list)") == 0
    assert found.method("main", "mine", "cost (list)") == "no price known"


def test_what_a_provider_says_itself_stands_beside(tmp_path: Path) -> None:
    found = ask(tmp_path, "spend", attempts=[PLAIN, PLAIN | {"reported_cost": 0.25}])
    assert found.value(*KEY, "cost (reported)") == 0.25
    assert found.coverage(*KEY, "cost (reported)") == 0.5
    assert found.value(*KEY, "cost (list)") == pytest.approx(0.63)
