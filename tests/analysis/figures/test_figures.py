"""Every figure: of a made-up ledger, of nothing, in both modes, and kept as a page and as CSV."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from analysis import Ledger, open_ledger
from analysis.figures import FIGURES, draw
from analysis.figures.chart import Wanted, shown
from analysis.figures.theme import template
from analysis.metrics import METRICS
from proxy.ledger.synth import Wish, synth
from tests.analysis.ledgers import Row, at, ledger_of
from tests.analysis.metrics.asking import FAILED


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    folder = tmp_path_factory.mktemp("made")
    for _ in synth(folder, Wish(requests=1_000, days=3)):
        pass
    with open_ledger(folder) as opened:
        yield opened


@pytest.mark.parametrize("name", FIGURES)
def test_of_a_ledger(ledger: Ledger, name: str, tmp_path: Path) -> None:
    chart = draw(ledger, FIGURES[name])
    assert chart.figure.data
    assert chart.figure.layout.title.text == FIGURES[name].title
    chart.save_csv(tmp_path / "rows.csv")
    assert pl.read_csv(tmp_path / "rows.csv").columns == chart.rows.columns


@pytest.mark.parametrize("name", FIGURES)
def test_of_nothing(name: str, tmp_path: Path) -> None:
    with ledger_of(tmp_path) as empty:
        chart = draw(empty, FIGURES[name])
    texts = [one.text for one in chart.figure.layout.annotations]
    assert chart.rows.is_empty() or set(chart.rows["method"]) == {"no rows"}
    assert "no rows" in texts


def test_both_modes_and_a_page_without_a_network(ledger: Ledger, tmp_path: Path) -> None:
    papers = set()
    for mode in ("light", "dark"):
        chart = draw(ledger, FIGURES["success"], Wanted(mode=mode))
        papers.add(chart.figure.layout.template.layout.paper_bgcolor)
        assert chart.figure.layout.template == template(mode)
    assert len(papers) == 2
    page = tmp_path / "page.html"
    chart.save_html(page)
    assert 'src="http' not in page.read_text("utf-8")


def test_an_interval_is_drawn_as_it_is(ledger: Ledger) -> None:
    chart = draw(ledger, FIGURES["success"])
    rows = chart.rows.filter(pl.col("what") == "availability")
    bars = chart.figure.data[0].error_x
    assert list(bars.array) == pytest.approx((rows["hi"] - rows["value"]).to_list())
    assert f"n = {rows['n'][0]:,}" in chart.figure.data[0].y[0]


def test_a_curve_ends_below_one_by_what_failed(tmp_path: Path) -> None:
    rows: list[Row] = [{"first_content_us": 1_000_000}] * 3 + [FAILED]
    with ledger_of(tmp_path, attempts=rows) as small:
        chart = draw(small, FIGURES["latency"])
    assert list(chart.figure.data[0].y) == [0.75]


def test_a_provider_that_is_left_alone_has_a_band(tmp_path: Path) -> None:
    events: list[Row] = [
        {"kind": "cooldown", "provider": "main", "event_at": at(1), "until_at": at(60)}
    ]
    with ledger_of(tmp_path, attempts=[FAILED, {"started_at": at(90)}], events=events) as small:
        chart = draw(small, FIGURES["timeline"])
    assert [bar.name for bar in chart.figure.data] == ["whole", "failed", "left alone"]
    assert list(chart.figure.data[2].x) == [59_000]


def test_a_drawing_is_of_a_frame_alone() -> None:
    rows = METRICS["success"].of(pl.DataFrame())
    assert shown(FIGURES["success"], rows).figure.layout.annotations[0].text == "no rows"
