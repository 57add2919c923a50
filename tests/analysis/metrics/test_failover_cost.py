"""What a cold cache costs after a failover."""

from pathlib import Path

import pytest

from tests.analysis.ledgers import Row, at, rid
from tests.analysis.metrics.asking import FAILED, SONNET, ask

PARENT: Row = {"id": 1, "provider": "main", "prompt_chars": 40_000}
CHILD: Row = {
    "id": 2,
    "provider": "relay",
    "n_attempts": 2,
    "received_at": at(60),
    "parent_request": rid(1),
    "prompt_chars": 80_000,
    "lcp_chars": 40_000,
}
TRIES: list[Row] = [
    {"id": 2, "started_at": at(60), **FAILED},
    {
        "id": 2,
        "attempt_no": 2,
        "started_at": at(61),
        "provider": "relay",
        "prompt_tokens": 20_000,
        "cache_read_tokens": 0,
        "cache_write_tokens": 20_000,
        "output_tokens": 0,
        **SONNET,
    },
]


def test_written_instead_of_read(tmp_path: Path) -> None:
    found = ask(tmp_path, "failover_cost", requests=[PARENT, CHILD], attempts=TRIES)
    assert found.value("claude", "cold cost (list)") == pytest.approx(0.01 * (3.75 - 0.3))
    assert found.value("claude", "each (list)") == pytest.approx(0.01 * (3.75 - 0.3))
    assert found.n("claude", "cold cost (list)") == 1


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        pytest.param({"provider": "relay"}, {}, id="the cache was there"),
        pytest.param({}, {"received_at": at(600)}, id="it was cold anyway"),
        pytest.param({}, {"lcp_chars": 0}, id="nothing was shared"),
        pytest.param({}, {"provider": "main"}, id="the same provider answered"),
    ],
)
def test_what_a_failover_did_not_cost(parent: Row, child: Row, tmp_path: Path) -> None:
    requests = [PARENT | parent, CHILD | child]
    found = ask(tmp_path, "failover_cost", requests=requests, attempts=TRIES)
    assert found.frame["method"].to_list() == ["no rows"]
