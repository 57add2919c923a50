"""Where a shared ledger is, as it is typed."""

from pathlib import Path

import msgspec
import pytest

from proxy.errors import LedgerUnusable
from proxy.ledger.lake.address import Catalog, Lake, NoAddress, Shared, catalog_at, shown, store_at

WORD = "s3cret%20w%2Frd"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            f"ducklake:postgres://me:{WORD}@db.example:5433/book",
            Catalog("book", "db.example", 5433, "me", "s3cret w/rd"),
            id="all of it",
        ),
        pytest.param("ducklake:postgresql://h/b", Catalog("b", "h"), id="the least"),
        pytest.param("ducklake:postgres:///b", Catalog("b"), id="wherever the library looks"),
        pytest.param(
            "ducklake:postgres:///b?host=/run/postgresql&sslmode=verify-full",
            Catalog("b", "/run/postgresql", options=(("sslmode", "verify-full"),)),
            id="a socket, and options",
        ),
        pytest.param(
            "ducklake:postgres://u@%2Frun%2Fpg/b", Catalog("b", "/run/pg", user="u"), id="escaped"
        ),
        pytest.param("ducklake:postgres://[::1]:5/b", Catalog("b", "::1", 5), id="IPv6"),
    ],
)
def test_an_address(url: str, expected: Catalog) -> None:
    assert catalog_at(url) == expected


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param(f"postgres://u:{WORD}@h/b", "another beginning", id="not shared"),
        pytest.param(f"ducklake:sqlite://u:{WORD}@h/b", "not in PostgreSQL", id="another engine"),
        pytest.param(f"ducklake:postgres://u:{WORD}@h", "no name of a database", id="no database"),
        pytest.param(f"ducklake:postgres://u:{WORD}@h/a/b", "no name of a database", id="too many"),
        pytest.param(f"ducklake:postgres://u:{WORD}@h:x/b", "a port that is none", id="no port"),
        pytest.param(f"ducklake:postgres://u:{WORD}@[h/b", "a port that is none", id="no host"),
        pytest.param(f"ducklake:postgres://h/b?password={WORD}", "an option", id="another option"),
    ],
)
def test_no_address(url: str, says: str) -> None:
    with pytest.raises(NoAddress, match=says) as told:
        catalog_at(url)
    assert "s3cret" not in str(told.value)


def test_nothing_shows_a_password() -> None:
    url = f"ducklake:postgres://me:{WORD}@db.example:5433/book"
    store = store_at(url)
    assert isinstance(store, Shared)
    seen = f"{store} {store.lake!r} {store.lake.catalog!r} {shown(store)}"
    assert "s3cret" not in seen
    assert shown(store) == "the shared ledger ducklake:postgres://me@db.example:5433/book"


def test_a_folder_is_a_folder() -> None:
    assert store_at("/some/where") == Path("/some/where")
    with pytest.raises(LedgerUnusable, match=r"not in PostgreSQL, want \"ducklake:postgres://"):
        store_at("ducklake:mysql://h/b")


def test_what_the_converter_is_told_comes_back() -> None:
    lake = Lake(f"ducklake:postgres://me:{WORD}@h/b", "s3://bucket/book", fetches=True)
    assert msgspec.json.decode(msgspec.json.encode(lake), type=Lake) == lake
