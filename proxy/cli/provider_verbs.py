"""The verbs of `pointsman providers`: of the running proxy, and of the file."""

from typing import Annotated

import typer

from proxy.cli.options import ConfigOption, UrlOption, told

verbs = typer.Typer(help="Look after the providers.", no_args_is_help=True, rich_markup_mode=None)

_Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the provider.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be changed.")]


@verbs.command("list")
def list_(
    config: ConfigOption = None,
    url: UrlOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show every provider of the running proxy and its keys, by their labels."""
    from proxy.cli import providers  # noqa: PLC0415  # only these verbs wait for msgspec

    with told():
        providers.listed(config, url, as_json=as_json)


@verbs.command()
def reset(
    key: Annotated[str, typer.Argument(metavar="NAME[/LABEL[/MODEL]]", help="What to reset.")],
    config: ConfigOption = None,
    url: UrlOption = None,
) -> None:
    """Forget breaker, cooldown and quotas: what is below NAME or LABEL as well."""
    from proxy.cli import providers  # noqa: PLC0415  # only these verbs wait for msgspec

    with told():
        providers.reset(config, url, key)


@verbs.command()
def discover(
    name: _Name,
    patterns: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATTERN]...", help="As claude-*: only those.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Ask a provider which models it has, with each of its keys."""
    from proxy.cli import discover as asked  # noqa: PLC0415  # only this verb waits for its imports

    with told():
        asked.discover(config, name, patterns or [], as_json=as_json)


@verbs.command()
def presets() -> None:
    """Name the vendors that `add --preset` knows."""
    from proxy.cli import provider_edits  # noqa: PLC0415  # only these verbs wait for tomlkit

    with told():
        provider_edits.presets()


@verbs.command()
def add(  # noqa: PLR0913  # each is an option
    name: _Name,
    preset: Annotated[
        str | None, typer.Option(metavar="VENDOR", help="One of `presets`.", show_default=False)
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Its other keys.", show_default=False),
    ] = None,
    queues: Annotated[
        list[str] | None,
        typer.Option("--queue", "-q", metavar="QUEUE", help="Also there.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    *,
    first: Annotated[bool, typer.Option("--first", help="Asked first, not last.")] = False,
    dry_run: _DryRun = False,
) -> None:
    """Add a provider, as in: add relay --preset openrouter -q claude key='${RELAY_KEY}'."""
    from proxy.cli import provider_edits as edits  # noqa: PLC0415  # only these wait for tomlkit

    with told():
        wanted = edits.Wanted(name, preset, tuple(sets or ()), tuple(queues or ()), first)
        edits.add(config, wanted, only_say=dry_run)


@verbs.command()
def edit(
    name: _Name,
    sets: Annotated[list[str], typer.Argument(metavar="KEY=VALUE...", help="KEY= takes it out.")],
    config: ConfigOption = None,
    *,
    dry_run: _DryRun = False,
) -> None:
    """Set keys of a provider, in TOML: edit relay price_factor=0.3 models='["claude-*"]'."""
    from proxy.cli import provider_edits as edits  # noqa: PLC0415  # only these wait for tomlkit

    with told():
        edits.edit(config, name, sets, only_say=dry_run)


@verbs.command()
def remove(name: _Name, config: ConfigOption = None, *, dry_run: _DryRun = False) -> None:
    """Take a provider out of the file and its queues."""
    from proxy.cli import provider_edits as edits  # noqa: PLC0415  # only these wait for tomlkit

    with told():
        edits.remove(config, name, only_say=dry_run)


@verbs.command()
def enable(name: _Name, config: ConfigOption = None, *, dry_run: _DryRun = False) -> None:
    """Let a provider be asked again."""
    from proxy.cli import provider_edits as edits  # noqa: PLC0415  # only these wait for tomlkit

    with told():
        edits.enable(config, name, is_enabled=True, only_say=dry_run)


@verbs.command()
def disable(name: _Name, config: ConfigOption = None, *, dry_run: _DryRun = False) -> None:
    """Send nobody to a provider, and leave it in its queues."""
    from proxy.cli import provider_edits as edits  # noqa: PLC0415  # only these wait for tomlkit

    with told():
        edits.enable(config, name, is_enabled=False, only_say=dry_run)


@verbs.command()
def move(
    name: _Name,
    queue: Annotated[str, typer.Argument(metavar="QUEUE", help="claude, codex, or your own.")],
    place: Annotated[int, typer.Argument(min=1, help="1: asked first.")],
    config: ConfigOption = None,
    *,
    dry_run: _DryRun = False,
) -> None:
    """Put a provider at another place of a queue."""
    from proxy.cli import provider_edits as edits  # noqa: PLC0415  # only these wait for tomlkit

    with told():
        edits.move(config, name, queue, place, only_say=dry_run)
