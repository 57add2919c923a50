"""Where the parts of a ledger lie on disk.

    ledger.duckdb       the views; written whole, never opened by the proxy afterwards
    journal/            <host>-<pid>-<start>-<n>.jsonl, each with one writer for all its life
    data/               <table>-<journal>.parquet, never changed once its commit is there
                        <table>-<day>.<n>.parquet, all of a day that is over (UTC)
    bodies/             <host>-<pid>-<start>-<n>.jsonl and its frames, where bodies are stored
    quarantine/         journals in which a line was damaged, as they were found
    commits.jsonl       what was added and dropped: the only place where that is decided
    converter.lock      held by the one converter
    work.lock           held while files are made, dropped or removed
    ballast             room that is kept for a disk without any

Placeholders without rows keep every glob from coming up empty, which DuckDB calls an error.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from proxy import lock
from proxy.errors import LedgerUnusable

PLACEHOLDER: Final = "0"  # the stem of a file without rows; no journal is called that
NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
JOURNALS: Final = "*-[0-9][0-9][0-9][0-9][0-9][0-9].jsonl"  # matches all but the placeholder


@dataclass(frozen=True, slots=True)
class Folder:
    """The paths of one ledger; `root` is absolute."""

    root: Path

    @property
    def face(self) -> Path:
        """The database that readers open."""
        return self.root / "ledger.duckdb"

    @property
    def journal(self) -> Path:
        return self.root / "journal"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def bodies(self) -> Path:
        return self.root / "bodies"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def commits(self) -> Path:
        return self.root / "commits.jsonl"

    @property
    def lock(self) -> Path:
        return self.root / "converter.lock"

    @property
    def work(self) -> Path:
        return self.root / "work.lock"

    @property
    def ballast(self) -> Path:
        return self.root / "ballast"

    @property
    def empty_segment(self) -> Path:
        return self.bodies / f"{PLACEHOLDER}.jsonl"

    @property
    def empty_journal(self) -> Path:
        return self.journal / f"{PLACEHOLDER}.jsonl"

    def parquet(self, table: str, stem: str) -> Path:
        """Return where the rows of `table` from the journal called `stem` lie."""
        return self.data / f"{table}-{stem}.parquet"


def folder_at(root: Path) -> Folder:
    """Return the paths of the ledger in `root`, which need not exist."""
    return Folder(root.expanduser().absolute())


def existing(root: Path) -> Folder:
    """Return the paths of the ledger that is in `root`.

    Raises:
        LedgerUnusable: There is none.
    """
    folder = folder_at(root)
    refuse_without_commits(folder)
    if not folder.commits.exists():
        raise LedgerUnusable(f"there is no ledger in {root}: the proxy makes it at its start")
    return folder


def refuse_without_commits(folder: Folder) -> None:
    """Refuse Parquet without the file that says which of it counts: to go on would overwrite some.

    What a conversion has left half done is none of that: its journal is still there.

    Raises:
        LedgerUnusable: That file is gone, or empty.
    """
    if folder.commits.exists() and folder.commits.stat().st_size:
        return
    stems = [path.stem.partition("-")[2] for path in folder.data.glob("*-*.parquet")]
    journals = {path.stem for path in folder.journal.glob(JOURNALS)}
    count = sum(stem not in journals and stem != PLACEHOLDER for stem in stems)
    if count:
        raise LedgerUnusable(
            f"{folder.commits} is missing or empty, and without it nobody knows which of {count} "
            "Parquet files count: put it back from a copy, or set another folder; "
            f"until then, ask them as FROM read_parquet('{folder.data}/requests-*.parquet')"
        )


def make(folder: Folder) -> None:
    """Make what a writer needs, and make sure that it can write.

    Raises:
        LedgerUnusable: It cannot; the message is one sentence for a person.
    """
    refuse_without_commits(folder)
    try:
        folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in (folder.journal, folder.data, folder.bodies, folder.quarantine):
            part.mkdir(mode=0o700, exist_ok=True)
            _try_writing(part)
        _try_writing(folder.root)
        for file in _files(folder):
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise unusable(folder, error) from error


def _files(folder: Folder) -> tuple[Path, ...]:
    empty = (folder.empty_journal, folder.empty_segment)
    return (folder.commits, *empty, folder.lock, folder.work)


def unusable(folder: Folder, error: OSError) -> LedgerUnusable:
    """Say what is the matter with the ledger's folder, and what can be done."""
    where = error.filename2 or error.filename or folder.root
    remedy = (
        "make room on its disk" if error.errno in NO_SPACE else "give this user write access there"
    )
    return LedgerUnusable(
        f"the ledger in {folder.root} cannot be written ({error.strerror}: {where}): "
        f"{remedy}, or set another folder"
    )


def _try_writing(part: Path) -> None:
    probe = part / f".probe-{os.getpid()}"
    os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    probe.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable, not only what the files hold."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def locked(path: Path, *, waits: bool = False) -> Iterator[bool]:
    """Hold the lock of a file; `False` if someone else does and this does not wait."""
    with lock.locked(os.open(path, os.O_RDWR | os.O_CLOEXEC), waits=waits) as is_ours:
        yield is_ours
