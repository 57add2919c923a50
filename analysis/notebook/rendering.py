"""An executed notebook as one page: light and dark, as the reader's system is, and no network.

Cells are nbconvert's; figures are drawn by the one copy of Plotly that is in the page.
"""

import json
from copy import deepcopy
from html import escape
from importlib import resources
from string import Template
from typing import Final

from nbconvert import HTMLExporter
from plotly.offline import get_plotlyjs
from pygments.formatters import HtmlFormatter

from analysis.figures.theme import template
from analysis.notebook.running import Notebook
from analysis.notebook.showing import PLOTLY

_STYLES: Final = {"light": "friendly", "dark": "github-dark"}


def page(notebook: Notebook, title: str) -> str:
    """Return the page of a notebook that was executed."""
    made = deepcopy(notebook)
    count = 0
    for cell in made.cells:
        for output in cell.get("outputs", []):
            figure = output.get("data", {}).pop(PLOTLY, None)
            if figure is not None:
                output["data"] = {"text/html": _drawn(count, figure)}
                count += 1
    body, _ = HTMLExporter(template_name="basic").from_notebook_node(made)
    text = resources.files("analysis.notebook").joinpath("page.html").read_text("utf-8")
    return Template(text).substitute(
        title=escape(title),
        body=body,
        light=_highlights("light"),
        dark=_highlights("dark"),
        plotly=get_plotlyjs() if count else "",
        templates=_json({"light": _template("light"), "dark": _template("dark")}),
    )


def _highlights(mode: str) -> str:
    styles: str = HtmlFormatter(style=_STYLES[mode]).get_style_defs(".highlight")
    return styles


def _template(mode: str) -> object:
    return template("dark" if mode == "dark" else "light").to_plotly_json()


def _drawn(number: int, figure: object) -> str:
    return (
        f'<div class="figure" id="figure-{number}"></div>'
        f'<script type="application/json" data-for="figure-{number}">{_json(figure)}</script>'
    )


def _json(value: object) -> str:
    """Return JSON that may stand in a script of a page."""
    return json.dumps(value, default=str).replace("</", "<\\/")
