"""Whether providers fail apart."""

import random
from pathlib import Path

import pytest

from tests.analysis.ledgers import Row, at
from tests.analysis.metrics.asking import FAILED, ask


def _rows(*, together: bool) -> dict[str, list[Row]]:
    rng = random.Random(4)  # noqa: S311  # a simulation
    requests: list[Row] = []
    attempts: list[Row] = []
    for number in range(2000):
        moment = at(number * 180)
        first = rng.random() < 0.2
        second = first if together else rng.random() < 0.2
        ends = [("main", first)] + ([("relay", second)] if first else [])
        # The other one is asked as well, so that its rate is known when the first was whole.
        ends += [] if first else [("relay", second)]
        outcome = "exhausted" if first and second else "whole"
        requests.append({"id": number, "received_at": moment, "outcome": outcome})
        attempts += [
            {"id": number, "attempt_no": no, "provider": name, "started_at": moment}
            | (FAILED if failed else {})
            for no, (name, failed) in enumerate(ends, 1)
        ]
    return {"requests": requests, "attempts": attempts}


@pytest.mark.parametrize(("together", "low", "high"), [(False, 0.7, 1.4), (True, 3.5, 7.0)])
def test_common_mode(together: bool, low: float, high: float, tmp_path: Path) -> None:
    found = ask(tmp_path, "independence", **_rows(together=together))
    key = ("claude", "main > relay")
    value = found.value(*key, "common mode")
    assert value is not None
    assert low < value < high
    lo, hi = found.interval(*key, "common mode")
    assert lo is not None
    assert hi is not None
    assert lo < value < hi
    assert (lo < 1 < hi) is not together
