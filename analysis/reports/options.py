"""Options that several verbs of the reports share."""

from typing import Annotated

import typer

Since = Annotated[
    str | None,
    typer.Option(metavar="WHEN", help="7d, 2026-11-01 or 2026-11-01T12:00.", show_default=False),
]
Until = Annotated[
    str | None, typer.Option(metavar="WHEN", help="Likewise; itself not.", show_default=False)
]
Timezone = Annotated[
    str | None,
    typer.Option(
        metavar="ZONE", help="Europe/Berlin or UTC, not the system's.", show_default=False
    ),
]
App = Annotated[
    str | None, typer.Option(help="Only claude, codex, gemini or openai.", show_default=False)
]
Last = Annotated[
    int | None,
    typer.Option(min=1, help="Only the last rows; the total is of all.", show_default=False),
]
Breakdown = Annotated[
    bool, typer.Option("--breakdown", "-b", help="By model as well; models: by provider.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, with everything known.")]
Compact = Annotated[bool, typer.Option("--compact", help="Fewer columns.")]
NoCost = Annotated[bool, typer.Option("--no-cost", help="Tokens only.")]
