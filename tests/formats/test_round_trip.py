"""What is written for a tool and read again is what it was, as far as that tool can say it."""

import json
import shlex
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.config import checked
from proxy.config.adding import table_of
from proxy.config.leaving import leaving
from proxy.formats.registry import FORMATS, WRITTEN
from proxy.formats.setup import Provider, Setup, Target, Variable, Wire
from tests.formats.test_reading import SAMPLES, read

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}[a-z0-9]", fullmatch=True)
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20).filter(
    lambda key: not key.startswith("$")
)
HOSTS = st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z]{2,5})?(:[1-9][0-9]{0,3})?", fullmatch=True)
PATHS = st.sampled_from(["", "/api", "/v3", "/openai", "/a/b"])
URLS = st.builds("{}://{}{}".format, st.sampled_from(["http", "https"]), HOSTS, PATHS)
MODELS = st.from_regex(r"[a-z0-9][a-z0-9./:-]{0,12}", fullmatch=True)
QUEUE_OF: dict[Wire, str] = {
    "anthropic": "claude",
    "responses": "codex",
    "gemini": "gemini",
    "chat": "openai",
}


@st.composite
def setups(draw: st.DrawFn) -> Setup:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    providers = []
    for no, name in enumerate(names):
        wire: Wire = draw(st.sampled_from([*QUEUE_OF]))
        url = draw(URLS)
        providers.append(
            Provider(name=name, base_url=url, wires=(wire,), keys={"default": f"{no}{draw(KEYS)}"})
        )
    queues: dict[str, tuple[Target, ...]] = {}
    for one in providers:
        queue = QUEUE_OF[one.wires[0]]
        queues[queue] = (*queues.get(queue, ()), Target(one.name))
    return Setup(providers=tuple(providers), queues=queues)


def written(form: str, setup: Setup) -> str:
    write = FORMATS[form].write
    assert write is not None
    return write(setup).text


@pytest.mark.parametrize("form", ["cc-switch-sql", "cc-switch-link"])
@given(setup=setups())
def test_cc_switch_gives_back_what_its_clients_can_use(form: str, setup: Setup) -> None:
    queues = {name: targets for name, targets in setup.queues.items() if name != "openai"}
    known = {one.provider for targets in queues.values() for one in targets}
    text = written(form, setup)
    if not known:
        assert "ccswitch:" not in text
        assert "INSERT" not in text.replace("-- ", "")
        return
    found = read(form, text).setup
    assert {one.name: one for one in found.providers} == {
        one.name: one for one in setup.providers if one.name in known
    }
    assert found.queues == queues


@given(setup=setups(), models=st.lists(MODELS, min_size=1, max_size=3, unique=True))
def test_claude_code_router_gives_back_providers_and_models(
    setup: Setup, models: list[str]
) -> None:
    setup = replace(
        setup, providers=tuple(replace(one, models=tuple(models)) for one in setup.providers)
    )
    text = written("claude-code-router", setup)
    assert json.loads(text)
    found = read("claude-code-router", text).setup
    assert found.providers == setup.providers
    first = setup.queues.get("claude", ())[:1]
    assert found.queues.get("claude", ())[:1] == tuple(
        Target(one.provider, models[0]) for one in first
    )


@given(setup=setups())
def test_our_own_file_gives_back_everything(setup: Setup) -> None:
    raw = {
        "providers": {one.name: table_of(one) for one in setup.providers},
        "queues": {
            name: [one.provider for one in targets] for name, targets in setup.queues.items()
        },
    }
    assert checked(raw, Path("pointsman.toml"), {})[1] == []
    assert leaving(raw, {}, with_secrets=True).setup == setup


@given(setup=setups())
def test_a_shell_reads_the_lines(setup: Setup) -> None:
    text = written("env", setup)
    first = setup.queues.get("claude", ())[:1]
    known = {one.name: one for one in setup.providers}
    for target in first:
        line = next(one for one in text.splitlines() if "ANTHROPIC_AUTH_TOKEN" in one)
        words = shlex.split(line)
        assert words == ["export", f"ANTHROPIC_AUTH_TOKEN={known[target.provider].keys['default']}"]


