"""`pointsman notebook`: what there is, a page of one, copies for Jupyter, what is missing."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from analysis.notebook import places, verbs_of_notebooks
from analysis.notebook.verbs import verbs
from analysis.notebook.verbs_of_notebooks import Wish


def test_list_names_each_with_its_question() -> None:
    lines = CliRunner().invoke(verbs, ["list", "--json"]).stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert [one["name"] for one in found] == places.names()
    assert all("?" in one["title"] for one in found)


def test_a_page_in_which_everything_is(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    words = ["notebook", "run", "spend_and_usage", "-o", str(page), "--ledger", str(places.SAMPLE)]
    subprocess.run([sys.executable, "-m", "proxy", *words], check=True, cwd=tmp_path)  # noqa: S603
    text = page.read_text("utf-8")
    assert 'src="http' not in text
    assert "prefers-color-scheme: dark" in text
    assert text.count('data-for="figure-') >= 4
    assert "By the list" in text
    assert str(places.SAMPLE) in text
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_several_at_once(tmp_path: Path) -> None:
    words = ["notebook", "run", "00", "01", "-o", str(tmp_path), "--jobs", "2"]
    words += ["--ledger", str(places.SAMPLE)]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "proxy", *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    made = ["00_quickstart.html", "01_spend_and_usage.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == made
    assert done.stdout.splitlines() == [str(tmp_path / name) for name in made]


def test_a_cell_that_fails_is_one_sentence(tmp_path: Path) -> None:
    words = ["notebook", "run", "01", "-o", str(tmp_path), "--ledger", str(tmp_path / "none")]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "proxy", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "there is nothing at" in done.stderr or "no ledger in" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_page_is_too_few_for_all(tmp_path: Path) -> None:
    found = CliRunner().invoke(verbs, ["run", "-o", str(tmp_path / "one.html")])
    assert found.exit_code == 2


def test_an_unknown_name_says_which_there_are() -> None:
    found = CliRunner().invoke(verbs, ["run", "nothing"])
    assert found.exit_code == 2
    assert places.names()[0] in found.stderr


def test_copies_keep_what_was_written_and_take_other_parameters(tmp_path: Path) -> None:
    verbs_of_notebooks.copied(tmp_path, Wish("own"))
    one = tmp_path / f"{places.names()[0]}.ipynb"
    notebook = nbformat.read(one, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("mine = 1"))
    nbformat.write(notebook, one)
    verbs_of_notebooks.copied(tmp_path, Wish("demo", since="7d"))
    sources = [cell.source for cell in nbformat.read(one, as_version=4).cells]
    assert sources[-1] == "mine = 1"
    injected = [source for source in sources if source.startswith("ledger = '")]
    assert injected == ["ledger = 'demo'\nsince = '7d'\nuntil = ''\nseed = 1"]


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    found = CliRunner().invoke(verbs, ["01"])
    assert found.exit_code == 2
    assert 'pip install "pointsman[notebooks]"' in found.stderr
