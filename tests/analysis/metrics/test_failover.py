"""What asking others gains."""

from pathlib import Path

from tests.analysis.ledgers import Row
from tests.analysis.metrics.asking import FAILED, REFUSED, ask


def _rows() -> tuple[list[Row], list[Row]]:
    """Return 10 requests: 6 at once, 2 rescued elsewhere, 1 by the same again, 1 lost."""
    requests: list[Row] = []
    attempts: list[Row] = []
    for number in range(10):
        tries: list[Row] = [{}]
        if number in {6, 7}:
            tries = [FAILED, {"provider": "relay"}]
        if number == 8:
            tries = [REFUSED | {"mended": "thinking"}, {}]
        if number == 9:
            tries = [FAILED, FAILED | {"provider": "relay"}]
        outcome = "exhausted" if number == 9 else "whole"
        last = str(tries[-1].get("provider", "main"))
        requests.append(
            {"id": number, "provider": last, "outcome": outcome, "n_attempts": len(tries)}
        )
        attempts += [{"id": number, "attempt_no": no + 1, **one} for no, one in enumerate(tries)]
    return requests, attempts


def test_gain_and_rescue(tmp_path: Path) -> None:
    requests, attempts = _rows()
    requests.append({"id": 50, "outcome": "client_left"})
    found = ask(tmp_path, "failover", requests=requests, attempts=attempts)
    shares = {what: found.value("claude", what) for _, what in found.lines}
    assert shares == {
        "first success": 0.6,
        "final success": 0.9,
        "gain": 0.3,
        "rescue rate": 0.75,
        "rescued elsewhere": 2 / 3,
        "harmed": 0.0,
    }
    assert found.n("claude", "rescue rate") == 4
    assert found.coverage("claude", "gain") == 10 / 11
    first, final, gain = (shares[one] or 0 for one in ("first success", "final success", "gain"))
    assert abs(final - first - gain) < 1e-12  # as nobody was harmed


def test_a_request_that_nobody_could_be_asked_for_failed(tmp_path: Path) -> None:
    found = ask(tmp_path, "failover", requests=[{"outcome": "exhausted", "n_attempts": 0}])
    assert found.value("claude", "first success") == 0
    assert found.value("claude", "rescue rate") == 0
