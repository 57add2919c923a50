"""The converter's work where the ledger is shared: journals of this host become everybody's rows.

A journal is converted into the shared Parquet, and registered there in one transaction with its
name. Whoever is killed before that has changed nothing, and does it again under the same names;
whoever is killed after it finds the name, and only drops the journal at home. While the catalog or
the storage is away, journals wait.
"""

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from proxy.clock import REAL
from proxy.errors import LedgerUnusable
from proxy.ledger import commits
from proxy.ledger.asking import sentence
from proxy.ledger.folder import JOURNALS, Folder, locked
from proxy.ledger.keep import EVERYTHING, Keep
from proxy.ledger.lake import shelf
from proxy.ledger.lake.address import Lake
from proxy.ledger.lake.session import Session, opened
from proxy.ledger.lake.upkeep import keep_up
from proxy.ledger.leftovers import remove_dropped
from proxy.ledger.lineage import Lineage
from proxy.ledger.parquet import to_parquet
from proxy.ledger.parts import today
from proxy.ledger.room import claim

MOST: Final = 100  # journals in one transaction
_SAME_S: Final = 600.0
APART_S: Final = 1.0  # two transactions of one host: the others want their turn


@dataclass(slots=True)
class Sharer:
    """Hands journals over while its process lives; keeps the catalog open between turns."""

    folder: Folder
    lake: Lake
    keep: Keep = EVERYTHING
    wall_us: Callable[[], int] = REAL.wall_us
    apart_s: float = APART_S
    _session: Session | None = None
    _lineage: Lineage = field(default_factory=Lineage)
    _next_s: float = 0.0
    _kept_up_on: date | None = None
    _told: str | None = None
    _told_until_s: float = 0.0

    def turn(self) -> list[str]:
        """Hand over what is sealed.

        Returns:
            One sentence for each thing that could not be done; the next turn tries again.
        """
        with locked(self.folder.work, waits=True):
            gone = commits.standing(commits.read(self.folder.commits)).dropped_us
            journals = sorted(self.folder.journal.glob(JOURNALS))
            sealed = [one for one in journals if one.name not in gone and is_sealed(one)]
            problems: list[str] = []
            while sealed:
                told, whole = self._hand_over(sealed[:MOST])
                problems += told
                sealed = sealed[MOST:] if whole else []
            problems += remove_dropped(self.folder, gone, self.wall_us())
            return problems or self._kept_up()

    def _kept_up(self) -> list[str]:
        """Merge files and let old days go, once a day; whichever host is the first."""
        day = today(self.wall_us())
        if self._kept_up_on == day:
            return []
        try:
            keep_up(self.session().connection, self.keep, socket.gethostname(), day)
        except (LedgerUnusable, OSError, duckdb.Error) as error:
            return [self._waits(error)]
        self._kept_up_on, self._told = day, None
        return []

    def session(self) -> Session:
        """Return the catalog, opened if it is not.

        Raises:
            LedgerUnusable: That is not possible now.
            duckdb.Error: Likewise.
        """
        if self._session is None:
            self._session, self._lineage = opened(self.folder, self.lake, self.wall_us())
        return self._session

    def let_go(self) -> None:
        """Close the catalog: the next turn begins anew."""
        if self._session is not None:
            self._session.connection.close()
        self._session = None

    def _waits(self, error: Exception) -> str:
        """Begin anew next time, and say why; the same for a while, for a server that comes back.

        It says something else in each round until it is there, and one line is enough.
        """
        self.let_go()
        now_s = time.monotonic()
        if self._told is None or now_s > self._told_until_s:
            self._told, self._told_until_s = waiting(self.lake, error), now_s + _SAME_S
        return self._told

    def _hand_over(self, journals: Sequence[Path]) -> tuple[list[str], bool]:
        """Return what could not be done, and whether going on makes sense."""
        try:
            session = self.session()
            known = session.registered([one.name for one in journals])
            made, problems = self._converted(
                session, [one for one in journals if one.name not in known]
            )
            self._wait_for_a_turn()
            session.register(made, socket.gethostname(), self.wall_us())
        except (LedgerUnusable, OSError, duckdb.Error) as error:
            return [self._waits(error)], False
        self._told = None
        done = tuple(one.name for one in journals if one.name in known or one.name in made)
        if done:
            commits.append(self.folder.commits, commits.Commit(self.wall_us(), drop=done))
        return problems, True

    def _converted(
        self, session: Session, journals: Sequence[Path]
    ) -> tuple[Mapping[str, shelf.Files], list[str]]:
        """Write Parquet for each journal, and return what was written by the journal's name.

        Raises:
            OSError: The storage is away.
            duckdb.IOException: Likewise.
        """
        made: dict[str, shelf.Files] = {}
        problems: list[str] = []
        for journal in journals:
            files = shelf.Files(session.place, session.connection)
            try:
                claim(self.folder, journal.stat().st_size, "convert journals")
                to_parquet(self.folder, journal, self._lineage, files.put)
            except duckdb.IOException:
                raise
            except duckdb.Error as error:
                problems.append(
                    f"{journal} was not converted, and will be tried again: {sentence(error)}"
                )
            else:
                made[journal.name] = files
        return made, problems

    def _wait_for_a_turn(self) -> None:
        now_s = time.monotonic()
        time.sleep(max(0.0, self._next_s - now_s))
        self._next_s = max(self._next_s, now_s) + self.apart_s


def waiting(lake: Lake, error: Exception) -> str:
    """Say that nothing is handed over, and why."""
    why = sentence(error)
    shown = lake.catalog.shown
    why = why if shown in why else f"{shown}: {why}"
    return f"nothing is handed over to the shared ledger; journals wait, none is lost: {why}"


def is_sealed(journal: Path) -> bool:
    """Whether nobody writes to it any more, and so nobody ever will."""
    try:
        with locked(journal) as sealed:
            return sealed
    except FileNotFoundError:
        return False
