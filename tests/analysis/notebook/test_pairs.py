"""The notebooks as files: text and pair in step, no outputs, nothing defined, parameters there."""

import ast

import jupytext
import nbformat
import pytest

from analysis.notebook import places
from tests.analysis.notebook.played import cells

NAMES = places.names()


def test_every_text_has_its_pair() -> None:
    assert sorted(path.stem for path in places.FOLDER.glob("*.py")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_in_step_and_without_outputs(name: str) -> None:
    text = jupytext.read(places.FOLDER / f"{name}.py")
    pair = nbformat.read(places.FOLDER / f"{name}.ipynb", as_version=4)
    why = f"jupytext --sync notebooks/{name}.py"
    both = [
        [(cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in one.cells]
        for one in (text, pair)
    ]
    assert both[0] == both[1], why
    code = [cell for cell in pair.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


@pytest.mark.parametrize("name", NAMES)
def test_asks_one_question_and_defines_nothing(name: str) -> None:
    first, parameters, *_ = jupytext.read(places.FOLDER / f"{name}.py").cells
    assert first.source.startswith("# ")
    assert "?" in first.source.partition("\n")[0]
    assert parameters.metadata["tags"] == ["parameters"]
    names: dict[str, object] = {}
    exec(parameters.source, names)  # noqa: S102  # our own notebooks
    assert {"ledger", "since", "until", "seed"} <= set(names)
    defining = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.AsyncFunctionDef)
    found = [n for cell in cells(name) for n in ast.walk(ast.parse(cell))]
    assert not [node for node in found if isinstance(node, defining)]


def test_the_sample_is_small() -> None:
    assert sum(path.stat().st_size for path in places.SAMPLE.iterdir()) < 300_000
