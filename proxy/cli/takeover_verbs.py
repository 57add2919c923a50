"""The verbs of `pointsman` that look after the clients' configuration, and after all of it."""

from typing import Annotated

import typer

from proxy.cli.options import ConfigOption, UrlOption, told

_Apps = Annotated[
    list[str] | None,
    typer.Argument(metavar="[claude] [codex] [gemini]", help="Which.", show_default=False),
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be changed.")]
_Json = Annotated[bool, typer.Option("--json", help="For a program.")]


def add_to(app: typer.Typer) -> None:
    """Add these verbs to those of `pointsman`."""
    app.command()(takeover)
    app.command()(restore)
    app.command()(doctor)


def takeover(
    apps: _Apps = None,
    config: ConfigOption = None,
    url: UrlOption = None,
    *,
    dry_run: _DryRun = False,
    as_json: _Json = False,
) -> None:
    """Send the coding CLIs here, by their own configuration files; all that are installed.

    Only the keys that it takes are changed. Logins stay. `pointsman restore` gives everything
    back, and keeps what was edited meanwhile.
    """
    from proxy.cli import takeover as verbs  # noqa: PLC0415  # only these verbs wait for tomlkit

    with told():
        verbs.take_over(apps or [], config, url, only_say=dry_run, as_json=as_json)


def restore(apps: _Apps = None, *, dry_run: _DryRun = False, as_json: _Json = False) -> None:
    """Give the configuration of the coding CLIs back, with what was edited meanwhile."""
    from proxy.cli import takeover as verbs  # noqa: PLC0415  # only these verbs wait for tomlkit

    with told():
        verbs.restore(apps or [], only_say=dry_run, as_json=as_json)


def doctor(
    config: ConfigOption = None,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no provider.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One finding a line.")] = False,
) -> None:
    """Look for what keeps it from working, and say what mends each thing; 1 if there is a problem.

    Providers are asked for their list of models, which costs nothing.
    """
    from proxy.cli import doctor as looks  # noqa: PLC0415  # only this verb waits for DuckDB

    with told():
        looks.examine(config, offline=offline, mends=fix, as_json=as_json)
