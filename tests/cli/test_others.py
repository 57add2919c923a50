"""Verbs of other packages: those that this project names, and how they join the command."""

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from proxy.cli import others

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
NAMED = PROJECT["project"]["entry-points"][others.GROUP]
VERBS = [EntryPoint(name, place, others.GROUP) for name, place in NAMED.items()]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setattr(others, "entry_points", lambda *, group: VERBS if group else [])
    made = typer.Typer()
    made.command("own")(lambda: None)
    made.command("another")(lambda: None)
    return made


@pytest.mark.parametrize("verb", NAMED)
def test_each_that_is_named_is_there(app: typer.Typer, verb: str) -> None:
    others.join(app, [verb])
    result = CliRunner().invoke(app, [verb, "--help"])
    assert result.exit_code == 0
    assert result.stdout.strip().startswith(f"Usage: root {verb} [OPTIONS]")


def test_none_is_loaded_for_a_verb_of_its_own(app: typer.Typer) -> None:
    others.join(app, ["own"])
    assert CliRunner().invoke(app, ["usage"]).exit_code == 2


def test_the_one_that_is_asked_for_is_loaded_alone(app: typer.Typer) -> None:
    others.join(app, ["explain"])
    assert CliRunner().invoke(app, ["explain", "--help"]).exit_code == 0
    assert CliRunner().invoke(app, ["usage"]).exit_code == 2
