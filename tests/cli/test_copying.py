"""`pointsman copy`: what is printed is what a client takes, and the token only where asked for."""

import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proxy.cli.main import app

CONFIG = """\
[server]
port = 15999
client_keys = { laptop = "ck-canary" }
[providers.main]
wires = ["anthropic"]
base_url = "https://api.example.com"
key = "sk-canary"
models = ["claude-*", "claude-opus-5-5"]
[queues]
claude = ["main"]
codex = ["main"]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "pointsman.toml"
    path.write_text(CONFIG)
    monkeypatch.setenv("POINTSMAN_CONFIG", str(path))
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["copy", *words])


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        pytest.param(("url",), "http://127.0.0.1:15999\n", id="where Claude Code asks"),
        pytest.param(("url", "--app", "codex"), "http://127.0.0.1:15999/v1\n", id="Codex"),
        pytest.param(("token",), "ck-canary\n", id="the token, when asked for"),
        pytest.param(("model",), "/model claude-opus-5-5\n", id="a model that is known by name"),
        pytest.param(("model", "x/y", "--app", "codex"), "codex -m x/y\n", id="a model of mine"),
    ],
)
def test_what_is_pasted(file: Path, words: tuple[str, ...], printed: str) -> None:
    assert file.exists()
    result = run(*words)
    assert (result.exit_code, result.stdout, result.stderr) == (0, printed, "")


@pytest.mark.parametrize("name", ["claude", "codex", "gemini", "openai"])
def test_settings_have_the_token_only_if_asked(file: Path, name: str) -> None:
    assert file.exists()
    without = run("settings", "--app", name)
    assert "CLIENT-KEY" in without.stdout
    assert "canary" not in without.output
    assert "ck-canary" in run("settings", "--app", name, "--with-token").stdout


def test_settings_are_in_the_form_of_the_client(file: Path) -> None:
    assert file.exists()
    env = json.loads(run("settings").stdout)["env"]
    assert env["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:15999"
    table = tomllib.loads(run("settings", "--app", "codex").stdout)
    assert table["model_providers"]["pointsman"]["base_url"] == "http://127.0.0.1:15999/v1"


@pytest.mark.parametrize(
    "words", [("nothing",), ("url", "--app", "vi"), ("model", "--app", "gemini")]
)
def test_what_cannot_be_copied_is_said(file: Path, words: tuple[str, ...]) -> None:
    assert file.exists()
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "want" in result.stderr
