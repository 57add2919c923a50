"""The verbs of `pointsman config`."""

from pathlib import Path
from typing import Annotated

import typer

from proxy.cli.options import ConfigOption, told

verbs = typer.Typer(
    help="Look after the configuration file.", no_args_is_help=True, rich_markup_mode=None
)

_Json = Annotated[bool, typer.Option("--json", help="For a program.")]


@verbs.command()
def check(config: ConfigOption = None, *, as_json: _Json = False) -> None:
    """Say what the configuration comes to, or everything that is wrong with it."""
    from proxy.cli import config as does  # noqa: PLC0415  # only these verbs wait for pydantic

    with told():
        does.check(config, as_json=as_json)


@verbs.command()
def init(
    config: ConfigOption = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a commented configuration to begin with."""
    from proxy.cli import config as does  # noqa: PLC0415  # only these verbs wait for pydantic

    with told():
        does.init(config, force=force)


@verbs.command()
def undo(config: ConfigOption = None) -> None:
    """Take back the last change that a command made to the file."""
    from proxy.cli import config_edits as does  # noqa: PLC0415  # only these wait for tomlkit

    with told():
        does.undo(config)


@verbs.command()
def path(config: ConfigOption = None) -> None:
    """Say which file is read."""
    from proxy.cli import config as does  # noqa: PLC0415  # only these verbs wait for pydantic

    with told():
        does.path(config)


@verbs.command("import")
def import_(  # noqa: PLR0913  # each is an option
    source: Annotated[
        str, typer.Argument(metavar="FILE|LINK", help="Its file, - for standard input, or a link.")
    ],
    form: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="FORMAT", help="If it is not found out.", show_default=False
        ),
    ] = None,
    queues: Annotated[
        list[str] | None,
        typer.Option(
            "--queue", "-q", metavar="QUEUE", help="There, not where it says.", show_default=False
        ),
    ] = None,
    prefix: Annotated[str, typer.Option(metavar="TEXT", help="Names begin with it.")] = "",
    config: ConfigOption = None,
    *,
    first: Annotated[bool, typer.Option("--first", help="Asked first, not last.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Those of the same name go for the new ones.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be changed.")
    ] = False,
    as_json: _Json = False,
) -> None:
    """Add the providers of another tool's file, and say what could not be carried.

    cc-proxy, codex_cc_switch, ccproxy, the gateway cc-switch, CC Switch (SQL and deep links),
    claude-code-router, LiteLLM: see docs/coming-from.md.
    """
    from proxy.cli import importing  # noqa: PLC0415  # only this verb waits for tomlkit

    with told():
        asked = importing.Asked(source, form, prefix, tuple(queues or ()), replace, first)
        importing.take(config, asked, only_say=dry_run, as_json=as_json)


@verbs.command("export")
def export_(  # noqa: PLR0913  # each is an option
    form: Annotated[str, typer.Option("--to", metavar="FORMAT", help="For which tool.")],
    target: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Into it.", show_default=False),
    ] = None,
    providers: Annotated[
        list[str] | None,
        typer.Option("--provider", metavar="NAME", help="Only these.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    *,
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="Keys themselves, not what stands for them.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: _Json = False,
) -> None:
    """Print the configuration in the words of another tool.

    claude-code-router, cc-switch-sql, cc-switch-link, cli-proxy-api, claude-settings, env.
    """
    from proxy.cli import exporting  # noqa: PLC0415  # only this verb waits for pydantic

    with told():
        wanted = exporting.Wanted(form, target, tuple(providers or ()), with_secrets, force)
        exporting.give(config, wanted, as_json=as_json)
