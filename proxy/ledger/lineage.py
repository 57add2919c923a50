"""Finds for each prompt the earlier request that it shares most with: once, when it is converted.

What two prompts share is known for all pairs from this alone: what i shares with any earlier j is
the less of what i shares with its parent and what that parent shares with j. So requests are not
kept apart by model or session, which other columns say, but by app and client key.
"""

from collections.abc import Iterable
from typing import Final

import duckdb
import msgspec

from proxy.ledger import commits, sql
from proxy.ledger.folder import PLACEHOLDER, Folder
from proxy.ledger.line import Ended
from proxy.ledger.schema import TABLES
from proxy.record.chain import backwards

HORIZON_US: Final = 6 * 3_600_000_000
MAX_ROWS: Final = 50_000  # that are read again after a start
MAX_LINKS: Final = 400_000  # about 100 MB

_Place = tuple[str | None, str | None, int]
_Mention = tuple[int, str]  # when it was received, and which request that is


class Parent(msgspec.Struct, frozen=True):
    """What the ledger says of a prompt; `None` and 0 where nothing earlier begins like it."""

    request_id: str
    parent_request: str | None
    lcp_chars: int


class Lineage:
    """Who was the first to send each beginning of a prompt, as far back as it remembers."""

    def __init__(self, max_links: int = MAX_LINKS) -> None:
        self._max_links = max_links
        self._first: dict[_Place, _Mention] = {}

    def parents(self, requests: Iterable[Ended]) -> list[Parent]:
        """Return the parent of each request that has a chain, and remember all of them.

        Requests that come again have the parents they had.
        """
        ordered = sorted(requests, key=lambda one: (one.received_us, one.request_id))
        found = [self._parent(one) for one in ordered]
        while len(self._first) > self._max_links:
            del self._first[next(iter(self._first))]
        return [one for one in found if one is not None]

    def _parent(self, request: Ended) -> Parent | None:
        """Go back along the chain to what an earlier request had as well.

        Of those that had it the first is taken: only so can the journals of several workers be
        converted one after another.
        """
        mention = (request.received_us, request.request_id)
        known = False
        try:
            for link in backwards(request.prefix_chain or ""):
                place = (request.app, request.client_key, link.hash64)
                first = self._first.get(place)
                if first is not None and first < mention:
                    return Parent(request.request_id, first[1], link.chars)
                self._first[place] = mention
                known = True
        except ValueError:  # whoever wrote it, it is no chain of ours
            return None
        return Parent(request.request_id, None, 0) if known else None


def remembered(folder: Folder, wall_us: int) -> Lineage:
    """Return what is known from the requests of the last hours that were converted.

    Raises:
        duckdb.Error: A file cannot be read.
    """
    requests, since_us = TABLES[0], wall_us - HORIZON_US
    all_commits = commits.read(folder.commits)
    dropped = commits.standing(all_commits).dropped_us
    added = [name for commit in all_commits if commit.t >= since_us for name in commit.add]
    prefix = f"{requests.name}-"
    names = [one for one in added if one.startswith(prefix) and one not in dropped]
    paths = [folder.parquet(requests.name, PLACEHOLDER), *(folder.data / one for one in names)]
    query = sql.recent_chains([path for path in paths if path.exists()])
    with duckdb.connect(config={"threads": 1}) as connection:
        rows = connection.execute(query, [since_us, MAX_ROWS]).fetchall()
    lineage = Lineage()
    lineage.parents(
        Ended(request_id, received_us, app, client_key, chain)
        for request_id, received_us, app, client_key, chain in rows
    )
    return lineage


def lines(parents: Iterable[Parent]) -> bytes:
    """Return parents as lines of JSON, for `sql.with_parents`."""
    return msgspec.json.Encoder().encode_lines(parents)
