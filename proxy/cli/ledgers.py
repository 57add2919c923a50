"""Which ledger a verb is about."""

import os
from pathlib import Path

from proxy.config import config_path, ledger_folder
from proxy.ledger.views import refresh


def chosen(config: Path | None, ledger: Path | None) -> Path:
    """Return the folder that was named, or else the one of the configuration; its views are new.

    Raises:
        ConfigError: The configuration cannot be read.
        LedgerUnusable: The views of an older version cannot be made anew.
    """
    folder = _folder(config) if ledger is None else ledger
    refresh(folder)
    return folder


def _folder(config: Path | None) -> Path:
    path = config_path(config, os.environ)
    is_chosen = config is not None or "POINTSMAN_CONFIG" in os.environ
    return ledger_folder(path if is_chosen or path.exists() else None)
