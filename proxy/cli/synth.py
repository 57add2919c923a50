"""`pointsman ledger synth`: made-up rows, and a bar while they are made."""

import sys
from itertools import chain
from pathlib import Path

import typer

from proxy.ledger.synth import Wish, synth


def fill(folder: Path, wish: Wish) -> None:
    """Make the rows, and say what it came to.

    Raises:
        LedgerUnusable: The folder cannot be used, something is in it, or these are too many.
    """
    days = synth(folder, wish)
    first = next(days)  # what is refused is refused before there is a bar
    with typer.progressbar(length=wish.requests, label="requests", file=sys.stderr) as bar:
        for _, requests in chain([first], days):
            bar.update(requests)
    typer.echo(f"{wish.requests} requests, made up from seed {wish.seed}, are in {folder}")
