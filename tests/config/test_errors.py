from pathlib import Path

import pytest

from proxy.config import Listen, load
from proxy.errors import ConfigError
from proxy.sharing.state import WANTED as STATE
from tests.config.manner_cases import MANNERS
from tests.config.place_cases import PLACES
from tests.config.provider_cases import MAIN, NAME, PROVIDERS, QUEUES, provider
from tests.config.queue_cases import QUEUE
from tests.config.routing_cases import ROUTING

FILE = Path("pointsman.toml")
ENV = {"KEY": "s3cret-value", "EMPTY": "", "SPACED": "Bearer s3cret-value", "LINE": "s3cret\n"}


def server(text: str) -> str:
    return f"[server]\n{text}\n{MAIN}{QUEUES}"


SERVER = [
    pytest.param(
        server("port = 99999"),
        "server.port: found 99999, want a whole number from 1 to 65535",
        id="a port out of range",
    ),
    pytest.param(
        server("port = 0"),
        "server.port: found 0, want a whole number from 1 to 65535",
        id="port 0, which no client could be told",
    ),
    pytest.param(
        server('port = "15721"'),
        'server.port: found "15721", want a whole number from 1 to 65535',
        id="a port as text",
    ),
    pytest.param(
        server(f"port = 0x{'f' * 5000}"),
        "server.port: found a huge number, want a whole number from 1 to 65535",
        id="a number whose digits nobody wants to see",
    ),
    pytest.param(
        server("port = 1979-05-27"),
        "server.port: found a date, want a whole number from 1 to 65535",
        id="a date",
    ),
    pytest.param(
        server("max_body_mib = 0"),
        "server.max_body_mib: found 0, want a whole number from 1 to 4096",
        id="no room for a body",
    ),
    pytest.param(
        server("prot = 1"),
        "server.prot: found an unknown key, want one of client_keys, host, port, workers, "
        'max_body_mib, allowed_hosts (did you mean "port"?)',
        id="a slip in a key",
    ),
    pytest.param(
        server('host = "0.0.0.0"'),
        'server.host: found "0.0.0.0", which other machines can reach, want 127.0.0.1, or keys for '
        'clients: client_keys = { laptop = "${POINTSMAN_KEY}" }',
        id="open to the network without keys",
    ),
    pytest.param(
        server('host = "box.lan"\nclient_keys = {}'),
        'server.host: found "box.lan", which other machines can reach, want 127.0.0.1, or keys for '
        'clients: client_keys = { laptop = "${POINTSMAN_KEY}" }',
        id="open by name, with an empty table of keys",
    ),
    pytest.param(
        server('host = "http://127.0.0.1"'),
        'server.host: found "http://127.0.0.1", want a host name or an IP address, as in '
        '"127.0.0.1", without a port',
        id="an address where a host is wanted",
    ),
    pytest.param(
        server("host = 1"),
        'server.host: found 1, want a host name, as in "127.0.0.1"',
        id="a host that is no text",
    ),
    pytest.param(
        server('allowed_hosts = ["box.lan:80"]'),
        'server.allowed_hosts[0]: found "box.lan:80", want a host name or an IP address, as in '
        '"127.0.0.1", without a port',
        id="an allowed host with a port",
    ),
    pytest.param(
        server('allowed_hosts = "box.lan"'),
        'server.allowed_hosts: found "box.lan", want a list of host names, as in ["box.lan"]',
        id="one host where a list is wanted",
    ),
    pytest.param(
        server('client_keys = "s3cret-value"'),
        'server.client_keys: found (hidden), want a table, as in { label = "${NAME}" }',
        id="a client key without a label stays hidden",
    ),
    pytest.param(
        server("client_keys = { laptop = 4711 }"),
        'server.client_keys.laptop: found (hidden), want text, as in "${NAME}"',
        id="a client key that is no text stays hidden",
    ),
    pytest.param(
        server('client_keys = { "my laptop" = "x" }'),
        f'server.client_keys."my laptop": found "my laptop", want {NAME}',
        id="a label that would not fit into a table",
    ),
    pytest.param(
        server('client_keys = { laptop = "${UNSET}" }'),
        "server.client_keys.laptop: found ${UNSET}, which is not set, want that variable in the "
        "environment",
        id="a client key that is not set",
    ),
    pytest.param(
        server('client_keys = { a = "s3cret-value", b = "${KEY}" }'),
        "server.client_keys: found the same key for a and b, want a key of its own for each",
        id="two labels for one client key",
    ),
    pytest.param(
        f"server = 1\n{MAIN}{QUEUES}",
        "server: found 1, want a table, as in [server]",
        id="a section that is no table",
    ),
    *(
        pytest.param(
            f'{MAIN}{QUEUES}[routing]\nstate = "{url}"',
            f"routing.state: found (hidden) with {what}, want {STATE}",
            id=f"a Redis: {what}",
        )
        for url, what in (
            ("http://:s3cret-value@host", "another scheme than redis:// or rediss://"),
            ("redis://:s3cret-value@", "no host"),
            ("redis://:s3cret-value@host:99999", "a port or a host that is none"),
            ("redis://:s3cret-value@host/zero", "a database that is no number"),
            ("redis://:s3cret-value@host/0?x=1", "something behind the number of the database"),
        )
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[routing]\nstate = 1",
        f"routing.state: found (hidden), want {STATE}",
        id="a Redis that is a number",
    ),
    pytest.param(
        f'{MAIN}{QUEUES}[routing]\nstate = "redis://:${{UNSET}}@host"',
        "routing.state: found ${UNSET}, which is not set, want that variable in the environment",
        id="a Redis whose password is not set",
    ),
    pytest.param(
        server("workers = 0"),
        "server.workers: found 0, want a whole number from 1 to 64",
        id="no worker",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[ledger]\nfolder = ' '",
        'ledger.folder: found " ", want the path of a folder',
        id="a ledger nowhere",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[ledger]\nkeep_days = 0",
        "ledger.keep_days: found 0, want a whole number from 1 to 36500",
        id="a ledger that keeps no day",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[ledger]\nkeep_mib = 1.5",
        "ledger.keep_mib: found 1.5, want a whole number from 1 to 1073741824",
        id="a ledger of half a unit",
    ),
    pytest.param(
        f'{MAIN}{QUEUES}[ledger]\non_full = "wait"',
        'ledger.on_full: found "wait", want serve or refuse',
        id="a choice that a full disk does not leave",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[ledger]\nballast_mib = -1",
        "ledger.ballast_mib: found -1, want a whole number from 0 to 65536",
        id="a ballast of less than nothing",
    ),
    pytest.param(
        f'{MAIN}{QUEUES}[ledger]\nfolder = "a\\u0000b"',
        'ledger.folder: found "a\\u0000b", want the path of a folder',
        id="a folder no system can have",
    ),
    pytest.param(
        f'{MAIN}{QUEUES}[ledger]\nfolder = "~nobody-of-that-name/x"',
        'ledger.folder: found "~nobody-of-that-name/x", of a user whom nobody knows, want the path '
        "of a folder",
        id="the home of nobody",
    ),
    pytest.param(
        f'"sever\\n" = 1\n{MAIN}{QUEUES}',
        '"sever\\n": found an unknown key, want one of server, ledger, routing, providers, queues, '
        'pins, rules, limits, breaker, cooling, activations, pricing (did you mean "server"?)',
        id="an unknown section, told in one line",
    ),
]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def error_of(text: str | bytes, listen: Listen | None = None) -> str:
    FILE.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load(FILE, ENV, listen or Listen())
    return str(caught.value)


