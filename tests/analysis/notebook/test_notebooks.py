"""Every notebook runs to its end, and its headlines are the numbers of the analysis."""

from html import unescape
from pathlib import Path

import polars as pl
import pytest

from analysis import measure
from analysis.metrics import METRICS
from analysis.notebook import places
from analysis.notebook.answer import EMPTY, Answer
from analysis.notebook.opening import Page
from tests.analysis.notebook.played import Played, play, texts

NAMES = places.names()


@pytest.fixture(scope="module")
def on_sample() -> dict[str, Played]:
    return {}


def sampled(known: dict[str, Played], name: str, more: dict[str, object]) -> Played:
    if name not in known:
        known[name] = play(name, ledger=str(places.SAMPLE), **more)
    return known[name]


def answer_of(played: Played) -> Answer:
    found = played.names["answer"]
    assert isinstance(found, Answer)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_on_the_sample(
    on_sample: dict[str, Played], measured: dict[str, object], name: str
) -> None:
    played = sampled(on_sample, name, measured)
    answer = answer_of(played)
    assert answer.said != EMPTY
    assert answer.rests_on
    assert "1,900 requests" in answer.window
    assert answer.said in unescape(texts(played))


@pytest.mark.parametrize("name", NAMES)
def test_headlines_are_those_of_the_analysis(
    on_sample: dict[str, Played], measured: dict[str, object], name: str
) -> None:
    played = sampled(on_sample, name, measured)
    page = played.names["page"]
    assert isinstance(page, Page)
    checked = [one for one in answer_of(played).rests_on if one.metric in METRICS and one.about]
    for one in checked:
        rows = measure(page.ledger, one.metric, page.selection, page.pricing)
        keys = METRICS[one.metric].keys
        same = [pl.col(key).eq_missing(pl.lit(v)) for key, v in zip(keys, one.about, strict=True)]
        row = rows.filter(pl.col("what") == one.what, *same).row(0, named=True)
        said = {key: getattr(one, key) for key in ("unit", "value", "lo", "hi", "n", "method")}
        assert said == {key: row[key] for key in said}


@pytest.mark.parametrize("name", NAMES)
def test_on_the_ledger_of_make_demo(of_make_demo: Path, name: str) -> None:
    played = play(name, ledger=str(of_make_demo), benchmarks=str(of_make_demo / "none"))
    assert texts(played)
    assert answer_of(played).said != EMPTY


@pytest.mark.parametrize("name", NAMES)
def test_on_an_empty_ledger(empty: Path, name: str) -> None:
    played = play(name, ledger=str(empty), benchmarks=str(empty / "none"))
    assert texts(played)
    assert "no request in" in answer_of(played).window
