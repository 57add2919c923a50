import io
import json
from datetime import UTC
from pathlib import Path

import msgspec
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from proxy.cli.main import app
from proxy.cli.requests import attempts_text, table
from proxy.ledger import views
from proxy.record import AttemptRow, Entry, RequestRow
from tests.ledger.entries import entry, journal

MOMENT_US = 1_795_000_000_000_000  # 2026-11-18 11:06:40 UTC
ATTEMPT = AttemptRow(
    request_id="r",
    attempt_no=1,
    started_us=MOMENT_US,
    provider="main",
    credential="own",
    provider_wire="anthropic",
    url="https://api.example.com/v1/messages",
    outcome="whole",
    status=200,
    total_us=5,
    sent_bytes=1,
)
REQUEST = RequestRow(
    request_id="r",
    received_us=MOMENT_US,
    host="here",
    worker_pid=1,
    proxy_version="0.1.0",
    config_hash="c0ffee",
    app="claude",
    endpoint="generate",
    method="POST",
    path="/v1/messages",
    session_id="0123456789abcdef",
    model_requested="sonnet",
    model_answered="sonnet",
    outcome="whole",
    n_attempts=1,
    first_content_us=412_400,
    total_us=2_345_678,
    prompt_tokens=12_345,
    cache_read_tokens=12_000,
    output_tokens=67,
)


def changed(row: RequestRow, **fields: object) -> RequestRow:
    return msgspec.structs.replace(row, **fields)


def attempt(**fields: object) -> AttemptRow:
    return msgspec.structs.replace(ATTEMPT, **fields)


def cells(request: RequestRow, *attempts: AttemptRow) -> list[str]:
    """Return the cells of the one row that a table of one entry has."""
    made = table([Entry(request=request, attempts=attempts)], UTC)
    return [str(next(iter(column.cells))) for column in made.columns]


def test_a_row() -> None:
    assert cells(REQUEST, ATTEMPT) == [
        "11-18 11:06:40",
        "claude",
        "sonnet",
        "main 200",
        "whole",
        "12,345 (12,000)",
        "67",
        "412 ms",
        "2.35 s",
        "01234567",
    ]


def test_a_row_of_which_little_is_known() -> None:
    request = changed(
        REQUEST,
        app=None,
        session_id=None,
        model_requested=None,
        model_answered=None,
        outcome="crashed",
        first_content_us=None,
        total_us=None,  # so the ledger has it after a crash
        prompt_tokens=None,
        cache_read_tokens=None,
        output_tokens=None,
    )
    unknown = "–"  # noqa: RUF001  # as the table has it
    assert cells(request) == ["11-18 11:06:40", *[unknown] * 3, "crashed", *[unknown] * 5]


def test_an_input_that_is_known_in_part() -> None:
    assert cells(changed(REQUEST, cache_read_tokens=None))[5] == "12,345 (–)"  # noqa: RUF001
    assert cells(changed(REQUEST, prompt_tokens=0, cache_read_tokens=0))[5] == "0 (0)"


@pytest.mark.parametrize(
    ("asked", "answered", "text"),
    [
        pytest.param("a", None, "a", id="not told"),
        pytest.param("a", "b", "a → b", id="another one"),
        pytest.param(None, "b", "– → b", id="not asked for"),  # noqa: RUF001
        pytest.param("a\x1b[31mb\nc", None, "a�[31mb�c", id="nothing acts on the terminal"),
        pytest.param("[red]a[/red]", None, "[red]a[/red]", id="nothing acts on the table"),
    ],
)
def test_models(asked: str | None, answered: str | None, text: str) -> None:
    assert cells(changed(REQUEST, model_requested=asked, model_answered=answered))[2] == text


@pytest.mark.parametrize(
    ("total_us", "text"),
    [
        (0, "0.0 ms"),
        (412, "0.4 ms"),
        (9_940, "9.9 ms"),
        (12_400, "12 ms"),
        (1_000_000, "1.00 s"),
        (3_600_000_000, "3600.00 s"),
    ],
)
def test_durations(total_us: int, text: str) -> None:
    assert cells(changed(REQUEST, total_us=total_us))[8] == text