def test_rows_for_cc_switch_change_and_delete_none() -> None:
    schema = (SAMPLES / "cc-switch.sql").read_text().partition("INSERT")[0]
    setup = Setup(
        providers=(
            Provider(
                name="it",
                base_url="https://it's.example.com",
                wires=("anthropic",),
                keys={"default": "k'"},
            ),
        ),
        queues={"claude": (Target("it"),)},
    )
    text = written("cc-switch-sql", setup)
    with sqlite3.connect(":memory:", isolation_level=None) as base:
        base.executescript(schema + "COMMIT;")
        base.execute(
            "INSERT INTO providers (id, app_type, name, settings_config, is_current) "
            "VALUES ('pointsman-it', 'claude', 'mine', '{}', 1), ('b', 'claude', 'other', '{}', 0)"
        )
        base.executescript(text)
        names = [name for (name,) in base.execute("SELECT name FROM providers ORDER BY rowid")]
        assert names == ["mine", "other"]
        base.execute("DELETE FROM providers WHERE id = 'pointsman-it'")
        base.executescript(text + text)
        rows = base.execute("SELECT name, is_current, in_failover_queue FROM providers").fetchall()
        assert rows == [("other", 0, 0), ("it", 0, 1)]
    base.close()
    assert not text.lstrip().startswith("-- CC Switch SQLite")  # its import would replace all


@pytest.mark.parametrize("form", WRITTEN)
def test_a_variable_stays_one_or_something_stands_in_its_place(form: str) -> None:
    setup = Setup(
        providers=tuple(
            Provider(
                name=wire,
                base_url="https://a.example.com",
                wires=(wire,),
                models=("m",),
                keys={"default": Variable("A_KEY")},
            )
            for wire in QUEUE_OF
        ),
        queues={queue: (Target(wire),) for wire, queue in QUEUE_OF.items()},
    )
    text = written(form, setup)
    if form == "cc-switch-link":
        text = "".join(str(one.keys) for one in read(form, text).setup.providers)
    assert "Variable" not in text
    known = {"claude-code-router": "${A_KEY}", "env": '"$A_KEY"'}
    assert known.get(form, "KEY-OF-anthropic") in text


def test_cli_proxy_api_is_read_by_a_yaml_reader() -> None:
    yaml = pytest.importorskip("yaml")
    setup = Setup(
        providers=(
            Provider(
                name="a",
                base_url="https://a.example.com",
                wires=("anthropic",),
                keys={"x": "1", "y": "2"},
            ),
            Provider(
                name="b",
                base_url="https://b.example.com/v3",
                wires=("chat", "responses"),
                keys={"default": "yes"},
                enabled=True,
                models=("m*", "m1"),
                rename={"mine": "m2"},
                headers={"x-team": "blue"},
            ),
        ),
    )
    more = {
        "headers": {"x-team": "blue"},
        "models": [{"name": "m2", "alias": "mine"}, {"name": "m1", "alias": ""}],
    }
    assert yaml.safe_load(written("cli-proxy-api", setup)) == {
        "claude-api-key": [
            {"api-key": "1", "base-url": "https://a.example.com"},
            {"api-key": "2", "base-url": "https://a.example.com"},
        ],
        "openai-compatibility": [
            {
                "name": "b",
                "base-url": "https://b.example.com/v3",
                "api-key-entries": [{"api-key": "yes"}],
                **more,
            }
        ],
        "codex-api-key": [{"api-key": "yes", "base-url": "https://b.example.com/v3", **more}],
    }


def test_settings_lead_claude_code_to_the_first_that_speaks_its_wire() -> None:
    known: dict[str, Wire] = {"first": "chat", "second": "anthropic", "third": "anthropic"}
    setup = Setup(
        providers=tuple(
            Provider(
                name=name,
                base_url="https://x.example.com/v1",
                wires=(wire,),
                keys={"default": name},
                tiers={"small": "tiny", "opus": "huge"},
            )
            for name, wire in known.items()
        ),
        queues={"claude": (Target("first"), Target("second", model="one"), Target("third"))},
    )
    assert json.loads(written("claude-settings", setup)) == {
        "env": {
            "ANTHROPIC_BASE_URL": "https://x.example.com",
            "ANTHROPIC_AUTH_TOKEN": "second",
            "ANTHROPIC_DEFAULT_HAIKU_MODEL": "tiny",
            "ANTHROPIC_DEFAULT_OPUS_MODEL": "huge",
            "ANTHROPIC_MODEL": "one",
        }
    }
