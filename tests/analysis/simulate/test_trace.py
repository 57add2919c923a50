"""On public sessions of Claude Code, round robin over three costs what was published of it.

The figures are those of `facts/estimators.md`, section 3.3: Anthropic's list prices, with the
lifetimes of five minutes and of an hour, and session-bootstrap intervals. The trace is no part of
this project: without it nothing is tested here.
"""

import os
from pathlib import Path

import polars as pl
import pytest

from analysis.errors import NoLedger, Uncalibrated
from analysis.simulate import Simulation, Wish, replay, trace_arrivals

TRACE = Path(os.environ.get("POINTSMAN_TRACE", "/work/shared/traces/claude_code_sessions.parquet"))
needs_trace = pytest.mark.skipif(not TRACE.exists(), reason=f"the public trace is not at {TRACE}")


def number(found: Simulation, policy: str, what: str) -> dict[str, float]:
    same = (pl.col("policy") == policy) & (pl.col("what") == what)
    row: dict[str, float] = found.result.row(by_predicate=same, named=True)
    return row


@needs_trace
@pytest.mark.parametrize(
    ("hour", "hits", "published"),
    [
        pytest.param(False, (0.916, 0.751), (0.482, 0.500), id="kept for five minutes"),
        pytest.param(True, (0.960, 0.885), (0.436, 0.454), id="kept for an hour"),
    ],
)
def test_round_robin_over_three(
    *, hour: bool, hits: tuple[float, float], published: tuple[float, float]
) -> None:
    found = replay(
        trace_arrivals(TRACE),
        Wish(policies=("round_robin",), anyway=True, equal=True, hour=hour, among=3),
    )
    for policy, hit in zip(("sticky", "round_robin"), hits, strict=True):
        assert number(found, policy, "token hit")["value"] == pytest.approx(hit, abs=0.002)
    saves = number(found, "round_robin", "sticky saves of input (list)")
    assert published[0] < saves["value"] < published[1]
    assert saves["lo"] < sum(published) / 2 < saves["hi"]
    assert saves["n"] == 49_334


@needs_trace
def test_a_trace_that_reports_no_reads_is_not_published_just_so() -> None:
    with pytest.raises(Uncalibrated, match="no provider reported"):
        replay(trace_arrivals(TRACE))


def test_another_file_is_no_trace(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "other.parquet")
    with pytest.raises(NoLedger, match="no trace of Claude Code sessions"):
        trace_arrivals(tmp_path / "other.parquet")
