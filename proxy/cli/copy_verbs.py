"""`pointsman copy` and its options."""

from typing import Annotated

import typer

from proxy.cli.options import ConfigOption, UrlOption, told


def add_to(app: typer.Typer) -> None:
    """Add these verbs to those of `pointsman`."""
    app.command()(copy)


def copy(  # noqa: PLR0913  # each is an option
    what: Annotated[str, typer.Argument(metavar="url|token|settings|model", help="What.")],
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Of the model.", show_default=False)
    ] = None,
    app: Annotated[str, typer.Option(help="claude, codex, gemini or openai.")] = "claude",
    config: ConfigOption = None,
    url: UrlOption = None,
    *,
    with_token: Annotated[
        bool, typer.Option("--with-token", help="In settings, not only that it goes there.")
    ] = False,
    clipboard: Annotated[
        bool, typer.Option("--clipboard", help="Put it on the clipboard as well.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Print what to paste into a client that is to ask the proxy."""
    from proxy.cli import copying  # noqa: PLC0415  # only this verb waits for tomlkit

    with told():
        asked = copying.Asked(what, app, name, with_token, clipboard)
        copying.copy(config, url, asked, as_json=as_json)
