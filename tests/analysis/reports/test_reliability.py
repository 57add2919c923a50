"""`pointsman reliability`: its table, its JSON, and what it needs."""

import json
import subprocess
import sys
from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from analysis.reports.verbs import reliability
from proxy.ledger.views import prepare
from tests.analysis.ledgers import Row, ledger_of
from tests.analysis.metrics.asking import FAILED, THROTTLED, attempts

HOUR = 3600.0


def run(*words: str) -> Result:
    app = typer.Typer()
    app.command()(reliability)
    return CliRunner().invoke(app, [*words])


def filled(folder: Path) -> Path:
    bad: list[Row] = [
        *attempts(30, step_s=HOUR, provider="worse"),
        *attempts(9, 60, step_s=HOUR, provider="worse", **FAILED),
        *attempts(1, 120, provider="worse", **THROTTLED),
    ]
    rows = [*attempts(40, step_s=HOUR, provider="better"), *bad]
    ledger_of(folder, requests=[{"id": 1}], attempts=rows).close()
    return folder


def test_the_best_one_first_and_each_share_with_its_interval(tmp_path: Path) -> None:
    lines = run("--ledger", str(filled(tmp_path))).stdout.splitlines()
    better, worse = [line.split() for line in lines if line.startswith((" better", " worse"))]
    assert better[:3] == ["better", "100.00", "%"]
    assert better[-4:-2] == ["40", "40"]
    assert worse[:3] == ["worse", f"{3000 / 39:.2f}", "%"]
    assert worse[4:6] == ["75.00", "%"]  # a rate limit is no use either
    assert worse[-4:-2] == ["39", "30"]
    assert float(better[-2]) > float(worse[-2])


def test_for_a_program(tmp_path: Path) -> None:
    found = json.loads(run("--json", "--ledger", str(filled(tmp_path))).stdout)
    wanted = {"success": "availability", "ranks": "chance to be best"}
    for metric, what in wanted.items():
        names = [row["provider"] for row in found[metric] if row["what"] == what]
        assert names == ["better", "worse"]


def test_nothing_yet(tmp_path: Path) -> None:
    prepare(tmp_path)
    result = run("--ledger", str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{tmp_path} holds no request (")
    assert result.stderr.count("\n") == 1


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys, typer\nsys.modules['polars'] = None\n"
        "from analysis.reports.verbs import reliability\n"
        "app = typer.Typer()\napp.command()(reliability)\napp()"
    )
    done = subprocess.run(  # noqa: S603  # this interpreter, on the text above
        [sys.executable, "-c", code, "--ledger", str(filled(tmp_path))],
        capture_output=True,
        text=True,
        check=False,
    )
    line = 'this report needs polars: pip install "pointsman[analysis]"\n'
    assert (done.returncode, done.stderr) == (2, line)