OVERLOADED = attempt(outcome="refused", status=529, failure="overloaded")
LOST = attempt(outcome="unreachable", status=None, failure="unreachable")
CUT = attempt(outcome="truncated")
RELAY = attempt(provider="relay", credential="default")


@pytest.mark.parametrize(
    ("attempts", "text"),
    [
        pytest.param([OVERLOADED, RELAY], "main 529 overloaded → relay 200", id="rescued"),
        pytest.param([LOST, CUT], "main/own unreachable → main/own 200 truncated", id="same again"),
        pytest.param(
            [OVERLOADED, attempt(credential="team"), RELAY],
            "main/own 529 overloaded → main/team 200 → relay 200",
            id="another key of the same provider",
        ),
        pytest.param([], "", id="none"),
    ],
)
def test_attempts(attempts: list[AttemptRow], text: str) -> None:
    assert attempts_text(attempts) == text


def test_a_narrow_terminal_folds_and_drops_nothing() -> None:
    page = io.StringIO()
    model = "a-model-with-a-name-that-is-longer-than-anybody-would-like-it-to-be"
    Console(file=page, width=60).print(
        table([Entry(request=changed(REQUEST, model_requested=model), attempts=(ATTEMPT,))])
    )
    lines = [line for line in page.getvalue().splitlines() if line.strip()]
    assert max(map(len, lines)) <= 60
    assert "…" not in page.getvalue()


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A ledger with two requests in it, whose writer is still at work."""
    folder = tmp_path / "ledger"
    views.prepare(folder)
    writer = journal(folder)
    writer.write(entry(1))
    writer.write(entry(2, attempts=1))
    writer.close()
    return folder


def run(*words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, ["requests", *words], env=env)


def json_lines(result: Result) -> list[str]:
    """Return its lines; not by `splitlines`, which would cut at U+2028 within a value."""
    return result.stdout.removesuffix("\n").split("\n")


def test_the_ledger_as_a_table_keeps_its_width_without_a_terminal(ledger: Path) -> None:
    result = run("--ledger", str(ledger))
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if line.strip()]
    assert len(lines) == 4  # head, rule, two requests
    assert lines[0].split()[:4] == ["time", "app", "model", "attempts"]
    assert "provider-1 200 → provider-2 200" in lines[2]
    assert "3600.00 s" in lines[2]
    assert "\x1b" not in result.stdout


def test_the_ledger_as_json(ledger: Path) -> None:
    result = run("--ledger", str(ledger), "--last", "1", "--json")
    (line,) = json_lines(result)
    assert msgspec.json.decode(line, type=Entry) == entry(2, attempts=1)


def test_the_ledger_of_a_configuration_whose_variables_are_not_set(ledger: Path) -> None:
    file = ledger.parent / "pointsman.toml"
    file.write_text('[ledger]\nfolder = "ledger"\n[providers.x]\nkey = "${UNSET}"')
    lines = json_lines(run("--config", str(file), "--json"))
    assert [json.loads(line)["request"]["n_attempts"] for line in lines] == [2, 1]
    assert json_lines(run("--json", env={"POINTSMAN_CONFIG": str(file)})) == lines


def test_no_requests_yet(tmp_path: Path) -> None:
    result = run("--ledger", str(tmp_path / "nothing"))
    assert (result.exit_code, result.stdout) == (0, f"no requests yet in {tmp_path}/nothing\n")
    views.prepare(tmp_path / "empty")
    result = run("--ledger", str(tmp_path / "empty"))
    assert (result.exit_code, result.stdout) == (0, f"no requests yet in {tmp_path}/empty\n")
    result = run("--ledger", str(tmp_path / "empty"), "--json")
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    result = run("--config", str(tmp_path / "no.toml"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{tmp_path}/no.toml: found no file, want one; make it with: ")
