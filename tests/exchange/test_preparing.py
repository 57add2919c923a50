"""What goes to a target: the client's bytes as they are, or a request in the target's dialect."""

import json
from dataclasses import replace

import pytest

from fixtures.asked import Asked
from fixtures.engine import FakeProvider
from fixtures.speech.types import WireName
from proxy.codec import Dialect
from proxy.wires import CODECS
from proxy.wires.chat.codec import CHAT_CODEC
from tests.asgi import proxy, target

pytestmark = pytest.mark.anyio
BODY = b'{"model": "claude-opus-5-5[1m]", "messages": [{"role":"user","content":"hi"}]}'


async def heard(*wires: WireName) -> list[Asked]:
    """Ask over chat; gives what providers of these wires get, the last of which answers."""
    providers = [FakeProvider(f"p{no}", wires=(wire,)) for no, wire in enumerate(wires)]
    dialect = Dialect(max_output_tokens=(("claude-*", 7),))
    queue = []
    for provider in providers:
        plain = target(provider)
        queue.append(replace(plain, provider=replace(plain.provider, dialect=dialect)))
    for provider in providers[:-1]:
        provider.fail(after="status:500")
    with proxy(*providers, queues={"openai": tuple(queue)}) as here:
        await here.call("/v1/chat/completions", BODY)
    return [asked for provider in providers for asked in provider.received]


async def test_between_equal_wires_no_byte_changes() -> None:
    (asked,) = await heard("chat")
    assert asked.body == BODY


async def test_a_converted_request_is_in_the_providers_dialect() -> None:
    (asked,) = await heard("anthropic")
    body = json.loads(asked.body)
    assert (body["model"], body["max_tokens"]) == ("claude-opus-5-5", 7)
    assert asked.header("anthropic-beta") == "context-1m-2025-08-07"


async def test_a_request_is_read_once_for_all_conversions(monkeypatch: pytest.MonkeyPatch) -> None:
    times = []
    read = CHAT_CODEC.read_request
    counting = replace(CHAT_CODEC, read_request=lambda *a: times.append(1) or read(*a))
    monkeypatch.setitem(CODECS, "chat", counting)  # type: ignore[arg-type]  # a dict inside
    assert len(await heard("anthropic", "gemini", "responses")) == 3
    assert times == [1]


async def test_what_another_provider_issued_stays_with_us() -> None:
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "pm1.Z2VtaW5p..c2lnbmVk"}
    said = {"role": "assistant", "content": [thought, {"type": "text", "text": "yes"}]}
    user = {"role": "user", "content": "hi"}
    main = FakeProvider("main")
    with proxy(main) as here:
        body = {"model": "m", "max_tokens": 9, "messages": [user, said, user]}
        await here.call("/v1/messages", body)
    assert b"pm1." not in main.received[0].body
    (loss,) = here.rows.only.losses
    assert (loss.path, loss.what) == ("messages[1].content[0]", "thinking")
