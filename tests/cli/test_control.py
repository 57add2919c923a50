"""The words of the verbs that talk to the running proxy, without one."""

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console
from rich.table import Table
from typer.testing import CliRunner, Result

from proxy.cli import providers, status
from proxy.cli.asking import place
from proxy.cli.main import app
from proxy.cli.spans import seconds
from proxy.cli.tables import span
from proxy.commands import ConfigState, LedgerState, RoutingState, SharingState, Status, WorkerState
from proxy.steering.standing import Standing
from proxy.steering.view import (
    AppView,
    Bar,
    BudgetView,
    CredentialView,
    ProviderView,
    QuotaView,
    SwitchView,
    TargetView,
)

WELL = Standing(key="relay/k", badge="healthy", breaker="closed")
ILL = Standing(
    key="main/k", badge="unhealthy", breaker="open", open_s=40.0, failures=8, failure="overloaded"
)
COOLING = Standing(key="main/k/m", badge="degraded", breaker="closed", cooling_s=90.0)
MAIN = TargetView(
    id="main/k",
    provider="main",
    credential="k",
    bar=Bar(by="breaker_open", left_s=40.0),
    health=ILL,
    parts=(ILL, COOLING),
    in_flight=1,
    first_content_ms=412.4,
    pins=3,
    away=2,
    quotas=(QuotaView(name="unified-5h", used=0.5),),
    budgets=(BudgetView(id="main day UTC", usd=1.5, of_usd=5.0, tokens=7, of_tokens=9),),
)
RELAY = TargetView(id="relay/k", provider="relay", credential="k", backup=True, rank=0, health=WELL)
APP = AppView(
    app="claude",
    queue="claude",
    policy="priority",
    sticky=True,
    target="relay/k",
    targets=(MAIN, RELAY),
)
STATUS = Status(
    version="0",
    config_hash="hash",
    uptime_s=1,
    active=0,
    total=0,
    outcomes={},
    queues={},
    ledger=LedgerState(folder="/ledger"),
    routing=RoutingState(file="/ledger/routing.json"),
    config=ConfigState(path="/p.toml", hash="hash", loaded_at="then"),
    apps=(APP,),
    providers=(),
)
WORKER = WorkerState(
    host="box",
    pid=8,
    uptime_s=1,
    active=0,
    outcomes={},
    in_flight={},
    ledger=STATUS.ledger,
    routing=STATUS.routing,
    config=ConfigState(path="/p.toml", hash="other", loaded_at="then"),
)


def changed(struct: msgspec.Struct, **fields: object) -> object:
    return msgspec.structs.replace(struct, **fields)


def rows(table: Table) -> list[list[str]]:
    """Return the cells of a table, without its head."""
    columns = [[str(one) for one in column.cells] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("90s", 90),
        ("30m", 1800),
        ("2h", 7200),
        ("1h30m", 5400),
        ("1d", 86_400),
        (" 30M ", 1800),
        ("0s", None),
        ("", None),
        ("30", None),
        ("m30", None),
        ("-5m", None),
        ("1.5h", None),
    ],
)
def test_seconds(text: str, found: int | None) -> None:
    assert seconds(text) == found


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.2, "1 s"),
        (45, "45 s"),
        (119, "119 s"),
        (1800, "30 min"),
        (7200, "2 h"),
        (7500, "2 h 5 min"),
        (561_600, "6 days"),
    ],
)
def test_spans(number: float, text: str) -> None:
    assert span(number) == text


@pytest.mark.parametrize(
    ("view", "line"),
    [
        pytest.param(APP, "  claude  → relay/k (priority, sticky)", id="plain"),
        pytest.param(
            changed(APP, switch=SwitchView(provider="relay", left_s=1799.6)),
            "  claude  → relay/k (priority, sticky; switched to relay for 30 min)",
            id="switched for a while",
        ),
        pytest.param(
            changed(APP, policy="weighted", sticky=False, propensity=0.7),
            "  claude  → relay/k (weighted, not sticky, with probability 0.70)",
            id="drawn",
        ),
        pytest.param(
            changed(APP, target=None, soonest_s=40.0),
            "  claude  → nobody (priority, sticky; the first is back in 40 s)",
            id="nobody",
        ),
    ],
)
def test_headlines(view: AppView, line: str) -> None:
    assert status.headline(view) == line


