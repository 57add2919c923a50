import subprocess
import sys

import pytest
from typer.testing import CliRunner

from proxy import VERSION
from proxy.cli.main import app

# Not pydantic: typer itself reads some options with it.
SLOW = ("duckdb", "uvicorn", "httpx", "starlette", "rich", "proxy.app", "proxy.config")


def test_the_version() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"pointsman {VERSION}\n")


def test_an_unknown_option_is_told_with_the_usage() -> None:
    result = CliRunner().invoke(app, ["requests", "--lst", "3"])
    assert result.exit_code == 2
    assert "No such option: --lst" in result.stderr


def test_two_places_for_one_ledger_are_refused() -> None:
    result = CliRunner().invoke(app, ["requests", "--config", "a", "--ledger", "b"])
    assert result.exit_code == 2
    assert "give --config or --ledger, not both" in result.stderr


@pytest.mark.parametrize("words", [["--help"], ["serve", "--help"], ["config", "--help"]])
def test_help_waits_for_nothing(words: list[str]) -> None:
    code = (
        "import sys\nfrom proxy.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {SLOW} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(  # noqa: S603  # this interpreter, on the text above
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert "Usage: pointsman" in done.stdout
    assert done.stderr == "[]\n"


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "proxy", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"pointsman {VERSION}\n"
