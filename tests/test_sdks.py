"""The official SDKs, pointed at the proxy: what they show is what counts."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anthropic
import anyio
import openai
import pytest
from google import genai
from google.genai import errors as gemini_errors

from fixtures.engine import FakeProvider
from fixtures.stage import stage
from proxy.ledger import views

pytestmark = pytest.mark.anyio
TEXT = "say something"


async def ask_anthropic(url: str, *, stream: bool) -> str:
    async with anthropic.AsyncAnthropic(base_url=url, api_key="k", max_retries=0) as client:
        asked: Any = {
            "model": "claude-opus-5-5",
            "max_tokens": 99,
            "messages": [{"role": "user", "content": TEXT}],
        }
        if not stream:
            message = await client.messages.create(**asked)
        else:
            async with client.messages.stream(**asked) as events:
                message = await events.get_final_message()
        return "".join(block.text for block in message.content if block.type == "text")


async def ask_chat(url: str, *, stream: bool) -> str:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        asked: Any = {"model": "gpt-5.5", "messages": [{"role": "user", "content": TEXT}]}
        if not stream:
            answer = await client.chat.completions.create(**asked)
            return answer.choices[0].message.content or ""
        chunks = await client.chat.completions.create(**asked, stream=True)
        return "".join([c.choices[0].delta.content or "" async for c in chunks if c.choices])


async def ask_responses(url: str, *, stream: bool) -> str:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        if not stream:
            answer = await client.responses.create(model="gpt-5.5", input=TEXT)
            return str(answer.output_text)
        async with client.responses.stream(model="gpt-5.5", input=TEXT) as events:
            return str((await events.get_final_response()).output_text)


async def ask_gemini(url: str, *, stream: bool) -> str:
    client = genai.Client(api_key="k", http_options={"base_url": url}).aio
    asked: Any = {"model": "gemini-3.8-flash", "contents": TEXT}
    try:
        if not stream:
            return (await client.models.generate_content(**asked)).text or ""
        parts = await client.models.generate_content_stream(**asked)
        return "".join([part.text or "" async for part in parts])
    finally:
        await client.aclose()


Ask = Callable[..., Coroutine[None, None, str]]
SDKS: dict[str, tuple[Ask, tuple[type[Exception], ...]]] = {
    "anthropic": (ask_anthropic, (anthropic.APIError,)),
    "chat": (ask_chat, (openai.APIError,)),
    "responses": (ask_responses, (openai.APIError, RuntimeError)),
    "gemini": (ask_gemini, (gemini_errors.APIError,)),
}
each_sdk = pytest.mark.parametrize(("ask", "raised"), SDKS.values(), ids=SDKS)
either_way = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])


@asynccontextmanager
async def proxied(folder: Path, *faults: str) -> AsyncIterator[tuple[str, Path]]:
    main, relay = FakeProvider("main", faults=faults, events=9), FakeProvider("relay", events=9)
    with anyio.fail_after(20):
        async with stage(folder, [main, relay]) as here:
            here.hold_no_grudge()
            yield here.url, here.ledger


@each_sdk
@either_way
async def test_an_answer_reads_as_it_does_without_us(
    ask: Ask, raised: object, tmp_path: Path, *, stream: bool
) -> None:
    assert raised
    async with proxied(tmp_path, "ok", "status:529", "error_event") as (url, ledger):
        said = [await ask(url, stream=stream) for _ in range(3)]
    assert said[0].count(TEXT) == 9
    assert said == [said[0]] * 3  # the second and third were rescued
    tried = [[row.provider for row in e.attempts] for e in views.recent_requests(ledger, 3)]
    assert tried == [["main"], ["main", "relay"], ["main", "relay"]]


@each_sdk
async def test_no_sdk_takes_a_broken_stream_for_an_answer(
    ask: Ask, raised: tuple[type[Exception], ...], tmp_path: Path
) -> None:
    faults = ("reset_at:7", "cut_at:7", "cut_mid:7", "bad_chunk:7", "no_terminal", "error_event:7")
    async with proxied(tmp_path, *faults) as (url, ledger):
        for _ in faults:
            with pytest.raises(raised):
                await ask(url, stream=True)
    ends = [entry.request.outcome for entry in views.recent_requests(ledger, len(faults))]
    assert ends == ["reset", "reset", "reset", "reset", "truncated", "error_event"]


@each_sdk
@either_way
async def test_an_error_of_ours_reads_as_an_error_of_theirs(
    ask: Ask, raised: tuple[type[Exception], ...], tmp_path: Path, *, stream: bool
) -> None:
    down = [FakeProvider(name, faults=["status:529"]) for name in ("main", "relay")]
    with anyio.fail_after(20):
        async with stage(tmp_path, down) as here:
            here.ask_once()
            with pytest.raises(raised, match="No provider could answer"):
                await ask(here.url, stream=stream)
