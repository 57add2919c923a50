"""Stores bodies in a thread of its own: who serves requests hands over bytes, and never waits.

Nothing here reaches a request. What cannot be stored, or would need more memory than there is for
it, is not, and is counted.
"""

import os
import queue
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from proxy.clock import REAL, World
from proxy.ledger.bodies.segment import Segment
from proxy.ledger.folder import folder_at
from proxy.ledger.line import Writer
from proxy.ledger.storing import Storing
from proxy.ledger.trouble import words
from proxy.ledger.writing import MIB, Rotation
from proxy.record import Entry
from proxy.record.bodies import Kept, are_wanted, bodies
from proxy.record.secrets import as_bytes, without_secrets

MAX_WAITING_BYTES: Final = 64 * MIB
LEAST_FREE_BYTES: Final = 256 * MIB  # on the disk: what is left is for rows
_LOOK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Handed:
    request_id: str
    kept: Kept = field(repr=False)


class BodyWriter:
    """The bodies of one worker process; `dropped` exchanges have none though they should."""

    def __init__(
        self,
        root: Path,
        writer: Writer,
        storing: Storing,
        secret: bytes,
        world: World = REAL,
        rotation: Rotation = Rotation(),  # noqa: B008  # frozen
    ) -> None:
        self.dropped = 0
        self.last_error: str | None = None
        self._folder = folder_at(root)
        self._writer = writer
        self._storing = storing
        self._secret = secret
        self._world = world
        self._rotation = rotation
        self._secrets: tuple[bytes, ...] = ()
        self._segment: Segment | None = None
        self._old_us = 0
        self._number = 0
        self._waiting_bytes = 0
        self._turn = threading.Lock()  # of the two counters that both threads change
        self._handed: queue.SimpleQueue[_Handed | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ledger-bodies", daemon=True)
        self._thread.start()

    def strike(self, secrets: Iterable[str]) -> None:
        """Strike these out from here on, and the ones before as well."""
        known = [secret.decode() for secret in self._secrets]
        self._secrets = as_bytes([*known, *secrets])

    def begin(self) -> Kept:
        """Return where the bodies of an exchange are to be put."""
        return Kept(self._storing.max_bytes)

    def offer(self, entry: Entry, kept: Kept) -> None:
        """Take the bodies of an exchange that has ended, if they are wanted."""
        if not are_wanted(self._storing.level, entry):
            return
        size = kept.held_bytes
        with self._turn:
            if self._waiting_bytes + size > MAX_WAITING_BYTES:
                self.dropped += 1
                self.last_error = "bodies came faster than they could be stored"
                return
            self._waiting_bytes += size
        self._handed.put(_Handed(entry.request.request_id, kept))

    def close(self) -> None:
        """Store what was handed over, and end."""
        self._handed.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                handed = self._handed.get(timeout=_LOOK_S)
            except queue.Empty:
                self._rotate_if_old()
                continue
            if handed is None:
                break
            self._take(handed)
        self._end_segment()

    def _take(self, handed: _Handed) -> None:
        try:
            self._store(handed)
        except Exception as error:  # noqa: BLE001  # a defect may cost bodies, and is told
            with self._turn:
                self.dropped += 1
            self.last_error = words(error)
            self._end_segment()
        finally:
            with self._turn:
                self._waiting_bytes -= handed.kept.held_bytes

    def _store(self, handed: _Handed) -> None:
        found = os.statvfs(self._folder.root)
        if found.f_bavail * found.f_frsize < LEAST_FREE_BYTES:
            raise OSError(f"less than {LEAST_FREE_BYTES // MIB} MiB are free on the disk")
        self._rotate_if_old()
        strike = partial(without_secrets, secrets=self._secrets)
        now_us = self._world.wall_us()
        for body in bodies(handed.kept, strike):
            if self._segment is None:
                self._begin_segment()
            if self._segment is not None:
                self._segment.add(handed.request_id, body, now_us)

    def _begin_segment(self) -> None:
        self._segment = Segment(self._folder, self._writer.stem(self._number), self._secret)
        self._number += 1
        self._old_us = self._world.tick_us() + round(self._rotation.max_age_s * 1e6)

    def _rotate_if_old(self) -> None:
        segment = self._segment
        if segment is None:
            return
        is_old = self._world.tick_us() >= self._old_us
        if is_old or segment.written_bytes >= self._rotation.max_bytes:
            self._end_segment()

    def _end_segment(self) -> None:
        segment, self._segment = self._segment, None
        if segment is None:
            return
        try:
            segment.close()
        except OSError as error:
            self.last_error = words(error)
