"""What any two prompts share, for all pairs that a cache could join, from one parent each.

What i shares with j is the least that any step on the way from i to j shares: so requests are put
in the order of a tree of prefixes, and a table of minima answers for any two of them at once.
Sources: `docs/decisions/0017`; Bender and Farach-Colton, "The LCA problem revisited" (2000), for
the table.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from proxy.routing.models import family

Whole = NDArray[np.int64]
Real = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_OF_A_SESSION: Final = 600  # earlier requests that one is compared with, the latest ones
_WHOLE: Final = 0.99
MOST_OF_OTHERS: Final = 16  # of other sessions: what they share is mostly the system's prompt


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which earlier requests each one could find in a cache; sorted by the later one.

    Attributes:
        later: Its row.
        earlier: The row of the other.
        tokens: Of the later one's prompt, that both begin with.
        age_s: From the one to the other.
        is_whole: All of the earlier one is in the later one.
    """

    later: NDArray[np.int32]  # small numbers: there are many pairs
    earlier: NDArray[np.int32]
    tokens: NDArray[np.float32]
    age_s: NDArray[np.float32]
    is_whole: Flags


@dataclass(frozen=True, slots=True)
class _Tree:
    """Requests in the order of their prefixes: `rank` of each, its root, and the table."""

    rank: Whole
    root: Whole
    minima: list[Whole]

    def shared(self, one: Whole, other: Whole) -> Whole:
        """Return how many characters both begin with; they are not the same."""
        a, b = self.rank[one], self.rank[other]
        low, high = np.minimum(a, b) + 1, np.maximum(a, b) + 1
        level = np.frexp((high - low).astype(np.float64))[1] - 1
        found = np.empty(len(low), dtype=np.int64)
        for step, table in enumerate(self.minima):
            here = level == step
            if here.any():
                found[here] = np.minimum(table[low[here]], table[high[here] - (1 << step)])
        return found


def pairs(rows: pl.DataFrame, horizon_s: float) -> Pairs:
    """Return the pairs of rows that share something, of one model, at most `horizon_s` apart.

    Args:
        rows: As `arrivals.ROWS` has it.
        horizon_s: As long as any cache keeps anything.
    """
    tree = _tree(rows)
    at_us = rows["at_us"].to_numpy()
    sessions = codes(rows)
    horizon_us = round(horizon_s * 1e6)
    own = _windows(sessions, at_us, horizon_us, MOST_OF_A_SESSION)
    foreign = _windows(tree.root, at_us, horizon_us, MOST_OF_OTHERS)
    others = sessions[foreign[0]] != sessions[foreign[1]]
    later = np.concatenate([own[0], foreign[0][others]])
    earlier = np.concatenate([own[1], foreign[1][others]])
    families = {name: family(name) for name in rows["asked"].unique()}
    models = rows["asked"].replace_strict(families, return_dtype=pl.String).rank("dense").to_numpy()
    age_us = at_us[later] - at_us[earlier]
    fit = (models[later] == models[earlier]) & (age_us >= rows["readable_us"].to_numpy()[earlier])
    later, earlier, age_us = later[fit], earlier[fit], age_us[fit]
    chars = tree.shared(later, earlier)
    some = np.flatnonzero(chars > 0)
    some = some[np.argsort(later[some], kind="stable")]
    later, earlier = later[some], earlier[some]
    shared = chars[some]
    is_whole = shared >= _WHOLE * rows["chars"].to_numpy()[earlier]
    tokens = _tokens(rows, later, earlier, shared).astype(np.float32)
    age_s = (age_us[some] / 1e6).astype(np.float32)
    return Pairs(later.astype(np.int32), earlier.astype(np.int32), tokens, age_s, is_whole)


