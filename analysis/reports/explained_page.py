"""What `pointsman explain` says, as a page: the figure, and the same lines as in a terminal."""

from collections.abc import Sequence

import polars as pl

from analysis.figures import FIGURES
from analysis.figures.chart import shown
from analysis.reports.explain import Explained
from analysis.reports.html import Page
from proxy.cli.tables import safe


def page(found: Explained, lines: Sequence[str]) -> str:
    """Return the page."""
    made = Page(f"request {found.request['request_id']}")
    if found.attempts:
        rows = pl.DataFrame(list(found.attempts), infer_schema_length=None)
        made.figure(shown(FIGURES["explanation"], rows).figure)
    made.lines(safe(line) for line in lines)
    return made.text()
