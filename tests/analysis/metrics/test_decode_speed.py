"""How fast answers come once they have begun."""

from pathlib import Path

import pytest

from tests.analysis.ledgers import Row
from tests.analysis.metrics.asking import FAILED, SONNET, ask


def test_tokens_but_the_first_over_the_time_after_it(tmp_path: Path) -> None:
    row: Row = {
        **SONNET,
        "output_tokens": 101,
        "first_content_us": 1_000_000,
        "last_byte_us": 3_000_000,
    }
    unknown: list[Row] = [row | {"output_tokens": None}, row | {"last_byte_us": None}]
    outside: list[Row] = [row | FAILED]
    found = ask(tmp_path, "decode_speed", attempts=[row, row, *unknown, *outside])
    key = ("main", "claude-sonnet-4-5")
    assert found.value(*key, "speed p50") == pytest.approx(50.0)
    assert found.n(*key, "speed p50") == 2
    assert found.coverage(*key, "speed p50") == 0.5


def test_an_answer_of_one_token_has_no_speed(tmp_path: Path) -> None:
    row: Row = {"output_tokens": 1, "first_content_us": 1, "last_byte_us": 2}
    found = ask(tmp_path, "decode_speed", attempts=[row])
    assert found.value("main", None, "speed p50") is None
    assert found.method("main", None, "speed p50") == "no rows"
