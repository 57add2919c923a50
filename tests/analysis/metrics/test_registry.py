"""What holds for every metric: of no rows, in its definition, and in what its rows come to."""

import re
from importlib import import_module, resources
from pathlib import Path

import polars as pl
import pytest

from analysis import measure
from analysis.errors import UnknownMetric
from analysis.metrics import METRICS, metric
from analysis.metrics.metric import ESTIMATE
from analysis.schemas import SCHEMAS
from tests.analysis.ledgers import ledger_of


@pytest.mark.parametrize("name", METRICS)
def test_no_rows_give_one_line_that_says_so(name: str, tmp_path: Path) -> None:
    with ledger_of(tmp_path) as ledger:
        found = measure(ledger, name)
    keys = len(METRICS[name].keys)
    assert found.schema == METRICS[name].schema
    line = (name, METRICS[name].unit, None, None, None, 0, None, "no rows", None)
    assert found.rows() == [((None,) * keys) + line]


@pytest.mark.parametrize("name", METRICS)
def test_it_says_what_it_is(name: str) -> None:
    asked = METRICS[name]
    assert asked.name == name
    said = import_module(f"analysis.metrics.{name}").__doc__ or ""
    assert "Source: " in said.replace("\n", " ")
    for column in asked.needs:
        grain, _, field = column.partition(".")
        assert field in SCHEMAS[grain], column


@pytest.mark.parametrize("name", METRICS)
def test_its_query_reads_what_it_says(name: str) -> None:
    """Each column it needs is in its query, or in one that this builds on."""
    folder = resources.files("analysis.queries")
    texts = [folder.joinpath(f"{METRICS[name].query}.sql").read_text("utf-8")]
    for base in ("priced", "judged", "asked"):
        if re.search(rf"\b(FROM|JOIN)\s+{base}\b", " ".join(texts)):
            texts.append(folder.joinpath(f"{base}.sql").read_text("utf-8"))
    words = set(re.findall(r"\w+", " ".join(texts)))
    assert [one for one in METRICS[name].needs if one.partition(".")[2] not in words] == []


def test_an_unknown_metric() -> None:
    with pytest.raises(UnknownMetric, match=r'no metric "sucess" \(did you mean "success"\?\)'):
        metric("sucess")


def test_every_file_is_in_the_registry() -> None:
    shared = {"__init__", "metric", "hours", "waits", "money"}
    files = {path.stem for path in Path("analysis/metrics").glob("*.py")} - shared
    assert files == set(METRICS)
    assert list(ESTIMATE) == [
        "what", "unit", "value", "lo", "hi", "n", "n_clusters", "method", "coverage",
    ]  # fmt: skip
    assert pl.DataFrame(schema=ESTIMATE).is_empty()
