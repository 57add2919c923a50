"""What conversions could not carry."""

from pathlib import Path

from tests.analysis.ledgers import Row
from tests.analysis.metrics.asking import ask


def test_shares_by_pair_and_thing(tmp_path: Path) -> None:
    requests: list[Row] = [{"id": k, "client_wire": "anthropic"} for k in range(10)]
    attempts: list[Row] = [
        {"id": k, "provider_wire": "chat" if k < 8 else "anthropic"} for k in range(10)
    ]
    losses: list[Row] = [
        {"id": 1, "what": "an image"},
        {"id": 1, "what": "an image", "path": "messages[1]"},
        {"id": 1, "what": "top_k"},
        {"id": 2, "what": "top_k"},
        {"id": 9, "what": "top_k"},
    ]
    found = ask(tmp_path, "fidelity", requests=requests, attempts=attempts, losses=losses)
    pair = ("anthropic", "chat")
    assert found.value(*pair, "anything", "lost") == 2 / 8
    assert found.value(*pair, "an image", "lost") == 1 / 8
    assert found.value(*pair, "top_k", "lost") == 2 / 8
    assert found.n(*pair, "top_k", "lost") == 8
    assert set(found.frame["provider_wire"]) == {"chat"}


def test_nothing_lost_is_a_result(tmp_path: Path) -> None:
    found = ask(tmp_path, "fidelity", requests=[{"client_wire": "gemini"}], attempts=[{}])
    assert found.value("gemini", "anthropic", "anything", "lost") == 0
