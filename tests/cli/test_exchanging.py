"""`pointsman config import` and `export`, from the command line to the bytes of the file."""

import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proxy.cli.main import app
from tests.formats.test_reading import SAMPLES

CONFIG = """\
# mine
[providers.deepseek]
wires = ["chat"]
base_url = "https://mine.example.com"
key = "sk-canary"  # mine

# Who is asked.
[queues]
claude = ["deepseek"]  # who
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "pointsman.toml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    monkeypatch.setenv("POINTSMAN_CONFIG", str(path))
    for name in ("OPENROUTER_API_KEY", "DIRECT_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, "x")
    return path


def run(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["config", *words], input=typed)


def test_what_is_there_stays_and_the_rest_is_added(file: Path) -> None:
    result = run("import", str(SAMPLES / "claude-code-router.json"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-5:] == [
        "there already, and left as they are: deepseek",
        "  --replace takes them anew, --prefix TEXT adds them under other names",
        f"added openrouter, direct, gee: {file}",
        "asked by long, background",
        "take it back with: pointsman config undo",
    ]
    text = file.read_text()
    assert text.startswith(CONFIG.partition("\n\n")[0])
    assert '# Who is asked.\n[queues]\nclaude = ["deepseek"]  # who\n' in text
    assert run("check").exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert run("undo").exit_code == 0
    assert file.read_text() == CONFIG


def test_they_are_replaced_where_that_is_wanted(file: Path) -> None:
    assert run("import", str(SAMPLES / "claude-code-router.json"), "--replace").exit_code == 0
    found = tomllib.loads(file.read_text())
    assert found["providers"]["deepseek"]["key"] == "sk-ds"
    assert found["queues"]["claude"] == ["deepseek"]


def test_other_names_and_other_queues(file: Path) -> None:
    words = ("--prefix", "ccr-", "-q", "claude", "-q", "codex", "--first", "--json")
    result = run("import", str(SAMPLES / "claude-code-router.json"), *words)
    found = tomllib.loads(file.read_text())
    assert [one["provider"] for one in found["queues"]["claude"][:3]] == [
        "ccr-deepseek",
        "ccr-openrouter",
        "ccr-gee",
    ]
    assert found["queues"]["claude"][3:] == ["deepseek"]
    assert "rules" not in found
    told = json.loads(result.stdout)
    assert (told["form"], told["written"], told["kept"]) == ("claude-code-router", True, [])
    assert told["queues"] == ["claude", "codex"]
    assert told["losses"][0].keys() == {"at", "line", "what"}


def test_a_link_is_taken_and_twice_is_once(file: Path) -> None:
    link = (SAMPLES / "cc-switch-link.link").read_text().strip()
    assert run("import", link).exit_code == 0
    once = file.read_text()
    assert tomllib.loads(once)["queues"]["claude"] == ["deepseek", "Relay-One"]
    again = run("import", "-", typed=link)
    assert (again.exit_code, again.stdout.splitlines()[-1]) == (0, "nothing to add")
    assert file.read_text() == once


def test_a_dry_run_shows_no_key_and_changes_nothing(file: Path) -> None:
    result = run("import", str(SAMPLES / "cc-proxy.json"), "--dry-run")
    assert "+[providers.alpha-codex]" in result.stdout
    assert "sk-" not in result.stdout
    assert file.read_text() == CONFIG


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        pytest.param(
            '{"providers": [\n{"apiUrl": 5}]}', (), ":2: providers[0].apiUrl: found", id="key"
        ),
        pytest.param(
            '{"a": 1}', (), ": found the file of no tool that is known here", id="nobody's"
        ),
        pytest.param(
            '{"Providers": [{"name": "a", "api_base_url": "http://a"}]}',
            (),
            ": it could be of ccproxy or claude-code-router; say which with --from",
            id="two could be meant",
        ),
        pytest.param(
            '{"Providers": []}', ("--from", "ccr"), "--from ccr: no such format", id="form"
        ),
        pytest.param('{"Providers": []}', ("--from", "ccproxy"), ": found no provider", id="empty"),
        pytest.param(
            '{"providers": [{"name": "a", "base_url": "http://127.0.0.1:15721"}]}',
            (),
            "which is this proxy itself",
            id="ourselves",
        ),
    ],
)
def test_nothing_is_written_on_failure(
    file: Path, text: str, words: tuple[str, ...], said: str
) -> None:
    source = file.with_name("theirs.json")
    source.write_text(text)
    result = run("import", str(source), *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert file.read_text() == CONFIG
    assert sorted(one.name for one in file.parent.iterdir()) == ["pointsman.toml", "theirs.json"]


def test_a_first_file_is_its_owners_alone(file: Path) -> None:
    file.unlink()
    assert run("import", str(SAMPLES / "gateway.json")).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert tomllib.loads(file.read_text())["queues"] == {"claude": ["early", "late"]}


def test_an_export_has_secrets_only_if_asked(file: Path) -> None:
    result = run("export", "--to", "claude-code-router")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["Providers"][0]["api_key"] == "KEY-OF-deepseek"
    assert "keys are not written" in result.stderr
    assert "sk-canary" not in result.output
    target = file.with_name("out.json")
    result = run("export", "--to", "claude-code-router", "--with-secrets", "-o", str(target))
    assert (result.exit_code, "sk-canary" in result.output) == (0, False)
    assert json.loads(target.read_text())["Providers"][0]["api_key"] == "sk-canary"
    assert target.stat().st_mode & 0o777 == 0o600
    again = run("export", "--to", "cli-proxy-api", "-o", str(target))
    assert (again.exit_code, "write over it with --force" in again.stderr) == (2, True)
    told = json.loads(run("export", "--to", "cli-proxy-api", "--json").stdout)
    assert (told["form"], told["has_secrets"], told["file"]) == ("cli-proxy-api", False, None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--to", "nothing"), "--to nothing: no such format", id="no format"),
        pytest.param(("--to", "litellm"), "--to litellm: no such format", id="only read"),
        pytest.param(("--to", "env", "--provider", "x"), "there is no provider x", id="nobody"),
        pytest.param(("--to", "claude-settings"), "nobody in it speaks anthropic", id="no wire"),
    ],
)
def test_an_export_that_cannot_be(file: Path, words: tuple[str, ...], said: str) -> None:
    assert file.exists()
    result = run("export", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_variable_must_be_set_where_its_value_is_wanted(file: Path) -> None:
    file.write_text(CONFIG.replace("sk-canary", "${NOT_SET_HERE}"))
    assert "${NOT_SET_HERE}" in run("export", "--to", "claude-code-router").stdout
    result = run("export", "--to", "claude-code-router", "--with-secrets")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "found ${NOT_SET_HERE}, which is not set" in result.stderr
