"""Whatever is damaged, missing, strange or forbidden: one clear line, the rest stays readable.

And nothing is deleted: each byte that was there is there afterwards, where it was or in quarantine.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from proxy.errors import LedgerUnusable
from proxy.ledger import child, sql
from proxy.ledger.compact import compact
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder, existing, folder_at
from proxy.ledger.line import entry_line
from proxy.ledger.schema import VERSION
from proxy.ledger.verify import problems
from proxy.ledger.views import open_ledger, prepare, recent_requests
from tests.ledger.entries import (
    RECEIVED_US,
    before_the_fence,
    convert_after_the_grace,
    entry,
    journal,
    let_time_pass,
)

HUGE = 40 << 20


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A ledger with requests 1 and 2 in Parquet of their own, and 3 in a journal."""
    folder = folder_at(tmp_path / "ledger")
    prepare(folder.root)
    for number in (1, 2, 3):
        put(folder, number)
        if number < 3:
            convert_sealed(folder, before_the_fence)
    return folder


def put(folder: Folder, number: int) -> None:
    log = journal(folder.root, started_us=RECEIVED_US + number)
    log.write(entry(number))
    log.close()


def first(folder: Folder, names: str) -> Path:
    return min(folder.root.glob(names))


def last_journal(folder: Folder) -> Path:
    return first(folder, f"journal/*-{RECEIVED_US + 3}-*")


def numbers(folder: Folder) -> list[int]:
    return [int(one.request.request_id[-4:], 16) for one in recent_requests(folder.root, last=99)]


def contents(folder: Folder) -> set[str]:
    """Return what there is, wherever it is; but what grows, and what is made anew."""
    changing = {folder.commits, folder.face}
    files = [path for path in folder.root.rglob("*") if path.is_file() and path not in changing]
    return {sha256(path.read_bytes()).hexdigest() for path in files}


