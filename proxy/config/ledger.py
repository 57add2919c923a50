"""What `[ledger]` comes to."""

from collections.abc import Mapping
from pathlib import Path

import platformdirs

from proxy.config.ledger_tables import LedgerTable
from proxy.config.variables import expanded
from proxy.ledger.keep import Keep
from proxy.ledger.lake.address import Lake, Shared, Store
from proxy.ledger.writing import Rotation, Writing


def folder_of(path: Path, table: LedgerTable) -> Path:
    """Return where the ledger of this host is; a relative folder is relative to the file's."""
    if table.folder is None:
        return platformdirs.user_data_path("pointsman", appauthor=False) / "ledger"
    return (path.parent / Path(table.folder).expanduser()).absolute()


def keep_of(table: LedgerTable) -> Keep:
    """Return how much is kept; bodies go with the rows of their requests at the latest."""
    days = min(table.keep_bodies_days, table.keep_days or table.keep_bodies_days)
    return Keep(table.keep_days, table.keep_mib, days, table.keep_bodies_mib)


def writing_of(table: LedgerTable) -> Writing:
    """Return how journals are written: where others wait for them, a file is over sooner."""
    rotation = Rotation() if table.url is None else Rotation(max_age_s=table.hand_over_s)
    return Writing(
        rotation=rotation,
        sync=table.sync,
        ballast_mib=table.ballast_mib,
        buffer_mib=table.buffer_mib,
        on_full=table.on_full,
    )


def lake_of(path: Path, table: LedgerTable, env: Mapping[str, str]) -> Lake | None:
    """Return the ledger that is shared with other hosts, if one is."""
    if table.url is None:
        return None
    return Lake(expanded(table.url, env), _data(path, table.data), table.fetch_extensions)


def store_of(path: Path, table: LedgerTable, env: Mapping[str, str]) -> Store:
    """Return what a reader of this host's ledger opens."""
    folder, lake = folder_of(path, table), lake_of(path, table, env)
    return folder if lake is None else Shared(lake, folder)


def _data(path: Path, place: str | None) -> str | None:
    if place is None or "://" in place:
        return place
    return str((path.parent / Path(place).expanduser()).absolute())
