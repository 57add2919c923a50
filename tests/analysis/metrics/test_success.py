"""How often a provider's attempts come to a whole answer."""

from pathlib import Path

import pytest

from analysis import Selection
from tests.analysis.ledgers import Row, at
from tests.analysis.metrics.asking import (
    COUNTING,
    CRASHED,
    FAILED,
    LEFT,
    NO_ACCOUNT,
    REFUSED,
    THROTTLED,
    ask,
    attempts,
)


def test_the_two_rates(tmp_path: Path) -> None:
    rows = [*attempts(15), *attempts(3, 900, **FAILED), *attempts(2, 2000, **THROTTLED)]
    found = ask(tmp_path, "success", attempts=rows)
    assert found.value("main", "availability") == 15 / 18
    assert found.value("main", "usable rate") == 15 / 20
    assert found.value("main", "throttled") == 2 / 20
    assert found.n("main", "availability") == 18
    assert found.coverage("main", "availability") == 18 / 20
    lo, hi = found.interval("main", "availability")
    assert (lo, hi) == (pytest.approx(0.6078, abs=1e-4), pytest.approx(0.9416, abs=1e-4))
    assert "too few clusters (1)" in found.method("main", "availability")


@pytest.mark.parametrize(
    "outside",
    [
        pytest.param(LEFT, id="the client left"),
        pytest.param(REFUSED, id="the client was at fault"),
        pytest.param(NO_ACCOUNT, id="the account was refused"),
        pytest.param(CRASHED, id="the proxy crashed"),
    ],
)
def test_what_says_nothing_of_the_provider_is_not_in_the_denominator(
    outside: Row, tmp_path: Path
) -> None:
    rows = [*attempts(8), *attempts(2, **FAILED), *attempts(90, **outside)]
    found = ask(tmp_path, "success", attempts=rows)
    assert found.value("main", "availability") == 0.8
    assert found.coverage("main", "availability") == 0.1


def test_counts_of_tokens_fail_apart(tmp_path: Path) -> None:
    found = ask(tmp_path, "success", attempts=[*attempts(4), *attempts(4, **COUNTING)])
    assert (found.value("main", "availability"), found.n("main", "availability")) == (1.0, 4)


def test_an_outage_widens_the_interval(tmp_path: Path) -> None:
    day = attempts(24 * 30, step_s=120)
    outage = [row | FAILED for row in day[300:330]]
    spread = [row | FAILED for row in day[::24]]
    widths = []
    for failed in (outage, spread):
        times = {row["started_at"] for row in failed}
        rows = [*failed, *(row for row in day if row["started_at"] not in times)]
        found = ask(tmp_path, "success", attempts=rows)
        lo, hi = found.interval("main", "availability")
        assert lo is not None
        assert hi is not None
        widths.append(hi - lo)
    assert widths[0] > 2 * widths[1]


def test_of_one_provider_and_a_range(tmp_path: Path) -> None:
    rows = [*attempts(4), *attempts(3, provider="relay"), *attempts(2, 7200, provider="relay")]
    requests: list[Row] = [{"received_at": row["started_at"]} for row in rows]
    chosen = Selection(since=at(3600), provider="relay")
    found = ask(tmp_path, "success", selection=chosen, attempts=rows, requests=requests)
    assert set(found.frame["provider"]) == {"relay"}
    assert found.n("relay", "availability") == 2
