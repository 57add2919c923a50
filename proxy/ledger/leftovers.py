"""Files that count no more, and go once no reader can be at them."""

from collections.abc import Mapping
from pathlib import Path

from proxy.ledger import commits
from proxy.ledger.folder import JOURNALS, Folder


def remove_dropped(folder: Folder, dropped_us: Mapping[str, int], now_us: int) -> list[str]:
    """Remove what was dropped so long ago that no reader can have listed it; return problems."""
    old = [
        path
        for path in (*folder.journal.glob(JOURNALS), *folder.data.glob("*.parquet"))
        if (since_us := dropped_us.get(path.name)) is not None
        and now_us - since_us >= commits.GRACE_US
    ]
    if not old:
        return []
    try:
        _refuse_older(folder, max(dropped_us[path.name] for path in old), now_us)
    except OSError as error:
        return [f"{old[0]} does not count any more and is not removed: {error}"]
    return [problem for path in old if (problem := _removed(path)) is not None]


def _refuse_older(folder: Folder, dropped_us: int, now_us: int) -> None:
    """See to it that the views refuse each transaction for which such files still count.

    One that began before they were dropped and has asked nothing since would find them gone, and
    what replaced them not counting yet. The views refuse whatever is much older than the newest
    commit: so there is a new one.
    """
    needed_us = dropped_us + commits.FENCE_US + commits.GRACE_US // 2
    if commits.newest_us(commits.read(folder.commits)) < needed_us:
        commits.append(folder.commits, commits.Commit(now_us))


def _removed(path: Path) -> str | None:
    try:
        path.unlink()
    except OSError as error:
        return f"{path} does not count any more and cannot be removed: {error}"
    return None
