"""`02_provider_reliability`: how often each provider answers, how it fails, if they do together."""

from typing import Final

import polars as pl

from analysis.figures.theme import COLOURS
from analysis.notebook import words
from analysis.notebook.answer import Answer, best
from analysis.notebook.charts import Lane, bars, blank, intervals, said_none
from analysis.notebook.opening import Page
from analysis.notebook.showing import Panel, Table

QUESTION: Final = "How reliable is each provider, and do they fail together?"
_CAVEAT: Final = (
    "a provider that is left alone during its outages is asked less then, so shares of attempts "
    "flatter it: compare time availability. Few outages say little, however many rows there are."
)


def answer(page: Page) -> Answer:
    """Return the opening cell."""
    availability = page.headlines("success", "availability")
    chances = page.headlines("ranks", "chance to be best")
    together = page.headlines("independence", "common mode")
    first, last = best(availability), best(availability, least=True)
    said = ""
    if first is not None and last is not None:
        said = f"{first.about[0]} answers most often: {first} of {first.n:,} attempts"
        if last != first:
            said += f"; {last.about[0]} least: {last} of {last.n:,}"
        said += ". "
    likely = best(chances)
    if likely is not None:
        chance = words.number(likely.value, "share")
        said += f"The chance that {likely.about[0]} is the best is {chance}. "
    for one in together:
        if " > " not in str(one.about[1]):
            continue  # with one provider there is nothing to fail together with
        said += (
            f"Requests of {one.about[0]} failed {words.number(one.value)} times as often as if "
            f"{one.about[1]} failed apart. "
        )
    return page.answer(QUESTION, said.strip(), [*availability, *chances, *together], _CAVEAT)


def outages(page: Page) -> Panel:
    """Return how long providers were away, and how long they were well in between."""
    rows = page.measure("outages")
    return Panel(
        intervals(rows, ("time availability",), "How much of the time was each provider there?"),
        page.numbers("outages"),
    )


def failures(page: Page) -> Panel:
    """Return what attempts failed of."""
    rows = page.ask("failures")
    classes = rows["failure"].unique(maintain_order=True).to_list()
    lanes = []
    for name in classes:
        part = rows.filter(pl.col("failure") == name)
        lanes.append(Lane(name, part["provider"].to_list(), part["attempts"].to_list()))
    figure = bars(lanes, "What did attempts end in, but a whole answer?", "attempts", stacked=True)
    return Panel(figure, Table(rows))


def by_hour(page: Page) -> Panel:
    """Return what share of each provider's attempts failed, hour by hour."""
    rows = page.ask("success").with_columns(
        share=pl.col("failed") / (pl.col("whole") + pl.col("failed"))
    )
    figure = blank("When did each provider fail?")
    parts = rows.sort("provider", "hour").group_by("provider", maintain_order=True)
    for colour, ((name,), part) in zip(COLOURS * 3, parts, strict=False):
        figure.add_scatter(
            x=part["hour"].to_list(),
            y=part["share"].to_list(),
            name=str(name),
            mode="markers",
            marker={"color": colour, "size": 8},
            customdata=part["attempts"].to_list(),
            hovertemplate="%{y:.0%} of %{customdata} attempts<br>%{x}<extra></extra>",
        )
    figure.update_yaxes(title="share that failed", tickformat=".0%")
    bad = rows.filter(pl.col("share") > 0).sort("share", "hour", descending=True)
    title = "The worst hours"
    return Panel(said_none(figure), Table(bad.drop("share").head(15), title))