def test_the_table_of_targets() -> None:
    unknown = "–"  # noqa: RUF001  # as the table has it
    told = (
        "  main/k\n    last failure: overloaded\n    50% of unified-5h\n"
        "    1.50 of 5.00 USD (main day UTC)\n    7 of 9 tokens (main day UTC)"
    )
    assert rows(status.table([APP])) == [
        ["claude", told, "unhealthy", "open 40 s", "412 ms", "1", "3 (2 away)"],
        ["", "    main/k/m", "degraded", "closed, cooling 90 s", "", "", ""],
        ["", "→ relay/k (backup)", "healthy", "closed", unknown, "0", "0"],
    ]


def test_badges_and_breakers_are_coloured() -> None:
    page = io.StringIO()
    console = Console(file=page, force_terminal=True, width=200, color_system="standard")
    console.print(status.badge(WELL), status.badge(ILL), status.breaker(ILL))
    assert "\x1b[32mhealthy" in page.getvalue()
    assert "\x1b[31munhealthy" in page.getvalue()
    assert "\x1b[31mopen 40 s" in page.getvalue()


@pytest.mark.parametrize(
    ("state", "lines"),
    [
        pytest.param(STATUS, [], id="nothing"),
        pytest.param(
            changed(STATUS, config=changed(STATUS.config, last_error="p: no\np: \x1b[31mnor")),
            [
                "config: refused, the last good one stays in force:",
                "  p: no",
                "  p: \N{REPLACEMENT CHARACTER}[31mnor",
            ],
            id="a bad file",
        ),
        pytest.param(
            changed(STATUS, config=changed(STATUS.config, needs_restart=("[server] port",))),
            ["config: [server] port is not in force before a restart"],
            id="a port",
        ),
        pytest.param(
            changed(STATUS, routing=changed(STATUS.routing, problem="it was damaged")),
            ["routing: it was damaged"],
            id="a damaged file",
        ),
        pytest.param(
            changed(STATUS, ledger=changed(STATUS.ledger, dropped=3, last_error="disk full")),
            ["ledger: 3 requests are not in it (disk full)"],
            id="lost requests",
        ),
        pytest.param(
            changed(STATUS, sharing=SharingState(through="hub", pid=7, problem="it is away")),
            ["workers: it is away; what follows is of PID 7 alone"],
            id="no hub",
        ),
        pytest.param(
            changed(
                STATUS,
                sharing=SharingState(through="hub", pid=7, workers=(WORKER,), silent=(0,)),
            ),
            [
                "workers: PID 8 on box does not answer: what is said of it is some seconds old",
                "workers: PID 8 on box has another configuration in force (other)",
            ],
            id="a worker that is stuck",
        ),
        pytest.param(
            changed(STATUS, ledger=changed(STATUS.ledger, ballast_of_bytes=64 << 20)),
            ["ledger: has no ballast of 64 MiB for a full disk: there is too little room for it"],
            id="no ballast",
        ),
        pytest.param(
            changed(
                STATUS,
                ledger=changed(
                    STATUS.ledger,
                    dropped=3,
                    refused=2,
                    waiting=5,
                    ballast_bytes=1 << 19,
                    ballast_of_bytes=64 << 20,
                    hindered_since_us=1_795_000_000_123_456,
                    last_error="no space",
                ),
            ),
            [
                "ledger: cannot be written since 2026-11-18 11:06:40 UTC (no space): make room",
                "  0.5 of 64 MiB of ballast are left, and 5 requests wait in memory",
                "ledger: 2 requests were refused, as [ledger] on_full says",
                "ledger: 3 requests are not in it (no space)",
            ],
            id="a full disk",
        ),
    ],
)
def test_problems(state: Status, lines: list[str]) -> None:
    assert list(status.problems(state)) == lines


