"""The process that turns journals into Parquet: one for a ledger, whoever starts it.

    python -m proxy.ledger.converter FOLDER [--once | --child] [--interval-s 5]
        [--keep-days N] [--keep-mib N] [--keep-bodies-days N] [--keep-bodies-mib N] [--shared]

With --shared, the first line of standard input says where the ledger of all hosts is: a password
does not stand among arguments, where anybody can read it.

It may be killed at any point: a journal counts as converted when its commit is there, and what was
half done is done again.
"""

import argparse
import os
import select
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import msgspec

from proxy.clock import REAL
from proxy.errors import LedgerUnusable
from proxy.ledger import commits
from proxy.ledger.asking import sentence
from proxy.ledger.bodies.rewriting import Later
from proxy.ledger.bodies.upkeep import tend
from proxy.ledger.compact import compact
from proxy.ledger.folder import JOURNALS, Folder, folder_at, locked, make
from proxy.ledger.keep import BODIES_DAYS, BODIES_MIB, Keep
from proxy.ledger.lake.address import Lake
from proxy.ledger.lake.sharing import Sharer
from proxy.ledger.leftovers import remove_dropped
from proxy.ledger.lineage import Lineage, remembered
from proxy.ledger.parquet import to_parquet
from proxy.ledger.parts import today
from proxy.ledger.prune import prune
from proxy.ledger.room import NoRoom, claim
from proxy.ledger.tidy import tidied
from proxy.ledger.views import prepare


def convert_sealed(
    folder: Folder, wall_us: Callable[[], int] = REAL.wall_us, lineage: Lineage | None = None
) -> list[str]:
    """Convert every journal whose writer is done with it, and remove what was dropped long ago.

    Args:
        folder: Of the ledger.
        wall_us: The clock.
        lineage: Of the prompts so far; without one it is read from what was converted.

    Returns:
        One sentence for each file with which that failed; the next call tries again.
    """
    if lineage is None:
        lineage = _remembered(folder, wall_us())
    with locked(folder.work, waits=True):
        try:
            dropped_us = commits.standing(tidied(folder, wall_us())).dropped_us
        except OSError as error:
            return [f"{folder.commits} cannot be read or put right, and nothing is done: {error}"]
        problems = []
        for journal in sorted(folder.journal.glob(JOURNALS)):
            try:
                if journal.name not in dropped_us:
                    _convert(folder, journal, wall_us, lineage)
            except NoRoom as error:
                problems.append(f"{error}: they are read where they are")
            except (OSError, duckdb.Error) as error:
                problems.append(
                    f"{journal} was not converted, and will be tried again: {sentence(error)}"
                )
        return problems + remove_dropped(folder, dropped_us, wall_us())


def _remembered(folder: Folder, wall_us: int) -> Lineage:
    try:
        return remembered(folder, wall_us)
    except duckdb.Error as error:
        _say(f"parents of prompts are looked for among new requests only: {sentence(error)}")
        return Lineage()


def _convert(folder: Folder, journal: Path, wall_us: Callable[[], int], lineage: Lineage) -> None:
    with locked(journal) as sealed:
        if sealed:
            copied_and_made = journal.stat().st_size * 3 // 2
            claim(folder, copied_and_made, "convert journals")
            rows = to_parquet(folder, journal, lineage)
            drop = (journal.name,)
            commit = commits.Commit(wall_us(), tuple(rows), drop, tuple(rows.values()))
            commits.append(folder.commits, commit)


def main(arguments: list[str] | None = None) -> int:
    """Run until the parent has gone, or once; return the exit code."""
    options = _parser().parse_args(arguments)
    lake = _told_lake() if options.shared else None
    folder = folder_at(options.folder)
    os.nice(10)
    os.umask(0o077)
    try:
        make(folder)
        return _run_when_elected(folder, options, lake)
    except LedgerUnusable as error:
        _say(str(error))
        return 2
    except KeyboardInterrupt:
        return 0


def _run_when_elected(folder: Folder, options: argparse.Namespace, lake: Lake | None) -> int:
    last_try = not options.child
    while True:
        with locked(folder.lock) as elected:
            if elected:
                return _run(folder, options, lake)
        if last_try:
            if not options.child:
                _say(f"another converter is at work in {folder.root}")
            return 0
        last_try = _parent_gone_after(options.interval_s)


