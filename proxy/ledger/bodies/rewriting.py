"""Takes the bodies of some requests out of a segment that nobody writes any more.

What stays is written again, as it was, into another file of frames; the new index then takes the
place of the old one. A reader has the one or the other, and whoever is killed before has changed
nothing. Frames cannot stay: what they hold is told only with the help of those that go.
"""

import os
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from proxy.errors import LedgerRefused
from proxy.ledger import commits
from proxy.ledger.bodies.reading import Shelf, shelves
from proxy.ledger.bodies.segment import Segment
from proxy.ledger.bodies.upkeep import remove, remove_astray
from proxy.ledger.folder import JOURNALS, Folder, locked, sync_folder
from proxy.record.bodies import Body


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it.

    Attributes:
        bodies: How many were taken out.
        waiting: Requests with bodies in a segment that is still being written.
        problems: A sentence for each body that was damaged, and is gone as well.
    """

    bodies: int = 0
    waiting: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()


def take_out(folder: Folder, ids: AbstractSet[str], *, only_say: bool = False) -> Taken:
    """Take out all bodies of the requests `ids`; for the holder of `work`.

    Raises:
        OSError: A segment cannot be read or written; doing it again is safe.
    """
    bodies, waiting, problems = 0, set[str](), list[str]()
    for shelf in shelves(folder):
        theirs = [row.request_id for row in shelf.rows if row.request_id in ids]
        bodies += len(theirs)
        if only_say or not theirs:
            continue
        if len(theirs) == len(shelf.rows) and remove(shelf.index):
            continue
        with locked(shelf.index) as sealed:
            if sealed:
                problems += _rewrite(folder, shelf, ids)
            else:
                waiting |= set(theirs)
    return Taken(bodies, frozenset(waiting), tuple(problems))


@dataclass(slots=True)
class Later:
    """Takes out what was to be forgotten while a segment was written, once nobody writes it."""

    folder: Folder
    _seen: tuple[int, tuple[str, ...]] | None = None

    def turn(self) -> list[str]:
        """Do it where there is something new to look at; return problems."""
        with locked(self.folder.work, waits=True):
            gone = commits.forgotten(commits.read(self.folder.commits))
            if not gone:
                return []
            state = (len(gone), tuple(_sealed(self.folder)))
            if state == self._seen:
                return []
            try:
                problems = take_out(self.folder, gone).problems
            except OSError as error:
                return [f"bodies that were to be forgotten are still there: {error}"]
            self._seen = state
            return list(problems)


def _sealed(folder: Folder) -> Iterator[str]:
    for index in sorted(folder.bodies.glob(JOURNALS)):
        with locked(index) as sealed:
            if sealed:
                yield index.name


def _rewrite(folder: Folder, shelf: Shelf, ids: AbstractSet[str]) -> list[str]:
    """Write again what stays; return what could not be, for it was damaged."""
    remove_astray(folder)  # of somebody who was killed in the middle of this
    last = shelf.index.stat()
    segment = Segment(folder, shelf.index.stem, b"", _generation(shelf) + 1)
    problems = []
    try:
        for row in shelf.rows:
            if row.request_id in ids:
                continue
            try:
                content = shelf.content(row.hash)
            except LedgerRefused as error:
                problems.append(str(error))
                continue
            body = Body(row.which, row.attempt_no, row.bytes, row.cut_bytes, content)
            segment.add(row.request_id, body, row.stored_us, row.hash)
    finally:
        segment.close()
    os.utime(segment.index, ns=(last.st_atime_ns, last.st_mtime_ns))  # it is as old as it was
    segment.index.rename(shelf.index)
    sync_folder(folder.bodies)
    remove_astray(folder)
    return problems


def _generation(shelf: Shelf) -> int:
    return 0 if shelf.frames is None else int(Path(shelf.frames.stem).suffix[1:])
