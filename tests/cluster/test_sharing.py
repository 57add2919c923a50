"""Journals of several hosts become one ledger's rows, each of them once."""

from pathlib import Path

from proxy.ledger.folder import folder_at
from proxy.ledger.lake.address import Lake, Shared
from proxy.ledger.lake.sharing import Sharer
from proxy.ledger.views import prepare, recent_requests
from tests.ledger.entries import entry, journal


def host(root: Path, lake: Lake) -> Sharer:
    """Return the converter of a host whose ledger is in `root`."""
    prepare(root, is_shared=True)
    return Sharer(folder_at(root), lake, apart_s=0.0)


def test_a_row_is_everybodys_once_its_journal_was_handed_over(tmp_path: Path, lake: Lake) -> None:
    one, other = host(tmp_path / "one", lake), host(tmp_path / "other", lake)
    log = journal(tmp_path / "one")
    log.write(entry(1))
    log.write(entry(2, attempts=0))
    assert one.turn() == []
    here, there = Shared(lake, tmp_path / "one"), Shared(lake, tmp_path / "other")
    assert recent_requests(here, 9) == [entry(1), entry(2, attempts=0)]
    assert recent_requests(there, 9) == []
    log.close()
    assert one.turn() == []
    assert recent_requests(here, 9) == [entry(1), entry(2, attempts=0)]
    assert recent_requests(there, 9) == [entry(1), entry(2, attempts=0)]
    assert other.turn() == []
    assert recent_requests(Shared(lake), 9) == [entry(1), entry(2, attempts=0)]
