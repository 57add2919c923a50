"""What is told where DuckDB's extensions are missing, and what goes on without them."""

import subprocess
import sys
from pathlib import Path

import duckdb
import msgspec
import pytest

from proxy.errors import LedgerUnusable
from proxy.ledger.lake import extensions
from proxy.ledger.lake.address import Lake, Shared
from proxy.ledger.views import open_ledger, recent_requests
from tests.ledger.entries import entry, journal

LAKE = Lake("ducklake:postgres://u:s3cret@127.0.0.1:1/b")


@pytest.fixture
def _none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(extensions, "find_spec", lambda _: None)
    elsewhere = {**extensions.OFFLINE, "extension_directory": str(tmp_path / "extensions")}
    monkeypatch.setattr("proxy.ledger.lake.catalog.OFFLINE", elsewhere)


@pytest.mark.usefixtures("_none")
def test_a_reader_is_told_what_to_install() -> None:
    with pytest.raises(LedgerUnusable) as told:
        open_ledger(Shared(LAKE))
    assert str(told.value) == (
        "a shared ledger needs DuckDB's extension ducklake, and there is none here for DuckDB "
        f'{duckdb.__version__}: pip install "pointsman[lake]" brings it and the DuckDB it is made '
        "for, or [ledger] fetch_extensions = true lets DuckDB fetch it"
    )


def test_the_converter_says_so_once_and_journals_stay(tmp_path: Path) -> None:
    log = journal(tmp_path)
    log.write(entry(1))
    log.close()
    said = subprocess.run(  # noqa: S603  # ours
        [sys.executable, "-m", "proxy.ledger.converter", str(tmp_path), "--shared", "--once"],
        input=msgspec.json.encode(LAKE) + b"\n",
        capture_output=True,
        check=False,
    )
    assert said.returncode == 1
    assert said.stderr.count(b"\n") == 1
    assert said.stderr.startswith(b"ledger converter: nothing is handed over to the shared ledger")
    assert b"s3cret" not in said.stderr
    assert recent_requests(tmp_path, 9) == [entry(1)]
    with open_ledger(tmp_path) as connection:
        held = connection.execute("SELECT holds FROM meta").fetchone()
    assert held == ("this host's rows that are not in the shared ledger (yet)",)
