"""What was taken over is given back: to the byte, or with every edit made meanwhile."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.editing import dotenv
from proxy.errors import SetupError
from proxy.takeover.app import Wanted
from proxy.takeover.taking import APPS, give_back, take
from tests.takeover import homes
from tests.takeover.homes import FILES, WANTED, fill, journal, standing, taken

CLAUDE, CODEX, ENV, GEMINI = FILES
A_SETTINGS = '{\n  "model": "opus",\n  "env": {\n    "ANTHROPIC_API_KEY": "sk-mine"\n  }\n}\n'
A_CONFIG = '# mine\nmodel = "gpt-5.5"  # the last with plain tools\n\n[tui]\ntheme = "dark"\n'


def test_each_client_is_sent_to_the_proxy(tmp_path: Path) -> None:
    fill(tmp_path, {CLAUDE: A_SETTINGS, CODEX: A_CONFIG})
    taken(tmp_path)
    assert json.loads((tmp_path / CLAUDE).read_text()) == {
        "model": "opus",
        "env": {"ANTHROPIC_BASE_URL": WANTED.url, "ANTHROPIC_AUTH_TOKEN": "pointsman"},
    }
    assert tomllib.loads((tmp_path / CODEX).read_text()) == {
        "model": "gpt-5.5",
        "model_provider": "pointsman",
        "tui": {"theme": "dark"},
        "model_providers": {
            "pointsman": {
                "name": "pointsman",
                "base_url": "http://127.0.0.1:15721/v1",
                "wire_api": "responses",
                "experimental_bearer_token": "pointsman",
            }
        },
    }
    assert dotenv.plain((tmp_path / ENV).read_text()) == {
        "GEMINI_API_KEY": "pointsman",
        "GOOGLE_GEMINI_BASE_URL": WANTED.url,
    }
    assert json.loads((tmp_path / GEMINI).read_text()) == {
        "security": {"auth": {"selectedType": "gemini-api-key"}}
    }


@pytest.mark.parametrize(
    ("name", "text", "env", "wanted", "says"),
    [
        pytest.param(
            CLAUDE,
            '{"apiKeyHelper": "/bin/key"}',
            {},
            WANTED,
            {"apiKeyHelper": "/bin/key", "env": {"ANTHROPIC_BASE_URL": WANTED.url}},
            id="a helper's key does where nobody looks at it",
        ),
        pytest.param(
            CLAUDE,
            '{"apiKeyHelper": "/bin/key"}',
            {},
            Wanted(WANTED.url, "sk-client", is_checked=True),
            {"env": {"ANTHROPIC_BASE_URL": WANTED.url, "ANTHROPIC_AUTH_TOKEN": "sk-client"}},
            id="and goes where the proxy wants its own",
        ),
        pytest.param(
            CLAUDE,
            '{"env": {"CLAUDE_CODE_USE_BEDROCK": "1", "NO_PROXY": "intra"}}',
            {"https_proxy": "http://proxy:3128"},
            WANTED,
            {
                "env": {
                    "NO_PROXY": "intra,127.0.0.1,localhost",
                    "ANTHROPIC_BASE_URL": WANTED.url,
                    "ANTHROPIC_AUTH_TOKEN": "pointsman",
                }
            },
            id="no cloud of its own, and no other proxy on the way",
        ),
    ],
)
def test_claude(
    tmp_path: Path, name: str, text: str, env: dict[str, str], wanted: Wanted, says: object
) -> None:
    fill(tmp_path, {name: text})
    taken(tmp_path, wanted, **env)
    assert json.loads((tmp_path / name).read_text()) == says


def test_a_profile_that_names_a_provider_names_ours(tmp_path: Path) -> None:
    fill(tmp_path, {CODEX: 'profile = "p"\n[profiles.p]\nmodel_provider = "mine"\n'})
    taken(tmp_path)
    found = tomllib.loads((tmp_path / CODEX).read_text())
    assert found["profiles"] == {"p": {"model_provider": "pointsman"}}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param(CLAUDE, "{", "it is no JSON", id="settings cut short"),
        pytest.param(CLAUDE, '{"env": []}', "env is \\[\\], want an object", id="env an array"),
        pytest.param(CODEX, "model = ", "it is no TOML", id="a config cut short"),
        pytest.param(CODEX, "model_providers = 1", "model_providers is no table", id="a number"),
        pytest.param(ENV, "GEMINI_API_KEY=1\nGEMINI_API_KEY=2", "set 2 times", id="a key twice"),
        pytest.param(GEMINI, '"text"', "the whole file is", id="settings that are a text"),
    ],
)
def test_nothing_is_taken_where_one_file_cannot_be_read(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    fill(tmp_path, {CLAUDE: A_SETTINGS, name: text})
    before = standing(tmp_path)
    with pytest.raises(SetupError, match=message):
        taken(tmp_path)
    assert standing(tmp_path) == before
    assert not journal(tmp_path).exists()


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    fill(tmp_path, {CLAUDE: "{}"})
    (tmp_path / CLAUDE).write_bytes(b'{"a": "\xff"}')
    with pytest.raises(SetupError, match="byte 7 is not UTF-8; it was left as it is"):
        taken(tmp_path)


def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, {CLAUDE: A_SETTINGS})
    (tmp_path / CLAUDE).chmod(0o444)
    before = standing(tmp_path)
    with pytest.raises(SetupError, match="is read-only, want a file to write to: chmod u\\+w"):
        taken(tmp_path)
    assert standing(tmp_path) == before


def test_only_saying_it_changes_nothing(tmp_path: Path) -> None:
    fill(tmp_path, {CLAUDE: A_SETTINGS})
    before = standing(tmp_path)
    found = take(APPS, homes.around(tmp_path), WANTED, journal(tmp_path), only_say=True)
    assert [one.entry.app for one in found] == ["claude", "codex", "gemini", "gemini"]
    assert standing(tmp_path) == before
    assert not journal(tmp_path).exists()
    assert give_back(APPS, journal(tmp_path), only_say=True) == []


def test_twice_is_once(tmp_path: Path) -> None:
    fill(tmp_path, {CLAUDE: A_SETTINGS, CODEX: A_CONFIG})
    before = standing(tmp_path)
    taken(tmp_path)
    once = standing(tmp_path)
    taken(tmp_path)
    assert standing(tmp_path) == once
    homes.given(tmp_path)
    assert standing(tmp_path) == before
    assert not journal(tmp_path).exists()
    assert homes.given(tmp_path) == []


def test_another_address_is_given_back_as_well(tmp_path: Path) -> None:
    fill(tmp_path, {CLAUDE: A_SETTINGS, CODEX: A_CONFIG})
    before = standing(tmp_path)
    taken(tmp_path)
    taken(tmp_path, Wanted("http://127.0.0.1:9", "other"))
    fill(tmp_path, {CLAUDE: (tmp_path / CLAUDE).read_text().replace("opus", "sonnet")})
    homes.given(tmp_path)
    expected = before | {CLAUDE: (A_SETTINGS.replace("opus", "sonnet").encode(), 0o644)}
    assert json.loads(standing(tmp_path)[CLAUDE][0]) == json.loads(expected[CLAUDE][0])
    assert {**standing(tmp_path), CLAUDE: b""} == {**before, CLAUDE: b""}


def test_one_app_is_given_back_and_the_others_stay(tmp_path: Path) -> None:
    fill(tmp_path, {CLAUDE: A_SETTINGS})
    taken(tmp_path)
    codex = standing(tmp_path)[CODEX]
    give_back(["claude"], journal(tmp_path))
    assert standing(tmp_path)[CLAUDE][0] == A_SETTINGS.encode()
    assert standing(tmp_path)[CODEX] == codex
    homes.given(tmp_path)
    assert sorted(standing(tmp_path)) == [".claude", CLAUDE]


def test_a_key_someone_changed_stays(tmp_path: Path) -> None:
    fill(tmp_path, {CLAUDE: A_SETTINGS})
    taken(tmp_path)
    text = (tmp_path / CLAUDE).read_text().replace(WANTED.url, "https://mine")
    (tmp_path / CLAUDE).write_text(text)
    (claude, *_) = homes.given(tmp_path)
    assert claude.kept == (("env", "ANTHROPIC_BASE_URL"),)
    assert json.loads((tmp_path / CLAUDE).read_text())["env"] == {
        "ANTHROPIC_BASE_URL": "https://mine",
        "ANTHROPIC_API_KEY": "sk-mine",
    }


def test_what_cannot_be_read_any_more_waits_and_the_rest_is_given_back(tmp_path: Path) -> None:
    fill(tmp_path, {CLAUDE: A_SETTINGS, CODEX: A_CONFIG})
    taken(tmp_path)
    (tmp_path / CLAUDE).write_text("{ oh no")
    problems = [one.problem for one in homes.given(tmp_path)]
    assert problems[1:] == [None, None, None]
    assert problems[0] is not None
    assert problems[0].endswith("mend it, and ask again")
    assert (tmp_path / CLAUDE).read_text() == "{ oh no"
    assert standing(tmp_path)[CODEX][0] == A_CONFIG.encode()
    (tmp_path / CLAUDE).write_text('{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:15721"}}')
    homes.given(tmp_path)
    assert json.loads((tmp_path / CLAUDE).read_text()) == {"env": {"ANTHROPIC_API_KEY": "sk-mine"}}


def test_links_modes_and_new_folders(tmp_path: Path) -> None:
    fill(tmp_path, {"dotfiles/claude.json": A_SETTINGS, CODEX: A_CONFIG})
    (tmp_path / ".claude").mkdir()
    (tmp_path / CLAUDE).symlink_to("../dotfiles/claude.json")
    (tmp_path / CODEX).chmod(0o640)
    before = standing(tmp_path)
    taken(tmp_path)
    assert (tmp_path / CLAUDE).is_symlink()
    assert standing(tmp_path)[CODEX][1] == 0o640
    assert standing(tmp_path)[ENV][1] == 0o600
    homes.given(tmp_path)
    assert standing(tmp_path) == before


def test_a_damaged_journal_is_told(tmp_path: Path) -> None:
    fill(tmp_path, {"state/takeover.json": "{"})
    with pytest.raises(SetupError, match="is damaged"):
        taken(tmp_path)


TEXT = st.text(alphabet="ab é\"'#\\", max_size=6)
PLAIN = st.dictionaries(st.sampled_from(["a", "b", "env", "é"]), TEXT | st.integers(0, 9))
ENVS = st.dictionaries(
    st.sampled_from(["A", "ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"]), TEXT
)
SETTINGS = st.builds(
    lambda said, env, indent, bom, crlf: (
        "\ufeff" * bom
        + json.dumps({**said, "env": env}, indent=indent).replace("\n", "\r\n" if crlf else "\n")
    ),
    PLAIN,
    ENVS,
    st.sampled_from([None, 2, "\t"]),
    st.booleans(),
    st.booleans(),
)
CONFIGS = st.builds(
    lambda lines, end: end.join(lines) + end,
    st.lists(
        st.sampled_from(["# note", "", 'model = "m" # why', "[tui]", "x.y = 1", "q = { a = 1 }"]),
        unique=True,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
DOTENVS = st.builds(
    lambda lines, end: end.join(lines),
    st.lists(
        st.sampled_from(["# note", "", "A=1", "export GEMINI_API_KEY='x' # mine", "B='a b'"]),
        unique=True,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
HOMES = st.fixed_dictionaries(
    {}, optional={CLAUDE: SETTINGS, CODEX: CONFIGS, ENV: DOTENVS, GEMINI: SETTINGS}
)
MANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@MANY
@given(HOMES)
def test_taking_and_giving_back_is_the_identity_on_bytes(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]
) -> None:
    home = tmp_path_factory.mktemp("home")
    fill(home, texts)
    before = standing(home)
    taken(home)
    homes.given(home)
    assert standing(home) == before


@MANY
@given(HOMES, st.sampled_from([2, 4, None]))
def test_edits_made_meanwhile_are_kept(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str], indent: int | None
) -> None:
    """As when the client writes its whole file anew, with a setting of the user's in it."""
    home = tmp_path_factory.mktemp("home")
    fill(home, texts)
    before = json.loads((home / GEMINI).read_text("utf-8-sig")) if GEMINI in texts else {}
    codex = tomllib.loads((home / CODEX).read_text()) if CODEX in texts else {}
    taken(home)
    said = json.loads((home / GEMINI).read_text("utf-8-sig"))
    (home / GEMINI).write_text(json.dumps({"mine": 1, **said}, indent=indent))
    (home / CODEX).write_text(f"mine = 1\n{(home / CODEX).read_text()}\n[last]\nmine = 2\n")
    homes.given(home)
    assert json.loads((home / GEMINI).read_text()) == {"mine": 1, **before}
    assert tomllib.loads((home / CODEX).read_text()) == {"mine": 1, **codex, "last": {"mine": 2}}
