"""Options that several verbs share; an expected failure is its lines and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from proxy.errors import ControlError, SetupError

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The configuration file, instead of POINTSMAN_CONFIG or the usual place.",
        show_default=False,
    ),
]

UrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Where the proxy is, instead of where the configuration has it listen.",
        show_default=False,
    ),
]

LedgerOption = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="FOLDER",
        help="The ledger, instead of the configured one; or ducklake:postgres://….",
        show_default=False,
    ),
]


@contextmanager
def told() -> Iterator[None]:
    """Tell a failure that was expected in its own lines, without a traceback."""
    try:
        yield
    except (SetupError, ControlError) as error:
        for line in str(error).splitlines():
            typer.echo(line, err=True)
        raise typer.Exit(2 if isinstance(error, SetupError) else 1) from None
