"""How much of the input came from the cache."""

from pathlib import Path

import pytest

from tests.analysis.ledgers import Row, at
from tests.analysis.metrics.asking import ask

CHATS: list[Row] = [
    {"id": 1, "session_id": "a", "prompt_chars": 4000, "lcp_chars": 0},
    {"id": 2, "session_id": "a", "prompt_chars": 8000, "lcp_chars": 4000, "received_at": at(60)},
    {"id": 3, "session_id": "b", "prompt_chars": 4000, "lcp_chars": 2000, "received_at": at(90)},
]
ANSWERS: list[Row] = [
    {"id": 1, "prompt_tokens": 1000, "cache_read_tokens": 0},
    {"id": 2, "prompt_tokens": 2000, "cache_read_tokens": 900},
    {"id": 3, "prompt_tokens": 1000, "cache_read_tokens": 0},
]


def test_sums_over_sums(tmp_path: Path) -> None:
    found = ask(tmp_path, "cache_hit", requests=CHATS, attempts=ANSWERS)
    assert found.value("main", "hit ratio") == 900 / 4000
    assert found.value("main", "after the first") == 900 / 2000
    assert found.value("main", "of reachable") == pytest.approx(900 / 1500)
    assert found.value("main", "requests with a hit") == pytest.approx(1 / 3)
    assert found.n("main", "hit ratio") == 3
    assert found.coverage("main", "hit ratio") == 1


def test_what_the_first_request_of_a_session_read_is_apart(tmp_path: Path) -> None:
    """Tools and system are in the cache of whoever asked before."""
    answers = [ANSWERS[0] | {"cache_read_tokens": 500}, *ANSWERS[1:]]
    found = ask(tmp_path, "cache_hit", requests=CHATS, attempts=answers)
    assert found.value("main", "hit ratio") == 1400 / 4000
    assert found.value("main", "after the first") == 900 / 2000
    assert found.n("main", "after the first") == 1


def test_not_reported_is_not_zero(tmp_path: Path) -> None:
    silent: Row = {"id": 4, "prompt_tokens": 4000, "cache_read_tokens": None}
    found = ask(tmp_path, "cache_hit", requests=[*CHATS, {"id": 4}], attempts=[*ANSWERS, silent])
    assert found.value("main", "hit ratio") == 900 / 4000
    assert found.coverage("main", "hit ratio") == 0.5


def test_a_provider_that_never_reports_has_no_ratio(tmp_path: Path) -> None:
    rows = [row | {"cache_read_tokens": None} for row in ANSWERS]
    found = ask(tmp_path, "cache_hit", requests=CHATS, attempts=rows)
    assert found.value("main", "hit ratio") is None
    assert found.method("main", "hit ratio") == "no rows"


def test_written_tokens_are_in_the_denominator(tmp_path: Path) -> None:
    row: Row = {"prompt_tokens": 1000, "cache_read_tokens": 499, "cache_write_tokens": 501}
    found = ask(tmp_path, "cache_hit", requests=[{}], attempts=[row])
    assert found.value("main", "hit ratio") == 0.499  # and not 499 of the tokens not written
