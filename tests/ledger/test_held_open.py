"""A notebook that holds `ledger.duckdb` open for as long as it likes delays nothing.

Nothing is timed: a writer that waited for the reader would wait for ever, for the reader does
nothing until the writer is done. And the system is asked which locks there are.
"""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from proxy.ledger.compact import compact
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder, folder_at
from proxy.ledger.keep import Keep
from proxy.ledger.prune import prune
from proxy.ledger.verify import problems
from proxy.ledger.views import prepare
from tests.ledger.entries import before_the_fence, convert_after_the_grace, entry, journal
from tests.ledger.test_kill import running

pytestmark = pytest.mark.skipif(
    not Path("/proc/locks").exists(), reason="this system does not tell who holds which lock"
)

WAITS_AT_MOST_S = 60  # instead of for ever, if it fails
ROWS = 6000  # more than DuckDB fetches at once

NOTEBOOK = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
for statement in sys.argv[2:]:
    connection.execute(statement)
print(connection.fetchone() is not None, flush=True)
sys.stdin.readline()
print(connection.fetchone() is not None, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    prepare(tmp_path)
    folder = folder_at(tmp_path)
    write(folder, range(ROWS), 1)
    convert_sealed(folder, before_the_fence)
    return folder


def write(folder: Folder, numbers: range, started_us: int) -> None:
    log = journal(folder.root, started_us=started_us)
    for number in numbers:
        log.write(entry(number))
    log.close()


def locks(folder: Folder) -> set[str]:
    """Return the kinds of locks that anybody holds on a file of the ledger, and whose they are."""
    inodes = {path.stat().st_ino: path.name for path in folder.root.rglob("*")}
    found = re.findall(
        r"^\d+: (?:-> )?(\w+) +\w+ +(\w+) .*:(\d+) ", Path("/proc/locks").read_text(), re.MULTILINE
    )
    return {
        f"{inodes[int(inode)]}: {kind} {access}"
        for kind, access, inode in found
        if int(inode) in inodes
    }


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    def waited(*_: object) -> None:
        pytest.fail("somebody waited for the reader")

    before = signal.signal(signal.SIGALRM, waited)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def everything_goes_on(folder: Folder) -> None:
    """Write, convert, compact, make the views anew, prune, and remove what was dropped."""
    write(folder, range(ROWS, ROWS + 100), 2)
    write(folder, range(ROWS + 100, ROWS + 200), 3)
    assert convert_sealed(folder, before_the_fence) == []
    assert compact(folder, before_the_fence) == []
    prepare(folder.root)
    assert prune(folder, Keep(days=1), before_the_fence).problems == ()
    assert convert_after_the_grace(folder) == []


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(["SELECT count(*) FROM requests"], id="after a query"),
        pytest.param(["BEGIN", "SELECT count(*) FROM requests"], id="in a transaction"),
        pytest.param(["FROM attempts"], id="with a result fetched in part"),
        pytest.param(
            ["BEGIN", "FROM requests"], id="in a transaction, with a result fetched in part"
        ),
    ],
)
def test_nobody_waits_for_a_reader(folder: Folder, statements: list[str]) -> None:
    with (
        running("-c", NOTEBOOK, str(folder.face), *statements) as notebook,
        at_most(WAITS_AT_MOST_S),
    ):
        assert notebook.stdin is not None
        assert notebook.stdout is not None
        assert notebook.stdout.readline() == b"True\n"
        assert locks(folder) == {"ledger.duckdb: POSIX READ"}  # nothing that writes opens that one
        everything_goes_on(folder)
        assert os.waitpid(notebook.pid, os.WNOHANG) == (0, 0)  # it is still there
        assert list(problems(folder.root)) == []


def test_a_result_fetched_in_part_is_fetched_on(folder: Folder) -> None:
    with (
        running("-c", NOTEBOOK, str(folder.face), "FROM attempts") as notebook,
        at_most(WAITS_AT_MOST_S),
    ):
        assert notebook.stdin is not None
        assert notebook.stdout is not None
        assert notebook.stdout.readline() == b"True\n"
        everything_goes_on(folder)  # files it has opened stay readable, though they are removed
        notebook.stdin.write(b"\n")
        notebook.stdin.flush()
        assert notebook.stdout.readline() == b"True\n"
