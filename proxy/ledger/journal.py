"""What a worker writes: one line when a request begins, one with everything when it has ended.

Each line is one `write`, made where the request is served: it is safe from the death of the
process before the client sees its last byte. No failure here reaches a request. What cannot be
written goes into the space of the ballast, then waits in memory, and is counted where even that is
used up: see `docs/decisions/0020-a-full-disk.md`.
"""

from pathlib import Path
from typing import Final

import msgspec

from proxy.clock import REAL, World
from proxy.errors import LedgerUnusable
from proxy.ledger.ballast import Ballast
from proxy.ledger.condition import Condition
from proxy.ledger.folder import NO_SPACE, folder_at, make, unusable
from proxy.ledger.line import (
    Opened,
    Writer,
    entry_line,
    event_line,
    is_entry,
    open_line,
    writer_line,
)
from proxy.ledger.live_file import LiveFile
from proxy.ledger.sync import SYNC_EVERY_S, Syncer, durable
from proxy.ledger.trouble import NOT_KEPT, REFUSED, Say, Trouble, words
from proxy.ledger.waiting import Waiting
from proxy.ledger.writing import EVERYDAY, MIB, Writing
from proxy.record import Entry, EventRow

_UNSPEAKABLE: Final = (ValueError, TypeError, OverflowError, msgspec.MsgspecError)
_AT_ONCE_BYTES: Final = 256 << 10  # of what waited: a write of more is felt by who is served
_NEVER: Final = 1 << 62


