"""`pointsman report`, `explain --output`: whole pages that load nothing and escape what is told."""

import re
from pathlib import Path

import pytest
import typer
from plotly.offline import get_plotlyjs
from typer.testing import CliRunner, Result

from analysis.figures import FIGURES
from analysis.reports.file_verbs import report
from analysis.reports.verbs import explain
from tests.analysis.ledgers import Row, at, ledger_of, rid
from tests.analysis.metrics.asking import FAILED, SONNET

BAD = "</script><img src=x onerror=alert(1)>"


def run(verb: object, *words: str) -> Result:
    app = typer.Typer()
    app.command()(verb)  # type: ignore[type-var]  # a function with options
    return CliRunner().invoke(app, [*words])


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    folder = tmp_path / "ledger"
    folder.mkdir()
    tokens: Row = {"prompt_tokens": 1000, "output_tokens": 10, "cache_read_tokens": 500}
    attempts: list[Row] = [
        {"id": 1, **SONNET, **FAILED, "provider": BAD, "error_message": BAD},
        {"id": 1, "attempt_no": 2, "started_at": at(1), **SONNET, **tokens},
    ]
    requests: list[Row] = [{"id": 1, "n_attempts": 2, "session_id": BAD, "provider": "main"}]
    ledger_of(folder, requests=requests, attempts=attempts).close()
    return folder


def own(text: str) -> str:
    """Return a page without the library that draws, which must be there once."""
    library = get_plotlyjs()
    assert text.count(library) == 1
    return text.replace(library, "")


def test_the_report_is_whole(ledger: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    result = run(report, "-o", str(file), "--ledger", str(ledger))
    assert (result.exit_code, result.stdout) == (0, f"{file}\n")
    page = own(file.read_text("utf-8"))
    assert "default-src 'none'" in page
    assert not re.search(r"""(src|href)=["']?(http|//)""", page)
    assert BAD not in page
    assert page.count("</script>") == 2
    assert page.count('class="chart"') == len(FIGURES) - 1  # the other is of one request
    for mode in ("light", "dark"):
        assert f'"{mode}": {{' in page
    assert run(report, "-o", str(file), "--ledger", str(ledger)).exit_code == 0  # made anew


def test_explain_as_a_page(ledger: Path, tmp_path: Path) -> None:
    file = tmp_path / "request.html"
    assert run(explain, rid(1), "-o", str(file), "--ledger", str(ledger)).exit_code == 0
    page = own(file.read_text("utf-8"))
    assert BAD not in page
    assert re.search(r"500 [^ ]+ 0\.3 a million = 0\.000150", page)
    printed = run(explain, rid(1), "--html", "--ledger", str(ledger))
    assert own(printed.stdout) == page


@pytest.mark.parametrize("verb", [report, explain], ids=["report", "explain"])
def test_what_is_no_page_of_ours_stays(ledger: Path, tmp_path: Path, verb: object) -> None:
    mine = tmp_path / "mine.html"
    mine.write_text("mine")
    words = [rid(1)] if verb is explain else []
    for file in (mine, tmp_path, tmp_path / "none" / "page.html"):
        result = run(verb, *words, "-o", str(file), "--ledger", str(ledger))
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert mine.read_text() == "mine"
