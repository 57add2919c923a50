"""Policies by cost and waiting time: who is beaten by nobody is joined, and doubt is told."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from analysis.figures.frontier import frontier
from analysis.metrics.metric import Line, table
from analysis.simulate import SIMULATION, Simulation
from analysis.simulate.calibrating import CALIBRATION
from analysis.stats import Estimate

COSTS = {"sticky": (10.0, 2000.0), "round_robin": (30.0, 1500.0), "random": (32.0, 1800.0)}


def simulation(
    costs: Mapping[str, tuple[float, float | None]], doubt: str | None = None
) -> Simulation:
    lines = []
    for name, (usd, wait_ms) in costs.items():
        more = Estimate(usd - 10, usd - 12, usd - 7, 100)
        lines += [
            Line((name,), "cost (list)", "USD", Estimate(usd, n=100)),
            Line((name,), "costs more than sticky (list)", "USD", more),
            Line((name,), "first content, p95", "ms", Estimate(wait_ms, n=100)),
            Line((name,), "busiest place over mean", "ratio", Estimate(1.5, n=100)),
        ]
    return Simulation(table(SIMULATION, lines), pl.DataFrame(schema=CALIBRATION), doubt)


def test_what_is_drawn(tmp_path: Path) -> None:
    chart = frontier(simulation(COSTS), mode="dark")
    best, stay, move = chart.figure.data
    assert (list(best.x), list(best.y)) == ([1.5, 2.0], [30.0, 10.0])
    assert (list(stay.text), list(move.text)) == (["sticky"], ["round_robin", "random"])
    assert list(move.error_y.array) == pytest.approx([3.0, 3.0])
    chart.save_csv(tmp_path / "rows.csv")
    assert pl.read_csv(tmp_path / "rows.csv")["policy"].to_list() == list(COSTS)


def test_where_no_wait_is_known_the_load_is_drawn() -> None:
    chart = frontier(simulation({"sticky": (10.0, None)}))
    assert chart.figure.layout.xaxis.title.text == "tokens of the busiest place over the mean"


def test_doubt_is_in_the_title_and_nothing_is_no_rows() -> None:
    assert (
        "NOT CALIBRATED: by much" in frontier(simulation(COSTS, "by much")).figure.layout.title.text
    )
    texts = [one.text for one in frontier(simulation({})).figure.layout.annotations]
    assert texts == ["no rows"]