class Journal:
    """The journal of one worker process; not to be shared between threads.

    `dropped` counts the exchanges that are not in the ledger, `refused` the requests that were
    not served for it. `ballast` may be restored in any thread.
    """

    def __init__(
        self,
        root: Path,
        writer: Writer,
        writing: Writing = EVERYDAY,
        world: World = REAL,
        say: Say | None = None,
    ) -> None:
        """Begin the first file.

        Raises:
            LedgerUnusable: That is not possible.
        """
        self.dropped = 0
        self.refused = 0
        self._error: str | None = None
        self._folder = folder_at(root)
        self._writer = writer
        self._writing = writing
        self._world = world
        self._closed = False
        self._told: str | None = None  # of what the sync met
        self._in_flight: dict[str, bytes] = {}
        self._number = 0
        self._lost: OSError | LedgerUnusable | None = None  # why there is no file to write into
        self._waiting = Waiting(writing.buffer_mib * MIB)
        self._trouble = Trouble(self._folder.root, writing, say)
        make(self._folder)
        self.ballast = Ballast(self._folder.ballast, writing.ballast_mib * MIB)
        self.ballast.restore()
        try:
            self._begin_file()
        except OSError as error:
            raise unusable(self._folder, error) from error
        every_s = 0.0 if self.holds_ends else SYNC_EVERY_S
        self._sync = Syncer(self._folder.journal, self._file.fd, every_s)

    @property
    def condition(self) -> Condition:
        """How writing goes."""
        return Condition(
            dropped=self.dropped,
            refused=self.refused,
            waiting=self._waiting.rows,
            waiting_bytes=self._waiting.bytes,
            ballast_bytes=self.ballast.bytes,
            ballast_of_bytes=self.ballast.full_bytes,
            hindered_since_us=self._trouble.since_us,
            last_error=self.last_error,
        )

    @property
    def last_error(self) -> str | None:
        """Why the last thing that failed did; `None` if nothing has."""
        return self._error or self._sync.last_error

    @property
    def needs_room(self) -> bool:
        """Whether somebody should look for room on the disk."""
        return self._trouble.since_us is not None or not self.ballast.is_whole

    @property
    def holds_ends(self) -> bool:
        """Whether an answer ends only when its rows are durable."""
        return self._writing.sync == "always"

    def refusal(self) -> str | None:
        """Return why no request may be served, and count it as one that was not; mostly `None`."""
        if not self._waiting.lines or self._writing.on_full != "refuse":
            return None
        if not self._waiting.is_full and not self.holds_ends:  # memory alone keeps no promise
            return None
        self.refused += 1
        why = self._error or "its rows have no place"
        self._trouble.deeper("over", why, self._world.wall_us())
        return REFUSED.format(why=why)

    async def kept(self, *, is_written: bool) -> str | None:
        """Wait until what is written is durable, and return why its answer may not end, if so.

        Where requests are served without rows, answers end without durable ones as well.
        """
        is_durable = is_written and not self._closed and await durable(self._sync)
        return None if is_durable or self._writing.on_full == "serve" else NOT_KEPT

    def opened(self, request_id: str, received_us: int, path: str) -> None:
        """Note that a request has begun, so that it is known of even if this process dies."""
        try:
            line = open_line(Opened(request_id, received_us, path))
        except _UNSPEAKABLE as error:
            self._error = str(error)
            return
        self._in_flight[request_id] = line
        self._put(line, is_row=False)

    def write(self, entry: Entry) -> bool:
        """Write all rows of an exchange that has ended; `False` if they are in no file yet."""
        self._in_flight.pop(entry.request.request_id, None)
        try:
            line = entry_line(entry)
        except _UNSPEAKABLE as error:
            self.dropped += 1
            self._error = str(error)
            return False
        return self._take(line, is_row=True)

    def happened(self, rows: tuple[EventRow, ...]) -> None:
        """Write what no exchange has caused."""
        try:
            line = event_line(rows)
        except _UNSPEAKABLE as error:
            self._error = str(error)
            return
        self._take(line, is_row=False)

    def _take(self, line: bytes, *, is_row: bool) -> bool:
        is_written = self._put(line, is_row=is_row)
        self._is_new = False
        if self._file.bytes >= self._full_bytes or self._world.tick_us() >= self._old_us:
            self._rotate()
        return is_written

    def tend(self) -> bool:
        """Look after what waits, every second or so; `True` if there is more to do at once."""
        if self._sync.last_error != self._told:
            self._told = self._sync.last_error
            self._trouble.say(f"ledger: rows may not outlive a loss of power: {self._told}")
        if self._lost is None and not self._file.is_there():
            self._lose_file()
        if self._lost is not None:
            self._find_file()
        if self._lost is not None:
            return False
        if not self._is_new and self._world.tick_us() >= self._old_us:
            self._rotate()  # others may wait for its rows, and no more may come to end it
        return bool(self._waiting) and self._flush()

    def has_room(self) -> None:
        """Note that the disk has room, as `Ballast.restore` found."""
        if self._trouble.since_us is not None and not self._waiting and self._lost is None:
            self._trouble.over(self.dropped)
            if not self.dropped:
                self._error = None

    def close(self) -> None:
        """Make everything durable and let the file go; what is written later is dropped."""
        while not self._closed and self.tend():
            pass
        self._closed = True
        if self._waiting.rows:
            self.dropped += self._waiting.rows
            self._trouble.say(f"ledger: {self._waiting.rows} requests have no row: {self._error}")
        self._waiting = Waiting(0)
        self._lost = LedgerUnusable("the ledger is closed")
        self._file.let_go()
        self._full_bytes, self._old_us = _NEVER, _NEVER
        self._sync.close()

    def _put(self, line: bytes, *, is_row: bool) -> bool:
        if not self._waiting.lines:  # or it would come before what waits
            try:
                self._append(line)
            except OSError as error:
                self._note(self._lost or error)
            else:
                return True
        if not self._waiting.add(line, is_row=is_row):
            self.dropped += is_row
            if self._error is not None:
                self._trouble.deeper("over", self._error, self._world.wall_us())
        return False

    def _note(self, error: OSError | LedgerUnusable) -> None:
        self._error = words(error)
        self._trouble.deeper("memory", self._error, self._world.wall_us())

    def _append(self, line: bytes) -> None:
        while True:
            try:
                self._file.append(line)
                break
            except OSError as error:
                if not self._gave_up_ballast(error, len(line)):
                    raise
        self._sync.written()

    def _gave_up_ballast(self, error: OSError, wanted_bytes: int) -> bool:
        """Make room for so much, if room is what was missing."""
        if error.errno not in NO_SPACE or not self.ballast.give(wanted_bytes):
            return False
        self._error = words(error)
        self._trouble.deeper("ballast", self._error, self._world.wall_us())
        return True

    def _flush(self) -> bool:
        """Write some of what waits, and say whether there is more that can be written."""
        for at_once in (_AT_ONCE_BYTES, 0):  # the first line may find room where many do not
            lines = self._waiting.first(at_once)
            try:
                self._append(b"".join(lines))
            except OSError as error:
                self._error = words(error)
            else:
                self._waiting.leave(len(lines))
                return bool(self._waiting)
        return False

    def _lose_file(self) -> None:
        """Stop writing into a file that nobody finds again; of one removed, save what is new."""
        lines = self._file.unseen()
        self._file.let_go()
        self._lost = OSError(0, "its journal was removed")
        self._note(self._lost)
        for line in lines:
            if not self._waiting.add(line, is_row=is_entry(line)):
                self.dropped += is_entry(line)

    def _find_file(self) -> None:
        if not self._folder.root.is_dir():  # a disk that is away is not to be written under
            self._lost, self._error = LedgerUnusable("its folder is gone"), "its folder is gone"
            return
        try:
            make(self._folder)
            self._begin_file()
        except (OSError, LedgerUnusable) as error:
            self._lost, self._error = error, words(error)
            return
        self._lost = None
        self._sync.replace(self._file.fd)

    def _begin_file(self) -> None:
        name = f"{self._writer.stem(self._number)}.jsonl"
        head = writer_line(self._writer) + b"".join(self._in_flight.values())
        while True:
            try:
                self._file = LiveFile(self._folder.journal / name, head)
                break
            except OSError as error:
                if not self._gave_up_ballast(error, len(head)):
                    raise
        self._number += 1
        self._is_new = True  # no row is in it yet
        rotation = self._writing.rotation
        self._full_bytes = len(head) + rotation.max_bytes
        self._old_us = self._world.tick_us() + round(rotation.max_age_s * 1e6)

    def _rotate(self) -> None:
        if self._waiting:  # ends of what began in this file: in the next one they would be astray
            return
        try:
            self._begin_file()
        except OSError as error:
            if self._full_bytes != _NEVER:  # not at each further try
                self._trouble.say(f"ledger: no other journal can be begun ({words(error)})")
            self._error = words(error)
            self._full_bytes = _NEVER  # the file at hand must do for a while
            self._old_us = self._world.tick_us() + round(self._writing.rotation.try_again_s * 1e6)
            return
        self._sync.replace(self._file.fd)
