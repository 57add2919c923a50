"""The verbs of `pointsman` and their options; those of the ledger are in `ledger_verbs`."""

import io
import sys
from typing import Annotated

import typer

from proxy import VERSION
from proxy.cli import (
    config_verbs,
    copy_verbs,
    ledger_verbs,
    life_verbs,
    others,
    provider_verbs,
    takeover_verbs,
)
from proxy.cli.options import ConfigOption, LedgerOption, UrlOption, told

app = typer.Typer(
    help="A local proxy between LLM coding CLIs and their providers.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # it could show what a secret was in
)
app.add_typer(config_verbs.verbs, name="config")
app.add_typer(provider_verbs.verbs, name="providers")
life_verbs.add_to(app)
ledger_verbs.add_to(app)
takeover_verbs.add_to(app)
copy_verbs.add_to(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pointsman {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[  # its callback does it all
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    pass


@app.command()
def requests(
    last: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, with everything known.")
    ] = False,
) -> None:
    """Show the last requests, and every attempt made for each."""
    from proxy.cli import requests as shown  # noqa: PLC0415  # only this verb waits for DuckDB

    with told():
        shown.show(config, ledger, last, as_json=as_json)


@app.command()
def status(
    config: ConfigOption = None,
    url: UrlOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Show where requests go, how every target is doing, and what is wrong."""
    from proxy.cli import status as shown  # noqa: PLC0415  # only these verbs wait for msgspec

    with told():
        shown.show(config, url, as_json=as_json)


@app.command()
def switch(
    app: Annotated[str, typer.Argument(help="claude, codex, gemini or openai.")],
    provider: Annotated[
        str | None, typer.Argument(help="Who is asked first.", show_default=False)
    ] = None,
    lasts: Annotated[
        str | None,
        typer.Option("--for", metavar="SPAN", help="How long: 90s, 30m, 2h.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    url: UrlOption = None,
    *,
    off: Annotated[bool, typer.Option("--off", help="Let the policy decide again.")] = False,
) -> None:
    """Ask another provider first, from the next request on; running ones finish."""
    from proxy.cli import control, spans  # noqa: PLC0415  # only these verbs wait for msgspec
    from proxy.commands import SwitchOrder  # noqa: PLC0415  # likewise

    if (provider is None) != off:
        raise typer.BadParameter("give a PROVIDER or --off, one of them")
    for_s = None if lasts is None else spans.seconds(lasts)
    if lasts is not None and (for_s is None or off):
        raise typer.BadParameter("--for wants a time like 90s, 30m or 2h, and a PROVIDER")
    with told():
        control.switch(config, url, SwitchOrder(app, provider, for_s))


@app.command()
def reload(config: ConfigOption = None, url: UrlOption = None) -> None:
    """Have the running proxy read its configuration file; a bad one is refused.

    It does so by itself when the file changes, and on SIGHUP. Variables are those that it was
    started with.
    """
    from proxy.cli import control  # noqa: PLC0415  # only these verbs wait for msgspec

    with told():
        control.reload(config, url)


def main() -> None:
    """Run the verb that the command line names."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an arrow must not stop a Latin-1 terminal
    others.join(app, sys.argv[1:])
    app(prog_name="pointsman")
