"""Which ledger a verb is about.

What reads the configuration is imported where it is asked: that takes longer than most ledgers do.
"""

import os
from pathlib import Path

import typer

from proxy.errors import LedgerUnusable
from proxy.ledger.keep import EVERYTHING, Keep
from proxy.ledger.lake.address import SCHEME, Store, store_at
from proxy.ledger.views import refresh


def chosen(config: Path | None, ledger: str | None) -> Store:
    """Return the ledger that was named, or else the one of the configuration; its views are new.

    Raises:
        ConfigError: The configuration cannot be read.
        LedgerUnusable: What was named is no ledger, or its views cannot be made anew.
    """
    if config is not None and ledger is not None:
        raise typer.BadParameter("give --config or --ledger, not both")
    store = _configured(config) if ledger is None else _at(ledger)
    if isinstance(store, Path):
        refresh(store)
    elif store.folder is not None:
        refresh(store.folder, is_shared=True)
    return store


def kept(config: Path | None, ledger: str | None) -> Keep:
    """Return how much the configuration keeps; of a ledger that was named, everything.

    Raises:
        ConfigError: The configuration cannot be read.
    """
    if ledger is not None:
        return EVERYTHING
    from proxy.config import config_file, ledger_keep  # noqa: PLC0415  # pydantic takes a while

    return ledger_keep(config_file(config, os.environ), os.environ)


def _configured(config: Path | None) -> Store:
    from proxy.config import config_file, ledger_store  # noqa: PLC0415  # pydantic takes a while

    return ledger_store(config_file(config, os.environ), os.environ)


def _at(text: str) -> Store:
    """Return what was typed; an address may name variables, so that no password is typed."""
    if not text.startswith(SCHEME):
        return store_at(text)
    from proxy.config.problems import Wrong  # noqa: PLC0415  # pydantic takes a while
    from proxy.config.variables import expanded  # noqa: PLC0415  # likewise

    try:
        return store_at(expanded(text, os.environ))
    except Wrong as wrong:
        raise LedgerUnusable(f"--ledger: found {wrong.found}, want {wrong.want}") from None
