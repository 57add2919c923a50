"""What `pointsman notebook` does."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from analysis.errors import NoNotebook
from analysis.notebook import places
from analysis.reports.showing import told as told_of_analysis
from proxy.cli.tables import cell, printed

_EXTRA: Final = {"nbclient", "nbconvert", "nbformat", "jupyterlab", "ipykernel", "plotly"}
_FRAMES: Final = {"polars", "pyarrow", "numpy", "scipy"}


@dataclass(frozen=True, slots=True)
class Wish:
    """A notebook's parameters, as they were typed."""

    ledger: str = "demo"
    since: str | None = None
    until: str | None = None
    seed: int = 1

    @property
    def parameters(self) -> dict[str, object]:
        """Return them as a notebook has them; a ledger in a folder is found from anywhere."""
        path = Path(self.ledger).expanduser()
        ledger = str(path.absolute()) if path.exists() else self.ledger
        since, until = self.since or "", self.until or ""
        return {"ledger": ledger, "since": since, "until": until, "seed": self.seed}


@contextmanager
def told() -> Iterator[None]:
    """Tell a failure that was expected in one line; also that the extra is not installed."""
    with told_of_analysis():
        try:
            yield
        except ModuleNotFoundError as error:
            name = (error.name or "").split(".")[0]
            if name not in _EXTRA | _FRAMES:
                raise
            raise NoNotebook(
                f'notebooks need {name}: pip install "pointsman[notebooks]"'
            ) from error


def listed(*, as_json: bool) -> None:
    """Print the notebooks."""
    found = [(name, _title(places.FOLDER / f"{name}.ipynb")) for name in places.names()]
    if as_json:
        for name, title in found:
            typer.echo(json.dumps({"name": name, "title": title}))
        return
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("name", "what it asks"):
        made.add_column(column)
    for name, title in found:
        made.add_row(cell(name), cell(title))
    printed(made)


def _title(path: Path) -> str:
    """Return the first heading of a notebook."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "".join(cells[0]["source"]).partition("\n")[0].removeprefix("# ")


def ran(names: Sequence[str], wish: Wish, output: Path, jobs: int) -> None:
    """Execute notebooks, several at once, and write a page of each.

    Raises:
        NoNotebook: There is none of that name, or a cell failed.
    """
    paths = [places.found(name) for name in names or places.names()]
    one_file = output.suffix == ".html" and not output.is_dir()
    if one_file and len(paths) > 1:
        raise NoNotebook(f"-o {output} is one page for {len(paths)} notebooks: want a folder")
    targets = [output if one_file else output / f"{path.stem}.html" for path in paths]
    targets[0].parent.mkdir(parents=True, exist_ok=True)
    console = Console(file=sys.stderr)
    with (
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
        ProcessPoolExecutor(jobs, get_context("spawn")) as pool,  # one fails alone
    ):
        task = progress.add_task("notebooks", total=len(paths))
        both = zip(paths, targets, strict=True)
        running = [pool.submit(_page, path, target, wish) for path, target in both]
        try:
            for one in running:
                typer.echo(str(one.result()))
                progress.advance(task)
        except NoNotebook:
            pool.shutdown(cancel_futures=True)  # the others would only be waited for
            raise


def _page(path: Path, target: Path, wish: Wish) -> Path:
    from analysis.notebook import rendering, running  # noqa: PLC0415  # they are an extra

    notebook = running.with_parameters(running.read(path), wish.parameters)
    made = running.executed(notebook, Path.cwd())
    target.write_text(rendering.page(made, _title(path)), "utf-8")
    return target


def opened(name: str | None, wish: Wish, folder: Path, *, opens_browser: bool) -> None:
    """Open Jupyter with copies of the notebooks; what was written into one is kept.

    Raises:
        NoNotebook: There is none of that name.
    """
    import jupyterlab  # noqa: F401, PLC0415  # said at once if it is missing

    chosen = None if name is None else places.found(name).name
    copied(folder, wish)
    words = [sys.executable, "-m", "jupyterlab", *([] if opens_browser else ["--no-browser"])]
    quiet = ["--LabApp.news_url=None", "--LabApp.check_for_updates_class="]
    quiet[1] += "jupyterlab.handlers.announcements.NeverCheckForUpdate"
    words += [*quiet, str(folder if chosen is None else folder / chosen)]
    raise typer.Exit(subprocess.run(words, check=False).returncode)  # noqa: S603  # our own words


def copied(folder: Path, wish: Wish) -> None:
    """Copy the notebooks that a folder has not; all of them get the parameters."""
    import nbformat  # noqa: PLC0415  # it is an extra

    from analysis.notebook import running  # noqa: PLC0415  # likewise

    folder.mkdir(parents=True, exist_ok=True)
    for name in places.names():
        target = folder / f"{name}.ipynb"
        own = target if target.exists() else places.FOLDER / target.name
        made = running.with_parameters(running.read(own), wish.parameters)
        nbformat.write(made, target)
