"""`pointsman compare`: what differs, by how much, and what cannot be compared."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from analysis.reports.worth_verbs import compare
from tests.analysis.ledgers import Row, at, ledger_of
from tests.analysis.metrics.asking import FAILED, SONNET

HOURS, EACH = 40, 10


def run(*words: str) -> Result:
    app = typer.Typer()
    app.command()(compare)
    return CliRunner().invoke(app, [*words])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two providers with the same bad hours; `slow` takes half a second longer."""
    place, rng = tmp_path_factory.mktemp("ledger"), random.Random(2)  # noqa: S311  # made-up rows
    rows: list[Row] = []
    for hour in range(HOURS):
        late_s = rng.choice([0.0, 0.0, 5.0])
        for provider, more_s in (("quick", 0.0), ("slow", 0.5)):
            for k in range(EACH):
                us = round((1 + late_s + more_s + rng.random() / 10) * 1e6)
                row: Row = {"provider": provider, "started_at": at(3600 * hour + k), **SONNET}
                tokens: Row = {"prompt_tokens": 1000, "cache_read_tokens": 500 + 400 * bool(more_s)}
                broken = hour == 7 and k < 8
                rows.append(row | (FAILED if broken else {"first_content_us": us, **tokens}))
    requests: list[Row] = [
        {"id": k, "received_at": row["started_at"], "provider": row["provider"]}
        for k, row in enumerate(rows)
    ]
    ledger_of(place, requests=requests, attempts=rows).close()
    return place


def found(folder: Path, *words: str) -> dict[str, dict[str, dict[str, Any]]]:
    result = run(*words, "--json", "--ledger", str(folder), "--timezone", "UTC")
    return {row["what"]: row for row in json.loads(result.stdout)["rows"]}


def test_what_is_bad_for_both_is_no_difference(folder: Path) -> None:
    rows = found(folder, "slow", "quick")
    off = rows["availability"]["difference"]
    assert (off["value"], off["lo"], off["hi"]) == (0.0, 0.0, 0.0)  # they fail together
    assert off["method"].startswith("bootstrap, the same clusters of both")
    waits = rows["first content p50"]
    assert waits["difference"]["lo"] > 0.4
    assert waits["difference"]["hi"] < 0.6
    assert rows["cache hit, by tokens"]["difference"]["value"] == pytest.approx(0.4)
    assert rows["a million tokens (list)"]["difference"]["hi"] < 0


def test_two_spans(folder: Path) -> None:
    rows = found(folder, "2026-10-01..2026-10-02", "2026-10-02..")
    assert rows["availability"]["first"]["n"] == 24 * 2 * EACH
    assert rows["availability"]["second"]["n"] == (HOURS - 24) * 2 * EACH
    off = rows["availability"]["difference"]
    assert off["method"] == "Newcombe, of both intervals"  # nothing failed in the second
    assert off["value"] == pytest.approx(-16 / 480)
    assert off["lo"] < off["value"] < off["hi"]


def test_a_table_marks_what_differs(folder: Path) -> None:
    lines = run("slow", "quick", "--ledger", str(folder)).stdout.splitlines()
    marked = {line.split("  ")[0].strip(): line.endswith("*") for line in lines if "(" in line}
    assert marked["first content p50 (s)"]
    assert not marked["availability"]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        pytest.param(
            ("slow", "nobody"), "{folder} holds no attempt at nobody", id="a name of nobody"
        ),
        pytest.param(
            ("slow", "7d.."),
            "got 'slow' and '7d..', want two providers, or two spans like 14d..7d 7d.. or "
            "2026-11-01..2026-11-08 2026-11-08..2026-11-15",
            id="a provider and a span",
        ),
        pytest.param(
            ("14d..7d", "7d..", "--since", "3d"),
            "two spans have their own begin and end: leave --since and --until out",
            id="spans within a span",
        ),
        pytest.param(
            ("2026-09-01..2026-09-02", "2026-10-01.."),
            "{folder} holds no attempt from 2026-09-01 00:00:00 UTC before 2026-09-02 00:00:00 UTC",
            id="nothing happened then",
        ),
    ],
)
def test_what_is_refused(folder: Path, words: tuple[str, ...], line: str) -> None:
    result = run(*words, "--ledger", str(folder), "--timezone", "UTC")
    wanted = line.format(folder=folder) + "\n"
    assert (result.exit_code, result.stderr, result.stdout) == (2, wanted, "")