def test_the_table_of_providers() -> None:
    main = ProviderView(
        name="main",
        wires=("anthropic", "chat"),
        enabled=True,
        queues=("claude",),
        credentials=(CredentialView(label="k", health=ILL, parts=(ILL, COOLING), in_flight=2),),
    )
    off = changed(
        main, name="off", enabled=False, credentials=(CredentialView(label="k", health=WELL),)
    )
    unknown = "–"  # noqa: RUF001  # as the table has it
    wires = "anthropic, chat"
    assert rows(providers.table((main, off))) == [
        ["main/k", "unhealthy", "open 40 s", "overloaded", "2", unknown, "claude", wires],
        ["  main/k/m", "degraded", "closed, cooling 90 s", unknown, "", "", "", ""],
        ["relay/k", "healthy", "closed", unknown, "0", unknown, "disabled", wires],
    ]


def run(*words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, list(words), env=env)


@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["switch", "claude", "relay"],
        ["reload"],
        ["providers", "list"],
        ["providers", "reset", "main"],
    ],
    ids=" ".join,
)
def test_nobody_is_there(tmp_path: Path, words: list[str]) -> None:
    file = tmp_path / "pointsman.toml"
    file.write_text("[server]\nport = 9\n")
    result = run(*words, "--config", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "no proxy answers on http://127.0.0.1:9 (connection refused): "
        "start it with pointsman serve, or say with --url where it is\n"
    )


@pytest.mark.parametrize("url", ["ftp://x", "127.0.0.1:1", "http://[::1", "http://h:99999"])
def test_what_is_no_address(url: str) -> None:
    result = run("status", "--url", url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is no address" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["switch", "claude"], id="neither a provider nor off"),
        pytest.param(["switch", "claude", "relay", "--off"], id="both"),
        pytest.param(["switch", "claude", "relay", "--for", "soon"], id="no time"),
        pytest.param(["switch", "claude", "--off", "--for", "30m"], id="off for a while"),
    ],
)
def test_switches_that_mean_nothing(words: list[str]) -> None:
    assert run(*words).exit_code == 2


@pytest.mark.parametrize(
    ("server", "url", "key"),
    [
        pytest.param("", "http://127.0.0.1:15721", None, id="as it is without a file"),
        pytest.param("port = 4000", "http://127.0.0.1:4000", None, id="a port"),
        pytest.param('host = "::1"', "http://[::1]:15721", None, id="an address with colons"),
        pytest.param(
            'host = "0.0.0.0"\nclient_keys = { me = "${MINE}" }',
            "http://127.0.0.1:15721",
            "mine",
            id="everywhere is here",
        ),
        pytest.param(
            'client_keys = { other = "${THEIRS}", me = "${MINE}" }',
            "http://127.0.0.1:15721",
            "mine",
            id="a key whose variable is not set here",
        ),
    ],
)
def test_where_the_proxy_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str, url: str, key: str | None
) -> None:
    file = tmp_path / "pointsman.toml"
    file.write_text(f"[server]\n{server}\n[providers.x]\nkey = '${{UNSET}}'\n")
    monkeypatch.setenv("MINE", "mine")
    found = place(file, None)
    assert (found.url, found.client_key) == (url, key)
    assert place(file, "http://box.lan:1/").url == "http://box.lan:1"
    assert "mine" not in repr(found)


def test_a_file_that_cannot_be_read_is_told_and_asked_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pointsman.toml"
    file.write_text("[server\n")
    assert place(file, None).url == "http://127.0.0.1:15721"
    assert capsys.readouterr().err.startswith(f"{file}:1:8: invalid TOML: ")