def overwrite(path: Path, at: int, what: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(what)


def no_footer(folder: Folder) -> str:
    path = first(folder, "data/requests-a_*")
    path.write_bytes(path.read_bytes()[:-8])
    return f"{path} is damaged and was moved to {folder.quarantine}: "


def damaged_body(folder: Folder) -> str:
    path = first(folder, "data/requests-a_*")
    overwrite(path, 4, b"\x5a" * (path.stat().st_size // 3))
    return f"{path} is damaged and was moved to {folder.quarantine}: "


def empty_parquet(folder: Folder) -> str:
    path = first(folder, "data/requests-a_*")
    path.write_bytes(b"")
    return f"{path} is damaged and was moved to {folder.quarantine}: "


def foreign_parquet(folder: Folder) -> str:
    path = folder.data / "requests-foreign.parquet"
    duckdb.sql(f"COPY (SELECT 1 AS request_id, 'x' AS path) TO {sql.quoted(str(path))}")
    return f"{path} is damaged and was moved to {folder.quarantine}: "


def missing_parquet(folder: Folder) -> str:
    path = first(folder, "data/requests-a_*")
    path.unlink()
    return f"{path} is missing: its rows are in nobody's answers"


def missing_journal(folder: Folder) -> str:
    first(folder, f"journal/*-{RECEIVED_US + 1}-*").unlink()
    return ""  # it was converted: nothing is missing


def missing_data(folder: Folder) -> str:
    shutil.rmtree(folder.data)
    return "the views cannot be asked: IO Error: No files found"


def damaged_commit_in_the_middle(folder: Folder) -> str:
    overwrite(folder.commits, 20, b"\x00\xff\xfe{")
    return f"{folder.commits}: line 1 is damaged, and what it added is not counted"


def damaged_last_commit(folder: Folder) -> str:
    with folder.commits.open("ab") as file:
        file.write(b'{"t":17,"add":["requ')
    return ""  # it was never acknowledged


def binary_commits(folder: Folder) -> str:
    folder.commits.write_bytes(bytes(range(256)) * 40 + b"\n" + folder.commits.read_bytes())
    return f"{folder.commits}: line 1 is damaged, and what it added is not counted"


def commits_with_zeros(folder: Folder) -> str:
    folder.commits.write_bytes(b"\0" * 5000 + b"\n" + folder.commits.read_bytes())
    return f"{folder.commits}: line 1 is damaged, and what it added is not counted"


def commits_of_a_huge_name(folder: Folder) -> str:
    line = b'{"t":1,"add":["requests-' + b"x" * 70_000 + b'"]}\n'
    folder.commits.write_bytes(line + folder.commits.read_bytes())
    return f"{folder.data}/requests-xxx"


def journal_with_zeros(folder: Folder) -> str:
    with last_journal(folder).open("ab") as file:
        file.write(b"\0" * 70_000 + b"\n" + entry_line(entry(4)))
    return f"{last_journal(folder)}: lines whose checksum is wrong: 1"


def journal_of_anything(folder: Folder) -> str:
    with last_journal(folder).open("ab") as file:
        file.write(b"".join(bytes(range(256)) for _ in range(100)) + b"\n" + entry_line(entry(4)))
    return f"{last_journal(folder)}: lines whose checksum is wrong: "


def huge_line(folder: Folder) -> str:
    with last_journal(folder).open("ab") as file:
        file.write(b"x" * HUGE + b"\n" + entry_line(entry(4)))
    return f"{last_journal(folder)}: lines whose checksum is wrong: 1"


def huge_zeros(folder: Folder) -> str:
    with last_journal(folder).open("ab") as file:
        file.truncate(last_journal(folder).stat().st_size + HUGE)
    return "the views cannot be asked: "


def folder_as_journal(folder: Folder) -> str:
    (folder.journal / "x-1-1-000001.jsonl").mkdir()
    return f"{folder.journal}/x-1-1-000001.jsonl cannot be read: Is a directory"


def face_of_garbage(folder: Folder) -> str:
    folder.face.write_bytes(b"garbage" * 1000)
    return f"{folder.face} cannot be opened: "


def no_face(folder: Folder) -> str:
    folder.face.unlink()
    return f"there is no ledger in {folder.root}: the proxy makes it at its start"


def linked_face(folder: Folder) -> str:
    elsewhere = folder.root.parent / "elsewhere.duckdb"
    folder.face.rename(elsewhere)
    folder.face.symlink_to(elsewhere)
    return ""


def linked_data(folder: Folder) -> str:
    elsewhere = folder.root.parent / "elsewhere"
    folder.data.rename(elsewhere)
    folder.data.symlink_to(elsewhere)
    return ""


CASES: list[tuple[Callable[[Folder], str], set[int]]] = [
    (no_footer, {2, 3}),
    (damaged_body, {2, 3}),
    (empty_parquet, {2, 3}),
    (foreign_parquet, {1, 2, 3}),
    (missing_parquet, {2, 3}),
    (missing_journal, {1, 2, 3}),
    (missing_data, {3}),
    (damaged_commit_in_the_middle, {1, 2, 3}),  # its journal is still there, and converted again
    (damaged_last_commit, {1, 2, 3}),
    (binary_commits, {1, 2, 3}),
    (commits_with_zeros, {1, 2, 3}),
    (commits_of_a_huge_name, {1, 2, 3}),
    (journal_with_zeros, {1, 2, 3, 4}),
    (journal_of_anything, {1, 2, 3, 4}),
    (huge_line, {1, 2, 3, 4}),
    (huge_zeros, {1, 2, 3}),
    (folder_as_journal, {1, 2, 3}),
    (face_of_garbage, {1, 2, 3}),
    (no_face, {1, 2, 3}),
    (linked_face, {1, 2, 3}),
    (linked_data, {1, 2, 3}),
]


@pytest.mark.parametrize(
    ("damage", "readable"), CASES, ids=[damage.__name__.replace("_", " ") for damage, _ in CASES]
)
def test_one_line_the_rest_readable_nothing_deleted(
    folder: Folder, damage: Callable[[Folder], str], readable: set[int]
) -> None:
    wanted = damage(folder)
    before, raw = contents(folder), folder.commits.read_bytes()
    told = list(problems(folder.root))
    prepare(folder.root)  # as every start of the proxy and of the converter does
    told += convert_sealed(folder, before_the_fence)
    told += compact(folder, before_the_fence)
    assert set(numbers(folder)) == readable
    assert len(numbers(folder)) == len(readable)
    assert any(line.startswith(wanted) for line in told) if wanted else told == []
    assert [line for line in told if "\n" in line] == []
    assert before <= contents(folder)
    assert folder.commits.read_bytes().startswith(raw)


def only_parquet(folder: Folder) -> None:
    """Let the journals go: all is in Parquet that is committed."""
    convert_sealed(folder, before_the_fence)
    convert_after_the_grace(folder)


@pytest.mark.parametrize("is_empty", [False, True], ids=["missing", "empty"])
def test_without_commits_nothing_is_overwritten(folder: Folder, *, is_empty: bool) -> None:
    only_parquet(folder)
    folder.commits.unlink()
    if is_empty:
        folder.commits.touch()
    before = contents(folder)
    wanted = f"{folder.commits} is missing or empty, and without it nobody knows which of 6 Parquet"
    for action in (prepare, existing, open_ledger, journal):
        with pytest.raises(LedgerUnusable) as caught:
            action(folder.root)
        assert str(caught.value).startswith(wanted)
    assert contents(folder) == before
    asked = str(caught.value).partition("ask them as ")[2]
    assert duckdb.sql(f"SELECT count(DISTINCT request_id) {asked}").fetchall() == [(3,)]


def test_a_face_that_is_a_folder(folder: Folder) -> None:
    folder.face.unlink()
    folder.face.mkdir()
    with pytest.raises(LedgerUnusable, match=rf"\(Is a directory: {folder.face}\)"):
        prepare(folder.root)
    with pytest.raises(LedgerUnusable, match="cannot be opened"):
        open_ledger(folder.root)


def test_parquet_of_a_later_version_without_a_face(folder: Folder) -> None:
    only_parquet(folder)
    path = folder.data / "losses-later.parquet"
    duckdb.sql(
        f"COPY (SELECT 1 AS x) TO {sql.quoted(str(path))} "
        f"(FORMAT parquet, KV_METADATA {{{sql.SCHEMA_KEY}: '{VERSION + 1}'}})"
    )
    folder.face.unlink()
    with pytest.raises(LedgerUnusable, match="of a later version of pointsman"):
        prepare(folder.root)


def test_a_disk_that_fails_is_told_and_tried_again(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = last_journal(folder), Path.open

    def fails(self: Path, *arguments: str, **named: str) -> object:
        if self == path:
            raise OSError(5, "Input/output error", str(self))
        return real(self, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", fails)
        (told,) = convert_sealed(folder, before_the_fence)
    assert told.startswith(f"{path} was not converted, and will be tried again: ")
    assert numbers(folder) == [1, 2, 3]
    assert convert_sealed(folder, before_the_fence) == []
    assert numbers(folder) == [1, 2, 3]


def test_two_proxies_in_one_folder(folder: Folder) -> None:
    logs = [journal(folder.root, started_us=RECEIVED_US + 10 + which) for which in (0, 1)]
    converters = [child.spawn(folder.root) for _ in logs]
    for number in range(10, 30):
        logs[number % 2].write(entry(number))
    for log, one in zip(logs, converters, strict=True):
        log.close()
        child.stop(one)
    assert [one.returncode for one in converters] == [0, 0]
    assert numbers(folder) == [1, 2, 3, *range(10, 30)]
    let_time_pass(folder.root)
    assert numbers(folder) == [1, 2, 3, *range(10, 30)]
    assert list(problems(folder.root)) == []


def read_only(folder: Folder, code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program for which the ledger is on a disk that cannot be written; root can all else."""
    root = str(folder.root)
    mounts = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "true"], check=False).returncode:  # noqa: S603  # ours
        pytest.skip("this system lets nobody mount something for themselves")
    command = [unshare, "-rm", "sh", "-c", mounts, "sh", root, sys.executable, "-c", code, *words]
    return subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  # ours


VERB = "import sys\nfrom proxy.__main__ import main\nsys.argv[0] = 'pointsman'\nmain()"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("sql", "--csv", "SELECT count(*) AS n FROM requests"), "n\n3\n", id="sql"),
        pytest.param(("ledger", "verify"), "nothing is wrong with the ledger in ", id="verify"),
        pytest.param(("ledger", "stats", "--json"), '{"folder":"', id="stats"),
        pytest.param(("ledger", "path"), "/", id="path"),
    ],
)
def test_a_folder_that_cannot_be_written_can_be_read(
    folder: Folder, words: tuple[str, ...], told: str
) -> None:
    ran = read_only(folder, VERB, *words, "--ledger", str(folder.root))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.replace("\r", "").startswith(told)


CONVERTER = "import sys\nfrom proxy.ledger.converter import main\nsys.exit(main(sys.argv[1:]))"
JOURNAL = """
import sys
from pathlib import Path
from proxy.errors import LedgerUnusable
from tests.ledger.entries import journal
try:
    journal(Path(sys.argv[1]))
except LedgerUnusable as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize(
    ("code", "words", "returncode"),
    [
        pytest.param(VERB, ("ledger", "compact", "--ledger"), 2, id="compact"),
        pytest.param(VERB, ("ledger", "prune", "--keep-days", "1", "--ledger"), 2, id="prune"),
        pytest.param(VERB, ("ledger", "synth", "--ledger"), 2, id="synth"),
        pytest.param(CONVERTER, ("--once",), 2, id="the converter"),
        pytest.param(JOURNAL, (), 1, id="the proxy's journal"),
    ],
)
def test_a_folder_that_cannot_be_written_is_told_in_a_line(
    folder: Folder, code: str, words: tuple[str, ...], returncode: int
) -> None:
    before = contents(folder)
    ran = read_only(folder, code, *words, str(folder.root))
    assert ran.returncode == returncode
    (line,) = ran.stderr.splitlines()
    assert f"the ledger in {folder.root} cannot be written (Read-only file system: " in line
    assert contents(folder) == before


def test_a_folder_that_others_own(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    (tmp_path / "theirs").mkdir(mode=0o500)
    with pytest.raises(LedgerUnusable, match="Permission denied"):
        prepare(tmp_path / "theirs")