def _run(folder: Folder, options: argparse.Namespace, lake: Lake | None) -> int:
    said = Said()
    if not _prepared(folder, options, said, is_shared=lake is not None):
        return 0
    keep = _keep(options)
    care = Care(folder, keep, _turn(folder, keep, lake), Later(folder))
    last = False
    while folder.root.exists():
        problems = care.round(last=last)
        said.say(problems)
        if options.once:
            return 1 if problems else 0
        if last:
            return 0
        if options.child:
            last = _parent_gone_after(options.interval_s)  # once more: its journal is free now
        else:
            time.sleep(options.interval_s)
    return 0


def _prepared(
    folder: Folder, options: argparse.Namespace, said: "Said", *, is_shared: bool
) -> bool:
    """Make the views; a child waits for a disk that does not take them, until its parent is gone.

    Raises:
        LedgerUnusable: They cannot be made, and waiting would not help.
    """
    while True:
        try:
            prepare(folder.root, is_shared=is_shared)
        except LedgerUnusable as error:
            if not options.child or error.__cause__ is None:  # of a later version
                raise
            said.say([str(error)])
        else:
            return True
        if _parent_gone_after(options.interval_s):
            return False


@dataclass(slots=True)
class Care:
    """What is done in each round, and what came of the part that is not done in each."""

    folder: Folder
    keep: Keep
    turn: Callable[[], list[str]]
    later: Later
    _kept: tuple[date, int] | None = None
    _upkeep: list[str] = field(default_factory=list)

    def round(self, *, last: bool) -> list[str]:
        """Do it, and return a sentence for each thing that is in the way."""
        try:
            problems = [*self.turn(), *tend(self.folder, self.keep), *self.later.turn()]
            if not last and self._kept != _state(self.folder):
                self._upkeep = [*compact(self.folder), *prune(self.folder, self.keep).problems]
                self._kept = _state(self.folder)
        except OSError as error:
            return [f"the ledger in {self.folder.root} cannot be looked after: {error}"]
        return problems + self._upkeep


def _turn(folder: Folder, keep: Keep, lake: Lake | None) -> Callable[[], list[str]]:
    """Return what converts the journals that are sealed by then."""
    if lake is not None:
        return Sharer(folder, lake, keep).turn
    lineage = _remembered(folder, REAL.wall_us())
    return lambda: convert_sealed(folder, lineage=lineage)


class Said:
    """Says a problem when it comes up, and when what was in the way is so no more; not between."""

    def __init__(self) -> None:
        self._standing: set[str] = set()

    def say(self, problems: Sequence[str]) -> None:
        """Tell what is new among `problems`."""
        for problem in dict.fromkeys(problems):
            if problem not in self._standing:
                _say(problem)
        if self._standing and not problems:
            _say("goes on: what was told before is in order again")
        self._standing = set(problems)


def _state(folder: Folder) -> tuple[date, int]:
    """Return what must change before there can be something to compact or to prune."""
    return today(REAL.wall_us()), folder.commits.stat().st_size


def _parent_gone_after(wait_s: float) -> bool:
    """Wait, or until the parent has gone: then the pipe it held open has an end."""
    readable, _, _ = select.select([sys.stdin], [], [], wait_s)
    return bool(readable)


def _told_lake() -> Lake:
    """Read the first line of standard input, and not a byte of what comes after it."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            break
        line += byte
    return msgspec.json.decode(line, type=Lake)


def _keep(options: argparse.Namespace) -> Keep:
    bodies = options.keep_bodies_days, options.keep_bodies_mib
    return Keep(options.keep_days, options.keep_mib, *bodies)


def _say(sentence: str) -> None:
    sys.stderr.write(f"ledger converter: {sentence}\n")
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m proxy.ledger.converter")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--once", action="store_true", help="convert what there is, and end")
    parser.add_argument("--interval-s", type=float, default=5.0)
    parser.add_argument("--keep-days", type=int)
    parser.add_argument("--keep-mib", type=int)
    parser.add_argument("--shared", action="store_true", help="read where from standard input")
    parser.add_argument("--keep-bodies-days", type=int, default=BODIES_DAYS)
    parser.add_argument("--keep-bodies-mib", type=int, default=BODIES_MIB)
    parser.add_argument("--child", action="store_true", help="end when standard input does")
    return parser


if __name__ == "__main__":
    sys.exit(main())
