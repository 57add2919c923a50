from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proxy.cli.main import app
from proxy.cli.snapshot import moment_us
from proxy.ledger.views import prepare
from tests.ledger.entries import entry, journal

NOW_US = 1_795_000_000_000_000  # 2026-11-18 11:06:40 UTC
DAY_US = 86_400_000_000


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("7d", NOW_US - 7 * DAY_US),
        ("1h30m", NOW_US - 5_400_000_000),
        ("2026-11-18", NOW_US // DAY_US * DAY_US),
        ("2026-11-18T11:06:40", NOW_US),
        ("2026-11-18T12:06:40+01:00", NOW_US),
        ("yesterday", None),
        ("", None),
    ],
)
def test_moments(text: str, us: int | None) -> None:
    assert moment_us(text, NOW_US) == us


def run(tmp_path: Path, *words: str) -> Result:
    ledger = str(tmp_path / "ledger")
    return CliRunner().invoke(app, ["snapshot", *words, "--ledger", ledger])


def test_a_snapshot(tmp_path: Path) -> None:
    prepare(tmp_path / "ledger")
    log = journal(tmp_path / "ledger")
    log.write(entry(1))
    log.close()
    out = str(tmp_path / "out.duckdb")
    words = ("--since", "2026-11-01", "--until", "2026-12-01", "--redact", "ids")
    result = run(tmp_path, out, *words)
    assert (result.exit_code, result.stdout) == (0, f"{out}: 1 requests, redacted: ids\n")
    result = run(tmp_path, out)
    assert (result.exit_code, result.stderr) == (
        1,
        f"{out} is there already: take another name, or --force\n",
    )
    assert run(tmp_path, out, "--force", "--since", "2027-01-01").stdout == f"{out}: 0 requests\n"


def test_what_cannot_be_meant(tmp_path: Path) -> None:
    assert run(tmp_path, "out.duckdb", "--since", "soon").exit_code == 2
    result = run(tmp_path, "out.duckdb")
    assert result.exit_code == 2
    assert result.stderr.startswith("there is no ledger in ")
