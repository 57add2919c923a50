"""A page that needs nothing from anywhere else: tables, figures, and what draws them, once.

Dark and light as the system has it, or as the button says. What others wrote is escaped, and the
page may not load anything: its own policy says so.
"""

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from plotly import graph_objects as go
from plotly.offline import get_plotlyjs
from rich.table import Table

from analysis.figures.theme import Mode, template
from analysis.reports.writing import MARK

_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)
_STYLE: Final = """
:root { color-scheme: light; --paper: #ffffff; --ink: #1b1f24; --line: #d8dde3; --soft: #5f6873 }
:root[data-theme=dark] { color-scheme: dark; --paper: #14171a; --ink: #e6e8eb; --line: #343a41;
  --soft: #9aa3ad }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
  margin: 0 auto; max-width: 72rem; padding: 1rem 1.5rem 4rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem }
p, summary { color: var(--soft) } button { float: right }
.scroll { overflow-x: auto } .chart { height: 26rem }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left } tfoot td { font-weight: 600 }
pre { white-space: pre-wrap; font-size: .85rem }
.tiles { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1.5rem 0 }
.tile { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; min-width: 9rem }
.tile b { display: block; font-size: 1.3rem } .tile small { color: var(--soft) }
@media print { button { display: none } }
"""
_SCRIPT: Final = """
const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
let chosen = null;
function paint() {
  const mode = chosen || (dark.matches ? "dark" : "light");
  root.dataset.theme = mode;
  for (const place of document.querySelectorAll(".chart")) {
    const figure = FIGURES[place.dataset.figure];
    const layout = Object.assign({}, figure.layout, { template: THEMES[mode] });
    Plotly.react(place, figure.data, layout, { responsive: true, displayModeBar: false });
  }
}
dark.addEventListener("change", paint);
document.querySelector("button").addEventListener("click", () => {
  chosen = root.dataset.theme === "dark" ? "light" : "dark";
  paint();
});
paint();
"""

Tile = tuple[str, str, str]  # what it is, its value, what it rests on


class Page:
    """What is on a page, in the order in which it was added."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._parts: list[str] = []
        self._figures: list[str] = []

    def heading(self, text: str) -> None:
        self._parts.append(f"<h2>{escape(text)}</h2>")

    def paragraph(self, text: str) -> None:
        self._parts.append(f"<p>{escape(text)}</p>")

    def lines(self, lines: Iterable[str]) -> None:
        """Add text as it stands."""
        self._parts.append(f"<pre>{escape(chr(10).join(lines))}</pre>")

    def tiles(self, tiles: Iterable[Tile]) -> None:
        """Add the numbers that one looks at first."""
        each = "".join(
            f'<div class="tile">{escape(what)}<b>{escape(value)}</b><small>{escape(rests)}</small>'
            "</div>"
            for what, value, rests in tiles
        )
        self._parts.append(f'<div class="tiles">{each}</div>')

    def table(self, made: Table) -> None:
        """Add a table as a terminal has it."""
        head = [str(column.header) for column in made.columns]
        rows = zip(*([str(cell) for cell in column.cells] for column in made.columns), strict=True)
        foot = [str(column.footer) for column in made.columns] if made.show_footer else []
        self._parts.append(_table(head, list(rows), foot))

    def details(self, summary: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add a table that is shown when it is asked for."""
        shown = [[_shown(value) for value in row] for row in rows]
        self._parts.append(
            f"<details><summary>{escape(summary)}</summary>{_table(head, shown, [])}</details>"
        )

    def figure(self, figure: go.Figure) -> None:
        """Add a figure; its colours are those of the page."""
        figure.update_layout(template=None, title=None, margin={"t": 30})
        self._parts.append(f'<div class="chart" data-figure="{len(self._figures)}"></div>')
        self._figures.append(_safe(figure.to_json()))

    def text(self) -> str:
        """Return the page."""
        modes: tuple[Mode, Mode] = ("light", "dark")
        themes = {mode: template(mode).to_plotly_json() for mode in modes}
        values = (
            f"const THEMES = {_safe(json.dumps(themes))}, FIGURES = [{','.join(self._figures)}];"
        )
        drawing = [f"<script>{one}</script>" for one in (get_plotlyjs(), values + _SCRIPT)]
        return "\n".join(
            (
                f'<!doctype html>\n{MARK}\n<html lang="en"><head><meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
                '<meta name="viewport" content="width=device-width">',
                f"<title>{escape(self.title)}</title><style>{_STYLE}</style></head><body>",
                f"<button>dark, light</button><h1>{escape(self.title)}</h1>",
                *self._parts,
                *drawing,
                "</body></html>\n",
            )
        )


def _safe(text: str) -> str:
    """Return JSON that no text in it can end the script of."""
    return text.replace("<", "\\u003c")


def _shown(value: object) -> str:
    if value is None:
        return "–"  # noqa: RUF001  # what a table has where nothing is known
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], foot: Sequence[str]) -> str:
    def line(cells: Iterable[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"

    body = "".join(line(row, "td") for row in rows)
    end = f"<tfoot>{line(foot, 'td')}</tfoot>" if foot else ""
    return (
        f'<div class="scroll"><table><thead>{line(head, "th")}</thead>'
        f"<tbody>{body}</tbody>{end}</table></div>"
    )
