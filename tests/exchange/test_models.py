"""Lists of models: one provider's own bytes, or those of all in the words of who asks."""

from typing import Any

import pytest

from fixtures.engine import FakeProvider
from fixtures.speech.types import WireName
from tests.asgi import Proxy, proxy

pytestmark = pytest.mark.anyio
ASKERS = {
    "anthropic": ("/v1/models", {"anthropic-version": "2023-06-01"}),
    "chat": ("/v1/models", {}),
    "gemini": ("/v1beta/models", {"x-goog-api-key": "k"}),
    "responses": ("/codex/v1/models", {}),
}
each_asker = pytest.mark.parametrize("asker", ASKERS)


def offering(name: str, wire: WireName, *models: str, **more: Any) -> FakeProvider:
    return FakeProvider(name, wires=(wire,), models=models, **more)


async def listed(here: Proxy, asker: str, name: str = "") -> Any:
    path, headers = ASKERS[asker]
    seen = await here.call(f"{path}{name}", b"", headers, "GET")
    return seen.json() if seen.status == 200 else seen.status


def ids(told: Any) -> list[str]:
    names = [one.get("id") or one["name"] for one in told.get("data") or told["models"]]
    return [name.removeprefix("models/") for name in names]


@each_asker
async def test_one_providers_own_bytes_pass(asker: str) -> None:
    with proxy(FakeProvider("main", models=("a", "b"))) as here:
        assert ids(await listed(here, asker)) == ["a", "b"]
    assert here.rows.story == ["main whole", "whole"]
    assert here.rows.only.request.endpoint == "models"
    assert here.rows.only.request.provider == "main"


@each_asker
async def test_all_providers_are_asked_and_the_first_in_the_queue_wins(asker: str) -> None:
    providers = (
        offering("one", "chat", "gpt", "shared"),
        offering("two", "anthropic", "claude", "shared"),
        offering("three", "gemini", "gemini-x"),
        offering("four", "responses", "other"),
    )
    with proxy(*providers) as here:
        assert ids(await listed(here, asker)) == ["gpt", "shared", "claude", "gemini-x", "other"]
    entry = here.rows.only
    assert entry.request.outcome == "whole"
    assert {row.provider: row.outcome for row in entry.attempts} == dict.fromkeys(
        ("one", "two", "three", "four"), "whole"
    )
    assert [row.attempt_no for row in entry.attempts] == [1, 2, 3, 4]


@each_asker
async def test_one_model_is_found_by_its_name(asker: str) -> None:
    providers = offering("one", "chat", "gpt"), offering("two", "anthropic", "claude")
    with proxy(*providers) as here:
        told = await listed(here, asker, "/claude")
        assert (told.get("id") or told["name"]).removeprefix("models/") == "claude"
        assert await listed(here, asker, "/nobody") == 404


async def test_who_does_not_answer_is_left_out() -> None:
    down = offering("one", "chat", "gpt", key="another")
    with proxy(down, offering("two", "anthropic", "claude")) as here:
        assert ids(await listed(here, "chat")) == ["claude"]
    assert {row.provider: row.outcome for row in here.rows.only.attempts} == {
        "one": "refused",
        "two": "whole",
    }


async def test_when_nobody_answers_the_client_is_told_who_failed() -> None:
    down = [offering(name, "chat", "gpt", key="another") for name in ("one", "two")]
    with proxy(*down) as here:
        assert await listed(here, "chat") == 502
    assert here.rows.only.request.outcome == "exhausted"
    assert "one/key: credential" in (here.rows.only.request.error_message or "")


async def test_titles_and_limits_are_carried() -> None:
    lists = {
        "data": [
            {
                "type": "model",
                "id": "claude",
                "display_name": "Claude",
                "created_at": "2026-01-02T03:04:05Z",
                "max_input_tokens": 1_000_000,
                "max_tokens": 64_000,
            }
        ],
        "has_more": False,
    }
    with proxy(FakeProvider("main", wires=("anthropic",))) as here:
        here.router.clear()
        here.router.get("https://main.test/v1/models").respond(json=lists)
        by_gemini = await listed(here, "gemini")
        by_chat = await listed(here, "chat")
    assert by_gemini["models"] == [
        {
            "name": "models/claude",
            "displayName": "Claude",
            "inputTokenLimit": 1_000_000,
            "outputTokenLimit": 64_000,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        }
    ]
    assert by_chat["data"][0]["created"] == 1_767_323_045


async def test_a_list_that_is_none_is_a_failure() -> None:
    with proxy(FakeProvider("main", wires=("anthropic",)), FakeProvider("relay")) as here:
        here.router.clear()
        here.router.get("https://main.test/v1/models").respond(json={"hello": 1})
        here.router.get("https://relay.test/v1/models").respond(json={"data": [{"id": "x"}]})
        assert ids(await listed(here, "chat")) == ["x"]
    assert here.rows.only.attempts[0].outcome == "malformed"
