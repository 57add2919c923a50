"""Which ledger a verb is about."""

import os
from pathlib import Path

from proxy.config import config_path, ledger_folder


def chosen(config: Path | None, ledger: Path | None) -> Path:
    """Return the folder that was named, or else the one of the configuration.

    Raises:
        ConfigError: The configuration cannot be read.
    """
    if ledger is not None:
        return ledger
    path = config_path(config, os.environ)
    is_chosen = config is not None or "POINTSMAN_CONFIG" in os.environ
    return ledger_folder(path if is_chosen or path.exists() else None)