@pytest.mark.parametrize(("text", "line"), SERVER + PROVIDERS + MANNERS + PLACES + QUEUE + ROUTING)
def test_one_line_says_what_is_wrong(text: str, line: str) -> None:
    message = error_of(text)
    assert message == f"pointsman.toml: {line}"
    assert "s3cret-value" not in message


def test_all_problems_at_once() -> None:
    text = (
        'sever = 1\n[server]\nport = 0\n[providers.main]\nwires = ["anthropic"]\n'
        'base_url = "x"\nkey = "${UNSET}"\n[queues]\nclaude = ["man"]\n[limits.claude]\nidle_s = 0'
    )
    lines = error_of(text).splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        "sever",
        "server.port",
        "providers.main.base_url",
        "providers.main.key",
        "queues.claude[0]",
        "limits.claude.idle_s",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            b"[server]\nport = = 1",
            "pointsman.toml:2:8: invalid TOML: Invalid value",
            id="a slip, by line and column",
        ),
        pytest.param(
            b'a = "',
            "pointsman.toml: invalid TOML: Unterminated string (at end of document)",
            id="an end too early",
        ),
        pytest.param(
            b"a = 1\nb = '\xff'",
            "pointsman.toml: found a byte that is not UTF-8 at offset 11, want a text file in "
            "UTF-8",
            id="another encoding",
        ),
        pytest.param(
            b"a = " + b"[" * 20_000,
            "pointsman.toml: found too many brackets in each other, want TOML",
            id="too deep to read",
        ),
    ],
)
def test_what_is_no_toml(text: bytes, message: str) -> None:
    assert error_of(text) == message


def test_a_missing_file_says_how_to_make_one() -> None:
    with pytest.raises(ConfigError) as caught:
        load(Path("my own.toml"), {})
    assert str(caught.value) == (
        "my own.toml: found no file, want one; make it with: "
        "pointsman config init --config 'my own.toml'"
    )


def test_a_folder_is_no_file() -> None:
    FILE.mkdir()
    with pytest.raises(ConfigError, match=r"^pointsman\.toml: cannot be read: Is a directory$"):
        load(FILE, {})


def test_a_host_from_the_command_line_is_told_of_there() -> None:
    message = error_of(MAIN + QUEUES, Listen(host="0.0.0.0"))  # noqa: S104  # it is refused
    assert message.startswith('--host: found "0.0.0.0", which other machines can reach, want ')


def test_the_proxy_itself_is_known_by_the_port_it_really_has() -> None:
    text = provider(base_url='"http://127.0.0.1:4000"')
    assert "which is this proxy itself" in error_of(text, Listen(port=4000))
