"""A run is judged wrong for each thing that can be wrong with it: no client is needed for that."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from fixtures.serving import Served
from proxy.canonical import Usage
from proxy.record import AttemptRow, Entry
from tests.clients.case import CLIENT_KEY, FILE_TEXT, PROVIDER_KEYS, Case
from tests.clients.process import Finished
from tests.clients.verdict import Evidence, problems
from tests.ledger.entries import entry

FILE = Path("/somewhere/signal.txt")
USAGE = Usage(prompt=12, cache_read=4, cache_write=3, output=5)
ANSWER = Case("claude", "answer", "status:529")
SOURCE = "header x-claude-code-session-id"

Change = Callable[[Evidence], Evidence]


def _served(provider: str) -> Served:
    key = f"Bearer {PROVIDER_KEYS[provider]}"
    is_main = provider == "main"
    return Served(
        number=1,
        provider=provider,
        method="POST",
        path="/v1/messages",
        kind="generate",
        headers=(("authorization", key),),
        fault="status:529" if is_main else "ok",
        usage=None if is_main else USAGE,
    )


def _entry() -> Entry:
    made = entry(1, attempts=2)
    tokens = {f"{name}_tokens": getattr(USAGE, name) for name in USAGE.__struct_fields__}
    unknown = dict.fromkeys(tokens)
    names = {"session_id": "a session", "session_source": SOURCE}
    first, second = (msgspec.structs.replace(a, **unknown) for a in made.attempts)
    failed = {"provider": "main", "outcome": "refused", "status": 529}
    return Entry(
        request=msgspec.structs.replace(made.request, **names, **tokens),
        attempts=(
            msgspec.structs.replace(first, **failed),
            msgspec.structs.replace(second, provider="relay", **tokens),
        ),
    )


RIGHT = Evidence(
    finished=Finished(0, "The relay signal is set.\n", "", 1.0),
    file=FILE,
    made=None,
    entries=(_entry(),),
    served=(_served("main"), _served("relay")),
    proxy_log="pointsman 0.1.0 on http://127.0.0.1:1\n",
    leaks=(),
)


def _finished(
    exit_code: int | None = 0, stdout: str = "The relay signal is set.", stderr: str = ""
) -> Change:
    return lambda right: replace(right, finished=Finished(exit_code, stdout, stderr, 1.0))


def _request(**changed: object) -> Change:
    def change(right: Evidence) -> Evidence:
        row = msgspec.structs.replace(right.entries[0].request, **changed)
        return replace(right, entries=(msgspec.structs.replace(right.entries[0], request=row),))

    return change


def _attempts(choose: Callable[[AttemptRow, AttemptRow], tuple[AttemptRow, ...]]) -> Change:
    def change(right: Evidence) -> Evidence:
        (only,) = right.entries
        rows = choose(*only.attempts)
        return replace(right, entries=(msgspec.structs.replace(only, attempts=rows),))

    return change


def _at_relay(**changed: object) -> Change:
    def change(right: Evidence) -> Evidence:
        main, relay = right.served
        return replace(right, served=(main, msgspec.structs.replace(relay, **changed)))

    return change


def test_a_right_run_has_no_problem() -> None:
    assert problems(ANSWER, RIGHT) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        pytest.param(_finished(exit_code=1), "ended with 1", id="the client failed"),
        pytest.param(_finished(exit_code=None), "not done", id="the client never ended"),
        pytest.param(_finished(stdout=""), "0 times", id="the answer is missing"),
        pytest.param(
            _finished(stdout="The relay signal is set. " * 2), "2 times", id="it shows twice"
        ),
        pytest.param(
            lambda right: replace(right, made=FILE_TEXT), "the file holds", id="a file nobody wants"
        ),
        pytest.param(_request(outcome="reset"), "'reset'", id="a request is not whole"),
        pytest.param(
            lambda right: replace(right, entries=right.entries * 2),
            "2 streams",
            id="the client had to ask twice",
        ),
        pytest.param(
            _attempts(lambda _, second: (second,)), "had []", id="the failed attempt has no row"
        ),
        pytest.param(
            _attempts(lambda first, _: (first,)), "ended with", id="the rescue has no row"
        ),
        pytest.param(_request(session_id=None, session_source=None), "sessions", id="no session"),
        pytest.param(_request(output_tokens=None), "does not know", id="tokens are not known"),
        pytest.param(
            _at_relay(usage=msgspec.structs.replace(USAGE, prompt=13)),
            "prompt tokens",
            id="tokens are not the provider's",
        ),
        pytest.param(
            lambda right: replace(right, served=(*right.served, right.served[0])),
            "attempts in the ledger",
            id="an attempt is not in the ledger",
        ),
        pytest.param(
            _at_relay(headers=(("x-api-key", CLIENT_KEY),)), "own key", id="the client's key leaks"
        ),
        pytest.param(
            lambda right: replace(right, leaks=("ledger.duckdb",)), "stands in", id="a key is kept"
        ),
        pytest.param(
            lambda right: replace(right, proxy_log="WARNING: x"), "complained", id="a warning"
        ),
    ],
)
def test_each_wrong_thing_is_told(change: Change, word: str) -> None:
    assert any(word in problem for problem in problems(ANSWER, change(RIGHT)))


def test_a_tool_must_have_made_its_file() -> None:
    tool = Case("claude", "tool", "status:529")
    said = Finished(0, f"done: {FILE}", "", 1.0)
    twice = replace(
        RIGHT, finished=said, entries=RIGHT.entries * 2, served=RIGHT.served * 2, made="half of it"
    )

    assert problems(tool, twice) == [f"the file holds 'half of it', wanted {FILE_TEXT!r}"]
    assert problems(tool, replace(twice, made=FILE_TEXT)) == []


@pytest.mark.parametrize(
    ("stderr", "is_right"),
    [
        pytest.param("failed to connect to Responses WebSocket", True, id="once, then HTTP"),
        pytest.param("", False, id="it never asked"),
        pytest.param("failed to connect to Responses WebSocket " * 7, False, id="seven times"),
    ],
)
def test_codex_asks_for_a_websocket_once(stderr: str, is_right: bool) -> None:
    found = problems(
        Case("codex-websocket", "answer", "status:529"), _finished(stderr=stderr)(RIGHT)
    )

    assert ("WebSocket" not in " ".join(found)) is is_right


@pytest.mark.parametrize(("signs", "is_right"), [(2, True), (1, False), (None, False)])
def test_a_client_that_waits_is_told_to(signs: int | None, is_right: bool) -> None:
    found = problems(replace(ANSWER, late=True), _request(keepalives=signs, is_stream=True)(RIGHT))

    assert ("signs of life" not in " ".join(found)) is is_right
