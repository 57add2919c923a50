import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proxy.cli.main import app
from tests.takeover.homes import FILES, fill, standing

CLAUDE = FILES[0]
HAND_MADE = '{"env": {"ANTHROPIC_API_KEY": "sk-canary"}}'
CONFIG = '[server]\nport = 9\nclient_keys = { laptop = "${CLIENT}" }\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("POINTSMAN_CONFIG", str(tmp_path / "state/pointsman.toml"))
    monkeypatch.setenv("CLIENT", "sk-client-canary")
    for name in ("GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL", "CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    fill(tmp_path, {CLAUDE: HAND_MADE, "state/pointsman.toml": CONFIG, "work/none": ""})
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_what_is_installed_is_taken_over_and_given_back(home: Path) -> None:
    before = standing(home)
    taken = run("takeover")
    assert (taken.exit_code, taken.stderr) == (0, "")
    assert taken.stdout.splitlines() == [
        f"claude  {home / CLAUDE}",
        '  env.ANTHROPIC_BASE_URL: nothing → "http://127.0.0.1:9"',
        "  env.ANTHROPIC_AUTH_TOKEN: nothing → (hidden)",
        "  env.ANTHROPIC_API_KEY: (hidden) → nothing",
        "note: nobody answers at http://127.0.0.1:9 yet: pointsman serve",
        "note: give everything back with: pointsman restore",
    ]
    assert json.loads((home / CLAUDE).read_text())["env"] == {
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
        "ANTHROPIC_AUTH_TOKEN": "sk-client-canary",
    }
    given = run("restore")
    assert given.exit_code == 0
    assert given.stdout.splitlines()[-1].startswith("note: running sessions of Claude Code")
    assert standing(home) == before
    assert run("restore").stdout == "nothing is taken over\n"


def test_dry_run_says_it_and_changes_nothing(home: Path) -> None:
    before = standing(home)
    assert run("takeover", "--dry-run").stdout.startswith("nothing was changed; this would be:\n")
    assert standing(home) == before
    assert run("restore", "--dry-run").stdout == "nothing is taken over\n"


def test_json_tells_no_secret(home: Path) -> None:
    said = run("takeover", "claude", "codex", "gemini", "--json").stdout
    found = json.loads(said)
    assert found["done"] is True
    assert [one["app"] for one in found["files"]] == ["claude", "codex", "gemini", "gemini"]
    assert "canary" not in said + run("restore", "--json").stdout
    assert not any(
        b"canary" in content for name, (content, _) in standing(home).items() if name != CLAUDE
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(
            ["takeover", "cursor"],
            "'cursor' is no app that can be taken over, want claude, codex, gemini\n",
            id="an app of another world",
        ),
        pytest.param(
            ["takeover", "--url", "here"],
            "here is no address, want one like http://127.0.0.1:15721\n",
            id="an address that is none",
        ),
    ],
)
def test_bad_words(home: Path, words: list[str], message: str) -> None:
    before = standing(home)
    found = run(*words)
    assert (found.exit_code, found.stderr) == (2, message)
    assert standing(home) == before


def test_where_nothing_is_installed_it_says_so(home: Path) -> None:
    (home / CLAUDE).unlink()
    (home / CLAUDE).parent.rmdir()
    found = run("takeover")
    assert (found.exit_code, found.stderr) == (
        2,
        "none of claude, codex, gemini is installed here, name those you want\n",
    )


def test_a_broken_file_waits(home: Path) -> None:
    run("takeover")
    (home / CLAUDE).write_text("{")
    found = run("restore")
    assert found.exit_code == 1
    assert "mend it, and ask again" in found.stderr
