"""What is looked at, and what each finding says."""

from pathlib import Path

import pytest

from proxy.canonical.models import Model
from proxy.commands import LedgerState
from proxy.config import Settings, load
from proxy.doctor import clients, environment, folders, providers, running
from proxy.doctor.finding import Finding
from proxy.doctor.reach import Reached
from tests.takeover import homes
from tests.takeover.homes import FILES, around, fill, journal

URL = "http://127.0.0.1:15721"


@pytest.mark.parametrize(
    ("env", "mends"),
    [
        pytest.param({}, [], id="nothing is set"),
        pytest.param({"ANTHROPIC_BASE_URL": URL, "OPENAI_BASE_URL": f"{URL}/v1"}, [], id="to us"),
        pytest.param(
            {"ANTHROPIC_BASE_URL": "https://a", "GOOGLE_GEMINI_BASE_URL": "https://g"},
            ["unset ANTHROPIC_BASE_URL", "unset GOOGLE_GEMINI_BASE_URL"],
            id="to others",
        ),
        pytest.param(
            {"ANTHROPIC_AUTH_TOKEN": "a", "ANTHROPIC_API_KEY": "b"},
            ["unset ANTHROPIC_API_KEY"],
            id="both tokens",
        ),
        pytest.param(
            {"CLAUDE_CODE_USE_VERTEX": "1"}, ["unset CLAUDE_CODE_USE_VERTEX"], id="a cloud"
        ),
        pytest.param(
            {"http_proxy": "http://p"}, ["export NO_PROXY=127.0.0.1,localhost"], id="a proxy"
        ),
        pytest.param({"http_proxy": "p", "no_proxy": "x, localhost"}, [], id="not for here"),
    ],
)
def test_environment(env: dict[str, str], mends: list[str]) -> None:
    assert [one.mend for one in environment.findings(env, URL)] == mends


def test_a_takeover_without_a_proxy_can_be_taken_back(tmp_path: Path) -> None:
    fill(tmp_path, {FILES[0]: "{}"})
    homes.taken(tmp_path)
    (tmp_path / FILES[0]).unlink()
    place = around(tmp_path, PATH="/nowhere")
    found = list(clients.findings(place, journal(tmp_path), answers=False))
    assert [(one.level, one.fix) for one in found] == [("problem", "restore"), ("warning", None)]
    found = list(clients.findings(place, journal(tmp_path), answers=True))
    assert found[0].says == "claude, codex, gemini are sent to the proxy"
    journal(tmp_path).write_text("{")
    assert next(clients.findings(place, journal(tmp_path), answers=True)).level == "problem"


@pytest.mark.parametrize(
    ("script", "found"),
    [
        pytest.param(
            "echo 2.1.329 '(Claude Code)'", ("ok", "version 2.1.329"), id="a tested version"
        ),
        pytest.param(
            "echo claude 3.0.0", ("note", "version 3.0.0; tested with 2.1"), id="another version"
        ),
        pytest.param("exit 1", ("note", "is there, and does not say its version"), id="silence"),
    ],
)
def test_versions(tmp_path: Path, script: str, found: tuple[str, str]) -> None:
    command = tmp_path / "claude"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    one = next(clients.findings(around(tmp_path, PATH=str(tmp_path)), tmp_path / "x", answers=True))
    assert (one.level, one.says) == found


def test_the_ledger_of_a_running_proxy() -> None:
    state = LedgerState(
        folder="/books", dropped=2, waiting=3, hindered_since_us=1, last_error="No space left"
    )
    assert list(running.ledger(state)) == [
        Finding(
            level="problem",
            about="ledger",
            says="rows cannot be written: No space left; 3 wait in memory",
            mend="df /books",
        ),
        Finding(
            level="warning",
            about="ledger",
            says="2 requests were left without rows since the start: No space left",
        ),
    ]
    assert list(running.ledger(LedgerState(folder="/books"))) == []


def test_who_is_in_the_place_of_the_proxy() -> None:
    assert running.absent(URL, "nginx (PID 3)", None).level == "problem"
    assert running.absent(URL, None, Path("/log")).mend == "pointsman logs (/log)"
    assert running.absent(URL, None, None).mend == "pointsman start"


def test_files_that_others_can_use(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("")
    file.chmod(0o640)
    (found,) = folders.private(file, "config")
    assert (found.mend, found.fix) == (f"chmod 600 {file}", "private")
    file.chmod(0o600)
    assert list(folders.private(file, "config")) == []
    assert next(folders.ledger(tmp_path / "none")).level == "note"
    tmp_path.chmod(0o700)
    assert next(folders.ledger(tmp_path)).level == "problem"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "pointsman.toml"
    file.write_text(
        '[providers.main]\nwires = ["anthropic"]\nbase_url = "https://a.example"\nkey = "k"\n'
        '[queues.claude]\ntargets = [{ provider = "main", model = "gone" }]\n'
    )
    return load(file, {})


@pytest.mark.parametrize(
    ("reached", "found"),
    [
        pytest.param(
            Reached("main", "default", models=(Model(id="gone"),), took_ms=3.2),
            [("ok", "answers in 3 ms, 1 models")],
            id="all is well",
        ),
        pytest.param(
            Reached("main", "default", models=(), took_ms=3.2, ahead_s=-90),
            [
                ("ok", "answers in 3 ms, 0 models"),
                ("warning", "queue claude asks for gone, which it does not list"),
                ("warning", "this machine's clock is 90 s off the providers'"),
            ],
            id="a model that is gone, and a clock that is off",
        ),
        pytest.param(
            Reached("main", "default", "key", "the key is refused (401)"),
            [("problem", "key: the key is refused (401)")],
            id="a refused key",
        ),
        pytest.param(
            Reached("main", "default", "list", "it has no list of models (404)", took_ms=1.0),
            [
                (
                    "note",
                    "answers in 1 ms; it has no list of models (404), so models cannot be checked",
                )
            ],
            id="no list",
        ),
    ],
)
def test_providers(settings: Settings, reached: Reached, found: list[tuple[str, str]]) -> None:
    told = list(providers.findings(settings.network, [reached]))
    assert [(one.level, one.says) for one in told] == found


def test_patterns_choose_models() -> None:
    assert providers.chosen(["a-1", "b-1"], ["a-*"]) == ["a-1"]
    assert providers.chosen(["a-1", "b-1"], []) == ["a-1", "b-1"]
