"""Notebooks played in this process: the cells of their text, one after the other."""

import ast
from dataclasses import dataclass
from pathlib import Path

import jupytext

from analysis.notebook import places
from analysis.notebook.showing import Panel

Names = dict[str, object]


@dataclass(frozen=True)
class Played:
    """What a notebook has defined at its end, and what its cells have shown."""

    names: Names
    shown: list[object]


def cells(name: str) -> list[str]:
    """Return the code cells of a notebook's text."""
    notebook = jupytext.read(places.FOLDER / f"{name}.py")
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def play(name: str, **parameters: object) -> Played:
    """Run a notebook with other parameters; what its cells show is drawn as well."""
    names: Names = {}
    shown = []
    for cell in cells(name):
        *before, last = ast.parse(cell).body
        ends = last if isinstance(last, ast.Expr) else None
        body = ast.Module([*before, *([] if ends else [last])], [])
        exec(compile(body, name, "exec"), names)  # noqa: S102  # our own notebooks
        if "ledger" in names and "page" not in names:
            names |= parameters
        if ends is not None:
            shown.append(eval(compile(ast.Expression(ends.value), name, "eval"), names))  # noqa: S307
    return Played(names, shown)


def texts(of: Played) -> str:
    """Return what a reader sees of it, and draw every figure."""
    told = []
    for one in of.shown:
        table = one
        if isinstance(one, Panel):
            assert one.figure.to_json()
            table = one.table
        told.append(table._repr_html_())  # type: ignore[attr-defined]
    return "\n".join(told)


def ledger_parameter(place: Path) -> dict[str, object]:
    return {"ledger": str(place)}
