import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proxy.cli.main import app
from proxy.config.presets import presets

CONFIG = """\
[providers.main]
wires = ["anthropic"]
base_url = "https://api.example.com"
key = "sk-canary"  # mine
[queues]
claude = ["main"]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "pointsman.toml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    monkeypatch.setenv("POINTSMAN_CONFIG", str(path))
    monkeypatch.setenv("RELAY_KEY", "sk-relay")
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_every_preset_is_a_provider_that_can_be_used(file: Path) -> None:
    for name in presets():
        result = run("providers", "add", name, "--preset", name, "-q", "openai", "key=x")
        assert (result.exit_code, result.stderr) == (0, "")
    assert run("config", "check").exit_code == 0
    assert list(tomllib.loads(file.read_text())["providers"]) == ["main", *presets()]
    assert run("providers", "presets").stdout.count("\n") == len(presets())


def test_a_life_of_a_provider(file: Path) -> None:
    words = ("add", "relay", 'wires=["chat"]', "base_url=https://r.example.com")
    added = run("providers", *words, "key=${RELAY_KEY}", "-q", "claude", "--first")
    assert (added.exit_code, added.stderr) == (0, "")
    assert added.stdout.splitlines() == [
        f"added relay, asked by claude: {file}",
        "take it back with: pointsman config undo",
    ]
    for words in (
        ("edit", "relay", "price_factor=0.3"),
        ("move", "relay", "claude", "2"),
        ("disable", "relay"),
    ):
        assert run("providers", *words).exit_code == 0
    found = tomllib.loads(file.read_text())
    assert found["queues"]["claude"] == ["main", "relay"]
    assert found["providers"]["relay"] == {
        "wires": ["chat"],
        "base_url": "https://r.example.com",
        "key": "${RELAY_KEY}",
        "price_factor": 0.3,
        "enabled": False,
    }
    assert run("providers", "enable", "relay").exit_code == 0
    assert run("providers", "remove", "relay").exit_code == 0
    assert file.read_text() == CONFIG
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_last_change_can_be_taken_back_and_made_again(file: Path) -> None:
    run("providers", "edit", "main", "price_factor=0.5")
    changed = file.read_text()
    assert run("config", "undo").exit_code == 0
    assert file.read_text() == CONFIG
    assert run("config", "undo").exit_code == 0
    assert file.read_text() == changed


def test_a_dry_run_shows_the_difference_and_no_secret(file: Path) -> None:
    result = run(
        "providers", "edit", "main", "key=sk-other-canary", "price_factor=0.5", "--dry-run"
    )
    assert result.stdout.splitlines() == [
        "@@ -3,3 +3,4 @@",
        ' base_url = "https://api.example.com"',
        "-key = (hidden)",
        "+key = (hidden)",
        "+price_factor = 0.5",
        " [queues]",
    ]
    assert file.read_text() == CONFIG
    assert run("config", "undo").stderr.endswith(
        f"found no file, want what a command changed {file} from\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(
            ["edit", "main", "price_factor=x"],
            'providers.main.price_factor: found "x", want a number above 0, as in 0.3\n'
            "nothing was changed\n",
            id="a value that the file may not have",
        ),
        pytest.param(
            ["disable", "main"],
            "queues.claude: found disabled providers only, want one that is enabled\n"
            "nothing was changed\n",
            id="nobody left to ask",
        ),
        pytest.param(
            ["add", "x", "--preset", "nobody"], f"one of {', '.join(presets())}\n", id="no preset"
        ),
        pytest.param(
            ["edit", "main", "zone"], "want KEY=VALUE, as in price_factor=0.3\n", id="bare"
        ),
    ],
)
def test_a_change_for_the_worse_is_refused(file: Path, words: list[str], message: str) -> None:
    result = run("providers", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(message)
    assert file.read_text() == CONFIG


def test_a_variable_that_is_not_set_here_is_a_warning(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RELAY_KEY")
    result = run("providers", "edit", "main", "key=${RELAY_KEY}")
    assert result.exit_code == 0
    assert result.stderr.startswith(f"warning: {file}: providers.main.key: found ${{RELAY_KEY}}")


def test_a_file_that_is_not_there(file: Path) -> None:
    file.unlink()
    assert "make it with: pointsman config init" in run("providers", "disable", "main").stderr
    assert run("providers", "add", "main", "--preset", "ollama", "-q", "openai").exit_code == 0
    assert run("config", "check").exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
