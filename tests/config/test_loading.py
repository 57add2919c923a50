import dataclasses
from pathlib import Path

import platformdirs
import pytest

from proxy.codec import Dialect
from proxy.config import LIMITS, Listen, Settings, config_path, ledger_store, load
from proxy.config.provider_tables import ProviderTable
from proxy.config.tables import SecondsTable
from proxy.errors import ConfigError
from proxy.ledger.writing import Writing
from proxy.routing.asked import Queue
from proxy.routing.candidates import Candidate
from proxy.routing.health import BREAKER_RULES
from proxy.routing.network import MAX_ATTEMPTS, AppRules, Network
from proxy.routing.types import App, Credential, Limits, Provider, Target
from tests.config.files import ENV, WHOLE, loaded


def candidate(provider: Provider, key: str, level: int, *, enabled: bool = True) -> Candidate:
    return Candidate(
        provider=provider.name,
        credential=key,
        wires=provider.wires,
        level=level,
        enabled=enabled,
    )


def queue(name: str, *candidates: Candidate) -> Queue:
    return Queue(name=name, candidates=candidates)


def apps(**limits: Limits) -> dict[App, AppRules]:
    return {
        app: AppRules(
            limits=limits.get(app, LIMITS[app]),
            breaker=BREAKER_RULES[app],
            max_attempts=MAX_ATTEMPTS[app],
        )
        for app in LIMITS
    }


def test_a_whole_file(file: Path) -> None:
    main = Provider(
        "main",
        "https://api.example.com",
        ("anthropic", "chat"),
        (("X-Title", "mine s3cret-4 ${KEY}"),),
        Dialect(
            reasoning_content=True,
            cache_breakpoints=False,
            sampling=True,
            max_output_tokens=(("claude-3*", 4096), ("*", 64000)),
            max_tokens_key="max_tokens",
            json_schemas=False,
            web_search=True,
        ),
    )
    relay = Provider("relay", "http://localhost:4001/v1", ("anthropic",))
    off = Provider("off", "https://off.example", ("gemini",), (("x-title", "${UNSET}"),))
    found = loaded(file, WHOLE)
    assert found == Settings(
        host="0.0.0.0",  # noqa: S104  # with a key for clients
        port=4000,
        max_body_bytes=3 * 1024 * 1024,
        client_keys={"laptop": "s3cret-3"},
        allowed_hosts=("box.lan",),
        ledger_folder=file.parent / "book",
        ledger_writing=Writing(sync="always", ballast_mib=0, buffer_mib=2, on_full="refuse"),
        network=Network(
            providers={"main": main, "relay": relay, "off": off},
            credentials={
                "main/personal": Credential("personal", "s3cret-1"),
                "main/team": Credential("team", "sk-s3cret-2"),
                "relay/default": Credential("default", "s3cret-1"),
                "off/default": Credential("default", "${UNSET}"),
            },
            queues={
                "claude": queue(
                    "claude",
                    candidate(relay, "default", 0),
                    candidate(off, "default", 1, enabled=False),
                    candidate(main, "personal", 2),
                    candidate(main, "team", 3),
                ),
                "openai": queue(
                    "openai", candidate(main, "personal", 0), candidate(main, "team", 1)
                ),
            },
            apps=apps(claude=Limits(first_byte_s=90, idle_s=7)),
        ),
        config_hash=found.config_hash,
        path=file,
    )


def test_the_targets_of_an_app_are_those_that_are_switched_on(file: Path) -> None:
    found = loaded(file, WHOLE)
    main, relay = found.network.providers["main"], found.network.providers["relay"]
    personal = Target(main, Credential("personal", "s3cret-1"))
    team = Target(main, Credential("team", "sk-s3cret-2"))
    assert found.queues == {
        "claude": (Target(relay, Credential("default", "s3cret-1")), personal, team),
        "openai": (personal, team),
    }
    assert found.limits == dict(LIMITS) | {"claude": Limits(first_byte_s=90, idle_s=7)}


SMALL = """
[providers.main]
wires = ["anthropic"]
base_url = "https://api.example.com"
key = "${KEY}"
[queues]
claude = ["main"]
"""


def test_what_a_small_file_leaves_to_us(file: Path) -> None:
    found = loaded(file, SMALL)
    assert (found.host, found.port) == ("127.0.0.1", 15721)
    assert found.max_body_bytes == 200 * 1024 * 1024
    assert found.ledger_folder == platformdirs.user_data_path("pointsman") / "ledger"
    assert found.client_keys == {}
    assert found.limits == LIMITS
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("app", "first_byte_s", "idle_s"),
    [("claude", 90, 180), ("codex", 60, 120), ("gemini", 60, 120), ("openai", 60, 120)],
)
def test_default_limits(app: App, first_byte_s: float, idle_s: float) -> None:
    assert LIMITS[app] == Limits(first_byte_s=first_byte_s, idle_s=idle_s)


