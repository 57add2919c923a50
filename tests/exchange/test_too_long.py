"""A conversation too long for a provider of another wire: Claude Code compacts by its words."""

import json

import httpx
import pytest

from fixtures.engine import FakeProvider
from fixtures.speech.types import WireName
from proxy.wires import WIRES
from tests.asgi import Seen, asking, proxy

pytestmark = pytest.mark.anyio
OPENAI = "This model's maximum context length is 128000 tokens. You asked for 150000."
GEMINI = "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576)."
OWN = "prompt is too long: 210000 tokens > 200000 maximum"
KNOWN = "prompt is too long: "


async def answered(client: str, wire: WireName, message: str, status: int) -> Seen:
    """Return what `client` gets where a provider refuses with `status` and `message`."""
    path, body = asking(client, stream=True)
    refusal = httpx.Response(status, content=WIRES[wire].error(400, message))
    with proxy(FakeProvider("main", wires=(wire,))) as here:
        here.router.clear()
        here.router.route(host="main.test").mock(return_value=refusal)
        seen = await here.call(path, body)
    assert here.rows.only.attempts[0].failure == "context_length"
    assert here.rows.only.attempts[0].error_message == message
    return seen


@pytest.mark.parametrize("status", [400, 200])
@pytest.mark.parametrize(
    ("client", "wire", "message", "said"),
    [
        pytest.param("anthropic", "chat", OPENAI, KNOWN + OPENAI, id="chat, to Claude Code"),
        pytest.param("anthropic", "responses", OPENAI, KNOWN + OPENAI, id="responses, to it"),
        pytest.param("anthropic", "gemini", GEMINI, KNOWN + GEMINI, id="gemini, to it"),
        pytest.param("anthropic", "chat", OWN, OWN, id="a gateway that says it already"),
        pytest.param("chat", "anthropic", OWN, OWN, id="others find their own words for it"),
    ],
)
async def test_it_is_told_in_words_that_the_client_knows(
    client: str, wire: WireName, message: str, said: str, status: int
) -> None:
    seen = await answered(client, wire, message, status)
    assert seen.status == 400
    assert json.loads(seen.body)["error"]["message"] == said


async def test_between_equal_wires_not_a_byte_of_it_changes() -> None:
    seen = await answered("anthropic", "anthropic", OPENAI, 400)
    assert seen.body == WIRES["anthropic"].error(400, OPENAI)