def _tokens(rows: pl.DataFrame, later: Whole, earlier: Whole, chars: Whole) -> Real:
    """Return how many tokens of the later ones so many characters are.

    As the provider counted them in the earlier one, of which they are mostly all, if it went as the
    same model: models count differently.
    """
    prompt = rows["prompt"].to_numpy()
    a_char = prompt / rows["chars"].to_numpy()
    sent = rows["sent"].rank("dense").to_numpy()
    counted = np.where(sent[later] == sent[earlier], earlier, later)
    tokens: Real = np.minimum(chars * a_char[counted], prompt[later])
    return tokens


def codes(rows: pl.DataFrame) -> Whole:
    """Return a number for the session of each row; a row without a session is one by itself."""
    keys = pl.struct("app", "client_key", pl.coalesce("session", "id"))
    ranks: Whole = rows.select(keys.rank("dense")).to_series().to_numpy()
    return ranks.astype(np.int64)


def _windows(groups: Whole, at_us: Whole, horizon_us: int, most: int) -> tuple[Whole, Whole]:
    """Return each row with the earlier ones of its group, not too old and not too many."""
    order = np.lexsort((np.arange(len(groups)), groups))  # rows are by time already
    since = at_us - at_us.min() if len(at_us) else at_us
    line = np.unique(groups, return_inverse=True)[1] * (int(since.max(initial=0)) + horizon_us + 1)
    line = (line + since)[order]
    index = np.arange(len(order))
    first = np.maximum(np.searchsorted(line, line - horizon_us), index - most)
    # Another group is further than the horizon, so no window reaches into one.
    count = index - first
    ends = np.cumsum(count)
    later = np.repeat(index, count)
    earlier = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count, count)
    earlier += np.repeat(first, count)
    return order[later], order[earlier]


def _tree(rows: pl.DataFrame) -> _Tree:
    parent, depth = _attached(rows)
    order = _by_prefix(parent, depth)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    known = len(rows)
    roots = np.arange(len(parent))
    for node in range(len(parent)):  # a parent comes before its children
        if parent[node] >= 0:
            roots[node] = roots[parent[node]]
    gap = len(parent) - known
    return _Tree(rank[gap:], roots[gap:], _minima(np.asarray(depth, dtype=np.int64)[order]))


def _attached(rows: pl.DataFrame) -> tuple[list[int], list[int]]:
    """Return of each request where its prompt leaves another's, and after how many characters.

    Parents that are not among the rows stand before them, and nothing is known of theirs. One that
    shares no more with a request than with its own parent is no branch of its own: the parent is.
    """
    missing = sorted({*rows["parent_id"].drop_nulls()} - {*rows["id"]})
    places = {name: no for no, name in enumerate([*missing, *rows["id"]])}
    parent, depth = [-1] * len(missing), [0] * len(missing)
    for name, chars in rows.select("parent_id", "lcp_chars").iter_rows():
        own = len(parent)
        node = -1 if name is None or not chars else places[name]
        node = -1 if node >= own else node
        while node >= 0 and parent[node] >= 0 and chars <= depth[node]:
            node = parent[node]
        parent.append(node)
        depth.append(chars if node >= 0 else 0)
    return parent, depth


def _by_prefix(parent: list[int], depth: list[int]) -> Whole:
    """Return the nodes so that what shares more stands closer: the longest shared branch first."""
    children: dict[int, list[int]] = {}
    for node, above in enumerate(parent):
        children.setdefault(above, []).append(node)
    order: list[int] = []
    stack = children.get(-1, [])[::-1]
    while stack:
        node = stack.pop()
        order.append(node)
        # The last one pushed is visited first.
        stack.extend(sorted(children.get(node, ()), key=lambda one: depth[one]))
    return np.asarray(order, dtype=np.int64)


def _minima(values: Whole) -> list[Whole]:
    """Return the least of each run of 1, 2, 4 … values, by where the run begins."""
    tables = [values]
    step = 1
    while 2 * step <= len(values):
        below = tables[-1]
        tables.append(np.minimum(below[:-step], below[step:]))
        step *= 2
    return tables