def test_every_limit_can_be_set() -> None:
    assert {*SecondsTable.model_fields} == {field.name for field in dataclasses.fields(Limits)}


def test_every_part_of_a_dialect_can_be_set_and_has_its_default() -> None:
    names = [field.name for field in dataclasses.fields(Dialect)]
    assert [name for name in ProviderTable.model_fields if name in names] == names


def test_a_provider_speaks_as_its_wires_vendors_do_if_nothing_is_said(file: Path) -> None:
    assert loaded(file, SMALL).queues["claude"][0].provider.dialect == Dialect()


def test_a_mark_of_windows_at_the_beginning_is_no_text(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert list(load(file, ENV).queues) == ["claude"]


def test_localhost_is_one_address(file: Path) -> None:
    found = loaded(file, f'server = {{ host = "localhost" }}\n{SMALL}')
    assert found.host == "127.0.0.1"


def test_the_command_line_moves_it(file: Path) -> None:
    file.write_text(SMALL)
    found = load(file, ENV, Listen("::1", 0))
    assert (found.host, found.port) == ("::1", 0)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("http://127.0.0.1:15722", id="another port"),
        pytest.param("http://box.lan:15721", id="another machine"),
        pytest.param("https://127.0.0.1", id="the port of https"),
    ],
)
def test_what_is_not_this_proxy(file: Path, address: str) -> None:
    found = loaded(file, SMALL.replace("https://api.example.com", address))
    assert found.queues["claude"][0].provider.base_url == address


def test_no_secret_is_shown(file: Path) -> None:
    found = loaded(file, WHOLE.replace("${TITLE}", ""))
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("key", "mode", "warned"),
    [
        pytest.param("sk-literal", 0o644, True, id="a key that others can read"),
        pytest.param("sk-literal", 0o600, False, id="a key that its owner alone can read"),
        pytest.param("${KEY}", 0o644, False, id="a key that stands elsewhere"),
        pytest.param("$${KEY}", 0o640, True, id="a key that only looks like a variable"),
    ],
)
def test_a_file_that_others_can_read(file: Path, key: str, mode: int, warned: bool) -> None:
    file.write_text(SMALL.replace("${KEY}", key))
    file.chmod(mode)
    line = f"{file}: other users can read it, and it holds a key; do: chmod 600 {file}"
    assert load(file, ENV).warnings == ((line,) if warned else ())


def test_a_file_that_an_editor_puts_away_meanwhile_is_not_the_end(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(SMALL.replace("${KEY}", "sk-literal"))

    def gone(path: Path) -> None:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "stat", gone)
    assert load(file, ENV).warnings == ()


class TestPlace:
    """Where the file and the ledger are looked for."""

    @pytest.mark.parametrize(
        ("given", "env", "path"),
        [
            pytest.param(Path("a"), {"POINTSMAN_CONFIG": "b"}, Path("a"), id="as given"),
            pytest.param(None, {"POINTSMAN_CONFIG": "b"}, Path("b"), id="from the environment"),
            pytest.param(
                None,
                {"POINTSMAN_CONFIG": ""},
                platformdirs.user_config_path("pointsman") / "pointsman.toml",
                id="where the system has them",
            ),
        ],
    )
    def test_of_the_file(self, given: Path | None, env: dict[str, str], path: Path) -> None:
        assert config_path(given, env) == path

    def test_of_the_ledger_needs_no_variable(self, file: Path) -> None:
        file.write_text(WHOLE)
        assert ledger_store(file, {}) == file.parent / "book"

    def test_of_the_ledger_without_a_file(self) -> None:
        assert ledger_store(None, {}) == platformdirs.user_data_path("pointsman") / "ledger"

    def test_of_the_ledger_cannot_be_anything(self, file: Path) -> None:
        file.write_text("[ledger]\nfolder = 1")
        with pytest.raises(
            ConfigError, match=r"ledger\.folder: found 1, want the path of a folder"
        ):
            ledger_store(file, {})


@pytest.mark.parametrize(
    ("url", "place", "password"),
    [
        pytest.param("redis://host", "redis://host:6379/0", None, id="a host alone"),
        pytest.param("valkeys://u:${KEY}@h:7/3", "rediss://h:7/3", "s3cret-1", id="all of it"),
        pytest.param("redis://:a%40b@[::1]/1", "redis://[::1]:6379/1", "a@b", id="a quoted one"),
    ],
)
def test_where_routing_keeps_what_hosts_share(
    url: str, place: str, password: str | None, file: Path
) -> None:
    found = loaded(file, f'{WHOLE}[routing]\nstate = "{url}"\n')
    assert found.routing_state is not None
    assert found.routing_state.place == place
    assert found.routing_state.password == password
    assert password is None or password in found.secrets
    assert "s3cret" not in repr(found.routing_state)
    assert found.config_hash == loaded(file, WHOLE).config_hash
