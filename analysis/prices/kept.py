"""What was looked up in the price lists before, in a file of the user's cache folder.

To load the lists takes longer than DuckDB takes for a million rows. The file is of one version of
genai-prices, of our overlay and of the code that reads both: after an update another is made. One
that cannot be read is as if there were none; a folder that cannot be written costs time, and no
more. See `docs/decisions/0040-list-prices-are-kept.md`.
"""

from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

from analysis.prices.listing import Found, Named, found
from proxy.editing import files

_MOST: Final = 2_000  # models in the file: names that clients made up do not fill a disk
_SOURCES: Final = (
    ("proxy.price_list", "lists.py"),
    ("proxy.price_list", "overlay.toml"),
    ("analysis.prices", "listing.py"),
)

Known = dict[Named, Found | None]


class _Row(msgspec.Struct, frozen=True):
    """One model of the file; `None` is kept as well: that no list has it."""

    named: Named
    found: Found | None


def looked_up(names: Iterable[Named]) -> Known:
    """Return what the lists say of each model; they are loaded for those not looked up before."""
    wanted = set(names)
    known = _read(_file())
    missing = wanted - known.keys()
    if missing:
        new = {one: found(one) for one in missing}
        known |= new
        _write(_file(), known if len(known) <= _MOST else new)
    return {one: known[one] for one in wanted}


@cache
def _of_what() -> str:
    """Return which lists, and which code, what is kept is of."""
    texts = [resources.files(place).joinpath(name).read_bytes() for place, name in _SOURCES]
    return sha256(b"\0".join([version("genai-prices").encode(), *texts])).hexdigest()[:16]


def _file() -> Path:
    folder = platformdirs.user_cache_path("pointsman", appauthor=False)
    return folder / f"list-prices-{_of_what()}.json"


def _read(path: Path) -> Known:
    try:
        rows = msgspec.json.decode(path.read_bytes(), type=list[_Row])
    except (OSError, msgspec.MsgspecError):
        return {}
    return {row.named: row.found for row in rows}


def _write(path: Path, known: Known) -> None:
    rows = [_Row(named, one) for named, one in known.items()]
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in path.parent.glob("list-prices-*.json"):
            if old != path:
                old.unlink(missing_ok=True)
        files.replace(path, msgspec.json.encode(rows))
