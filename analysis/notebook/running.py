"""Executes a notebook: its parameters are set in a cell of their own, as papermill does it."""

import os
import re
import sys
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from traitlets.config import Config

from analysis.errors import NoNotebook

_LIMIT_S: Final = 600
_INJECTED: Final = "injected-parameters"
Notebook = nbformat.NotebookNode


def read(path: Path) -> Notebook:
    """Read a notebook."""
    found: Notebook = nbformat.read(path, as_version=4)
    return found


def with_parameters(notebook: Notebook, values: Mapping[str, object]) -> Notebook:
    """Return it with these values set after the cell that is tagged `parameters`."""
    made = deepcopy(notebook)
    made.cells = [one for one in made.cells if _INJECTED not in one.metadata.get("tags", [])]
    places = [
        number
        for number, cell in enumerate(made.cells)
        if "parameters" in cell.metadata.get("tags", [])
    ]
    text = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    if text and places:
        cell = nbformat.v4.new_code_cell(text, metadata={"tags": [_INJECTED]})
        made.cells.insert(places[0] + 1, cell)
    return made


def executed(notebook: Notebook, folder: Path) -> Notebook:
    """Return it with its outputs; `folder` is where its cells run.

    Raises:
        NoNotebook: A cell failed; the message has its error.
    """
    made = deepcopy(notebook)
    # Sockets in a folder of their own: no port that others could reach, and no name twice.
    with TemporaryDirectory(prefix="pointsman-") as sockets:
        manager = {"transport": "ipc", "ip": f"{sockets}/kernel"}
        client = NotebookClient(
            made,
            timeout=_LIMIT_S,
            kernel_name="python3",
            config=Config({"KernelManager": manager}),
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            client.execute(env=_environment())
        except CellExecutionError as error:
            why = _last_line(str(error))
            raise NoNotebook(f"a cell of the notebook failed: {why}") from error
        except (RuntimeError, DeadKernelError) as error:
            raise NoNotebook(f"the notebook could not be executed: {error}") from error
    return made


def _last_line(text: str) -> str:
    lines = [line for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines() if line.strip()]
    return lines[-1] if lines else "it does not say why"


def _environment() -> dict[str, Any]:
    """Return the environment of a kernel: what this process imports, it does as well."""
    paths = [one for one in sys.path if one]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
