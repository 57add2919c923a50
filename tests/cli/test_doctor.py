import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proxy.cli.main import app
from tests.doctor.test_reach import LIST, answering

CONFIG = """\
[server]
port = 9
[ledger]
folder = "ledger"
[providers.main]
wires = ["anthropic"]
base_url = "{url}"
key = "sk-canary"
[queues]
claude = ["main"]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "pointsman.toml"
    path.write_text(CONFIG.format(url="http://127.0.0.1:1"))
    path.chmod(0o600)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("POINTSMAN_CONFIG", str(path))
    monkeypatch.chdir(tmp_path)
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def levels(result: Result) -> list[tuple[str, str]]:
    found = [json.loads(line) for line in result.stdout.splitlines()]
    return [(one["level"], one["about"]) for one in found]


def test_all_is_well_but_that_nothing_runs_yet(file: Path) -> None:
    with answering(200, LIST) as (url, _):
        file.write_text(CONFIG.format(url=url))
        result = run("doctor", "--json")
    assert result.exit_code == 0
    assert levels(result) == [
        ("ok", "config"),
        ("note", "proxy"),
        ("note", "ledger"),
        ("ok", "provider main/default"),
        *([("warning", "clock")] if "clock" in result.stdout else []),
    ]
    assert "canary" not in result.stdout


def test_a_problem_is_an_exit_code_and_names_what_mends_it(file: Path) -> None:
    result = run("doctor", "--config", str(file))
    assert result.exit_code == 1
    assert "problem  provider main/default: connection: 127.0.0.1:1: Connection refused" in (
        result.stdout
    )
    assert "    do: pointsman providers edit main base_url=…" in result.stdout
    assert result.stdout.splitlines()[-1] == "1 problem"
    assert run("doctor", "--offline").exit_code == 0


def test_what_is_safe_is_mended(file: Path, tmp_path: Path) -> None:
    file.chmod(0o644)
    settings = tmp_path / ".claude/settings.json"
    settings.parent.mkdir()
    settings.write_text("{}")
    run("takeover", "claude")
    before = run("doctor", "--offline", "--json")
    assert (before.exit_code, ("warning", "config") in levels(before)) == (1, True)
    after = run("doctor", "--offline", "--fix", "--json")
    assert after.exit_code == 0
    assert settings.read_text() == "{}"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "mended: " in after.stderr


def test_a_configuration_that_cannot_be_used(file: Path) -> None:
    file.write_text("[servr]\n")
    result = run("doctor", "--json")
    assert result.exit_code == 1
    assert levels(result)[0] == ("problem", "config")


def test_discover_names_the_models_of_each_key(file: Path) -> None:
    with answering(200, LIST) as (url, _):
        file.write_text(CONFIG.format(url=url))
        found = run("providers", "discover", "main")
        none = run("providers", "discover", "main", "gpt-*")
        as_json = run("providers", "discover", "main", "--json")
    assert found.stdout.splitlines()[1:] == ["  claude-x"]
    assert none.stdout.startswith("main/default: 0 models, ")
    assert json.loads(as_json.stdout)["models"][0]["id"] == "claude-x"
    assert run("providers", "discover", "main").exit_code == 1
    assert run("providers", "discover", "nobody").exit_code == 2
