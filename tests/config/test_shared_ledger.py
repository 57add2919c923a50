"""`[ledger] url`, and what stands beside it."""

from pathlib import Path

import pytest

from proxy.config import ledger_keep, ledger_store, load
from proxy.errors import ConfigError
from proxy.ledger.keep import EVERYTHING
from proxy.ledger.lake.address import Lake, Shared
from proxy.ledger.writing import Rotation
from tests.config.files import loaded

REST = """
[providers.main]
wires = ["anthropic"]
base_url = "https://one.example"
key = "x"
[queues]
claude = ["main"]
"""
URL = "ducklake:postgres://me:${WORD}@db.example/book"
ENV = {"WORD": "s3cret"}
FULL = URL.replace("${WORD}", "s3cret")


def test_it_says_where_rows_are_handed_over_to(file: Path) -> None:
    text = f'[ledger]\nfolder = "book"\nurl = "{URL}"\ndata = "share"\n{REST}'
    found = loaded(file, text, ENV)
    here = file.parent.absolute()
    assert found.ledger_lake == Lake(FULL, str(here / "share"))
    assert found.ledger_writing.rotation == Rotation(max_age_s=60.0)
    assert "s3cret" not in repr(found)
    assert found.config_hash == loaded(file, REST, {}).config_hash
    file.write_text(text)
    assert ledger_store(file, ENV) == Shared(Lake(FULL, str(here / "share")), here / "book")
    assert ledger_keep(file, ENV) == EVERYTHING


def test_parquet_may_be_in_object_storage(file: Path) -> None:
    more = 'data = "s3://bucket/book"\nhand_over_s = 5\nfetch_extensions = true'
    found = loaded(file, f'[ledger]\nurl = "{URL}"\n{more}\n{REST}', ENV)
    assert found.ledger_lake == Lake(FULL, "s3://bucket/book", fetches=True)
    assert found.ledger_writing.rotation == Rotation(max_age_s=5.0)


def test_a_password_in_the_file_is_for_its_owner_alone(file: Path) -> None:
    text = REST.replace('key = "x"', 'key = "${X}"')
    file.write_text(f'[ledger]\nurl = "{FULL}"\n{text}')
    file.chmod(0o644)
    (warning,) = load(file, {"X": "y"}).warnings
    assert "other users can read it, and it holds a key" in warning
    file.write_text(f'[ledger]\nurl = "{URL}"\n{text}')
    assert load(file, {"X": "y", **ENV}).warnings == ()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        pytest.param(
            'url = "ducklake:mysql://u:s3cret@h/b"',
            r"ledger\.url: found \(hidden\) with a catalog that is not in PostgreSQL, want",
            id="another engine",
        ),
        pytest.param(f'url = "{URL}x${{OTHER}}"', r"url: found \$\{OTHER\}, which", id="not set"),
        pytest.param("url = 1", r"ledger\.url: found \(hidden\), want", id="a number"),
        pytest.param('data = "x"', r"ledger\.data: found something, but no url", id="no url"),
        pytest.param(
            f'url = "{URL}"\nkeep_mib = 1', r"keep_mib: found a size, and a url", id="a size"
        ),
        pytest.param(f'url = "{URL}"\nhand_over_s = 0', "from 1 to 3600", id="too often"),
    ],
)
def test_what_cannot_be(lines: str, says: str, file: Path) -> None:
    with pytest.raises(ConfigError, match=says) as told:
        loaded(file, f"[ledger]\n{lines}\n{REST}", ENV)
    assert "s3cret" not in str(told.value)
