"""Which ledger a verb is about."""

import os
from pathlib import Path

import typer

from proxy.config import config_file, ledger_folder, ledger_keep
from proxy.ledger.keep import EVERYTHING, Keep
from proxy.ledger.views import refresh


def chosen(config: Path | None, ledger: Path | None) -> Path:
    """Return the folder that was named, or else the one of the configuration; its views are new.

    Raises:
        ConfigError: The configuration cannot be read.
        LedgerUnusable: The views of an older version cannot be made anew.
    """
    if config is not None and ledger is not None:
        raise typer.BadParameter("give --config or --ledger, not both")
    folder = ledger_folder(config_file(config, os.environ)) if ledger is None else ledger
    refresh(folder)
    return folder


def kept(config: Path | None, ledger: Path | None) -> Keep:
    """Return how much the configuration keeps; of a folder that was named, everything.

    Raises:
        ConfigError: The configuration cannot be read.
    """
    return ledger_keep(config_file(config, os.environ)) if ledger is None else EVERYTHING
