"""Why tokens were not read from a cache."""

from pathlib import Path

import pytest

from tests.analysis.ledgers import Row, at, rid
from tests.analysis.metrics.asking import SONNET, ask

PARENT: Row = {
    "id": 1,
    "session_id": "a",
    "prompt_chars": 40_000,
    "provider": "main",
    "credential": "key",
    "first_content_us": 1_000_000,
    "total_us": 2_000_000,
    **SONNET,
}
CHILD: Row = {
    "id": 2,
    "session_id": "a",
    "received_at": at(60),
    "parent_request": rid(1),
    "prompt_chars": 80_000,
    "lcp_chars": 40_000,
}
ANSWER: Row = {
    "id": 2,
    "started_at": at(60),
    "prompt_tokens": 20_000,
    "cache_read_tokens": 0,
    "output_tokens": 0,
    **SONNET,
}
MISSED, USD = 10_000, 0.01 * (3 - 0.3)


@pytest.mark.parametrize(
    ("parent", "child", "answer", "cause"),
    [
        pytest.param({}, {}, {}, "unexplained", id="nothing else fits"),
        pytest.param({"model_sent": "claude-opus-4-5"}, {}, {}, "model_changed", id="a model"),
        pytest.param(
            {"provider": "relay"},
            {},
            {"pin_why": "cooling"},
            "provider_switched (cooling)",
            id="a provider, and the pin's word for why",
        ),
        pytest.param({"credential": "other"}, {}, {}, "account_switched", id="an account"),
        pytest.param(
            {}, {"received_at": at(400)}, {"started_at": at(400)}, "ttl_expired", id="late"
        ),
        pytest.param(
            {"cache_write_1h_tokens": 5},
            {"received_at": at(400)},
            {"started_at": at(400)},
            "unexplained",
            id="not late where it was written for an hour",
        ),
        pytest.param(
            {"model_sent": "gemini-2.5-pro"},
            {"received_at": at(40_000)},
            {"started_at": at(40_000), "model_sent": "gemini-2.5-pro"},
            "unexplained",
            id="nor where nobody promises a lifetime",
        ),
        pytest.param({"prompt_chars": 200_000}, {}, {}, "compacted", id="a prompt that shrank"),
        pytest.param({"prompt_chars": 60_000}, {}, {}, "prefix_changed", id="one that changed"),
        pytest.param({"first_content_us": 90_000_000}, {}, {}, "parallel_cold", id="at once"),
    ],
)
def test_the_first_cause_that_fits(
    parent: Row, child: Row, answer: Row, cause: str, tmp_path: Path
) -> None:
    requests = [PARENT | parent, CHILD | child]
    found = ask(tmp_path, "cache_misses", requests=requests, attempts=[ANSWER | answer])
    assert set(found.frame["cause"]) == {cause}
    assert found.value("main", cause, "missed") == MISSED
    assert found.value("main", cause, "share of missed") == 1
    if "model_sent" not in answer:
        assert found.value("main", cause, "cost (list)") == pytest.approx(USD)


def test_what_was_written_instead_cost_more(tmp_path: Path) -> None:
    answer = ANSWER | {"cache_write_tokens": 20_000}
    found = ask(tmp_path, "cache_misses", requests=[PARENT, CHILD], attempts=[answer])
    assert found.value("main", "unexplained", "cost (list)") == pytest.approx(0.01 * (3.75 - 0.3))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"cache_read_tokens": 9_500}, id="almost all of it was read"),
        pytest.param({"cache_read_tokens": None}, id="the provider does not say"),
    ],
)
def test_no_miss(answer: Row, tmp_path: Path) -> None:
    found = ask(tmp_path, "cache_misses", requests=[PARENT, CHILD], attempts=[ANSWER | answer])
    assert found.frame["method"].to_list() == ["no rows"]


def test_too_short_to_be_cached(tmp_path: Path) -> None:
    child = CHILD | {"lcp_chars": 2_000}
    found = ask(tmp_path, "cache_misses", requests=[PARENT, child], attempts=[ANSWER])
    assert found.value("main", "below_min", "missed") == 500


def test_causes_add_up(tmp_path: Path) -> None:
    late = CHILD | {"id": 3, "received_at": at(900)}
    found = ask(
        tmp_path,
        "cache_misses",
        requests=[PARENT, CHILD, late],
        attempts=[ANSWER, ANSWER | {"id": 3, "started_at": at(900)}],
    )
    shares = [found.value("main", one, "share of missed") for one in ("unexplained", "ttl_expired")]
    assert shares == [0.5, 0.5]
