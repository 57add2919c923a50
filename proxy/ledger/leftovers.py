"""Files that count no more, and go once no reader can be at them."""

from collections.abc import Mapping

from proxy.ledger import commits
from proxy.ledger.folder import JOURNALS, Folder


def remove_dropped(folder: Folder, dropped_us: Mapping[str, int], now_us: int) -> list[str]:
    """Remove what was dropped so long ago that no reader can have listed it; return problems."""
    problems = []
    for path in (*folder.journal.glob(JOURNALS), *folder.data.glob("*.parquet")):
        since_us = dropped_us.get(path.name)
        if since_us is None or now_us - since_us < commits.GRACE_US:
            continue
        try:
            path.unlink()
        except OSError as error:
            problems.append(f"{path} does not count any more and cannot be removed: {error}")
    return problems
