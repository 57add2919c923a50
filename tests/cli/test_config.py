import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proxy.cli.main import app
from proxy.config import starter

BAD = '[server]\nport = 0\n[queues]\nclaude = ["main"]\n'
MISSING = "a provider; there is none yet, write [providers.main]"
CONTENT, WHOLE = "first content 300 s", "whole 600 s, total 3600 s"
SIGNS = "keepalive 15 s"
READABLE = "pointsman.toml: other users can read it, and it holds a key"
GOOD = """
[server]
client_keys = { laptop = "s3cret-1" }
[ledger]
folder = "/books/ledger"
[providers.main]
wires = ["anthropic"]
base_url = "https://api.example.com"
keys = { own = "${KEY}", team = "s3cret-2" }
[providers.relay]
wires = ["anthropic"]
base_url = "https://relay.example.com"
key = "${KEY}"
[queues]
claude = ["main", "relay"]
openai = ["relay"]
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str, **env: str) -> Result:
    return CliRunner().invoke(app, words, env={"POINTSMAN_CONFIG": "pointsman.toml"} | env)


def write(text: str, mode: int = 0o600) -> None:
    Path("pointsman.toml").write_text(text)
    Path("pointsman.toml").chmod(mode)


def test_check_says_what_the_file_comes_to() -> None:
    write(GOOD, 0o644)
    result = run("config", "check", KEY="s3cret-3")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "ok: pointsman.toml",
        "listen  http://127.0.0.1:15721",
        "ledger  /books/ledger",
        "client keys  laptop",
        "queues",
        "  claude  main (own, team) → relay",
        "  openai  relay",
        "limits",
        f"  claude  connect 10 s, first byte 90 s, {CONTENT}, idle 180 s, {SIGNS}, {WHOLE}",
        f"  openai  connect 10 s, first byte 60 s, {CONTENT}, idle 120 s, {SIGNS}, {WHOLE}",
        f"warning: {READABLE}; do: chmod 600 pointsman.toml",
    ]


ROUTED = """
[providers.spare]
wires = ["anthropic"]
base_url = "https://spare.example.com"
key = "${KEY}"
enabled = false
[queues.cheap]
policy = "weighted"
sticky = false
targets = [{ provider = "relay", weight = 3 }, { provider = "main", key = "team", backup = true }]
[queues.mixed]
targets = [
  { provider = "main", level = 1 },
  { provider = "relay", model = "glm-5", level = 1 },
  "spare",
  { provider = "relay", backup = true },
]
[[rules]]
name = "small"
queue = "cheap"
apps = ["claude"]
models = ["*haiku*", "*mini*"]
headers = { X-Kind = "*batch*" }
client_keys = ["laptop"]
min_tokens = 10
max_tokens = 2000
[[rules]]
name = "rest"
queue = "mixed"
[[activations]]
provider = "main"
key = "own"
model = "claude-haiku-4-5"
at = ["08:00", "13:30"]
days = "mon-wed"
zone = "Europe/Berlin"
max_usd = 0.01
[[activations]]
provider = "relay"
model = "glm-5"
at = ["00:05"]
max_usd = 1
"""
RULES = {
    "small": (
        "claude; models *haiku*, *mini*; x-kind: *batch*; keys laptop; from 10 tokens; "
        "up to 2000 tokens → cheap"
    ),
    "rest": "everything → mixed",
}
ACTIVATIONS = [
    "main/own: claude-haiku-4-5 at 08:00, 13:30 (mon, tue, wed) Europe/Berlin, at most 0.01 USD",
    "relay: glm-5 at 00:05 UTC, at most 1 USD",
]


def test_check_says_where_requests_go() -> None:
    write(GOOD + ROUTED)
    result = run("config", "check", KEY="s3cret-3")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[4:-2] == [
        "queues",
        "  claude  main (own, team) → relay",
        "  openai  relay",
        "  cheap   weighted, not sticky: relay x3, backup main (team)",
        "  mixed   main (own, team) | relay as glm-5 → spare (disabled), backup relay",
        "rules",
        f"  small   {RULES['small']}",
        f"  rest    {RULES['rest']}",
        "activations",
        *(f"  {text}" for text in ACTIVATIONS),
        "limits",
    ]


def test_check_says_where_requests_go_to_a_program() -> None:
    write(GOOD + ROUTED)
    verdict = json.loads(run("config", "check", "--json", KEY="s3cret-3").stdout)
    assert verdict["queues"] == {
        "claude": ["main/own", "main/team", "relay/default"],
        "openai": ["relay/default"],
        "cheap": ["relay/default", "main/team"],
        "mixed": ["main/own", "main/team", "relay/default/glm-5", "relay/default"],
    }
    assert verdict["policies"]["cheap"] == "weighted"
    assert verdict["rules"] == RULES
    assert verdict["activations"] == ACTIVATIONS


def test_check_for_a_program() -> None:
    write(GOOD)
    result = run("config", "check", "--json", KEY="s3cret-3")
    verdict = json.loads(result.stdout)
    assert (result.exit_code, verdict["ok"]) == (0, True)
    assert verdict["queues"] == {
        "claude": ["main/own", "main/team", "relay/default"],
        "openai": ["relay/default"],
    }
    assert verdict["limits"]["claude"]["first_byte_s"] == 90
    assert verdict["client_keys"] == ["laptop"]
    assert "s3cret" not in result.stdout


def test_check_says_what_is_wrong() -> None:
    write(BAD)
    result = run("config", "check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "pointsman.toml: server.port: found 0, want a whole number from 1 to 65535",
        f'pointsman.toml: queues.claude[0]: found "main", want {MISSING}',
    ]


def test_check_says_what_is_wrong_for_a_program() -> None:
    write(BAD)
    result = run("config", "check", "--json")
    verdict = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (2, "")
    assert (verdict["ok"], len(verdict["errors"])) == (False, 2)


def test_init_writes_what_its_owner_alone_can_read() -> None:
    result = run("config", "init", "--config", "new/folders/my.toml")
    file = Path("new/folders/my.toml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("wrote new/folders/my.toml\nnext:\n")
    assert file.read_text() == starter()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent, Path("new"))]
    assert modes == [0o600, 0o700, 0o700]
    assert list(file.parent.iterdir()) == [file]


def test_init_leaves_a_file_alone() -> None:
    write("# mine")
    result = run("config", "init")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "pointsman.toml: there is a file already; write over it with --force\n"
    )
    assert Path("pointsman.toml").read_text() == "# mine"


def test_init_replaces_a_file_when_told_to_and_keeps_a_link() -> None:
    Path("real.toml").write_text("# mine")
    Path("pointsman.toml").symlink_to("real.toml")
    assert run("config", "init", "--force").exit_code == 0
    assert Path("pointsman.toml").is_symlink()
    assert Path("real.toml").read_text() == starter()
    assert stat.S_IMODE(Path("real.toml").stat().st_mode) == 0o600


def test_init_where_nothing_can_be_written() -> None:
    Path("file").touch()
    result = run("config", "init", "--config", "file/my.toml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "file/my.toml: cannot be written: Not a directory\n"


def test_path_says_where() -> None:
    assert run("config", "path").stdout == "pointsman.toml\n"
    assert run("config", "path", "--config", "x.toml").stdout == "x.toml\n"
