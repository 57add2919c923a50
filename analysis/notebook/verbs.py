"""`pointsman notebook …`: the verbs and their options; a name alone opens it."""

from pathlib import Path
from typing import Annotated, Final

import typer
from typer.core import TyperGroup

from analysis.reports.options import Since, Until

_OPEN: Final = "open"


class _OpensByName(TyperGroup):
    """`pointsman notebook 02 --ledger own` is `pointsman notebook open 02 --ledger own`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # typer's Context is click's
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = [_OPEN, *args]
        return super().parse_args(ctx, args)


verbs = typer.Typer(
    cls=_OpensByName,
    help="Questions to the ledger, as Jupyter notebooks: pointsman notebook 02 --ledger own",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

LedgerWord = Annotated[
    str,
    typer.Option(
        "--ledger",
        metavar="PLACE",
        help="own: as configured; a folder, a snapshot, Parquet; demo: one that comes along.",
    ),
]
Seed = Annotated[int, typer.Option(help="Of what is drawn.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@verbs.command(_OPEN)
def open_(  # noqa: PLR0913  # each is an option
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Or its number.", show_default=False)
    ] = None,
    ledger: LedgerWord = "demo",
    since: Since = None,
    until: Until = None,
    seed: Seed = 1,
    folder: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Your copies: made where they are missing.")
    ] = Path("pointsman-notebooks"),
    *,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only say where.")] = False,
) -> None:
    """Open Jupyter with the notebooks, or one of them."""
    from analysis.notebook import verbs_of_notebooks as does  # noqa: PLC0415  # it waits for Polars

    with does.told():
        wish = does.Wish(ledger, since, until, seed)
        does.opened(name, wish, folder, opens_browser=not no_browser)


@verbs.command("run")
def run_(  # noqa: PLR0913, PLR0917  # each is an option
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME…", help="Or their numbers; none is all.", show_default=False),
    ] = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="A page, or a folder for several."),
    ] = Path(),
    ledger: LedgerWord = "demo",
    since: Since = None,
    until: Until = None,
    seed: Seed = 1,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many at once.")] = 1,
) -> None:
    """Execute notebooks, and write each as a page that needs no network."""
    from analysis.notebook import verbs_of_notebooks as does  # noqa: PLC0415  # it waits for Polars

    with does.told():
        does.ran(names or [], does.Wish(ledger, since, until, seed), output, jobs)


@verbs.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """Name the notebooks, and what each asks."""
    from analysis.notebook import verbs_of_notebooks as does  # noqa: PLC0415  # it waits for Polars

    with does.told():
        does.listed(as_json=as_json)
