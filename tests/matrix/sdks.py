"""One question, asked through each official SDK; what it shows, in words that all of them share."""

import json
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import anthropic
import openai
from google import genai
from google.genai import errors as gemini_errors
from google.genai import types as gemini_types

from fixtures.speech.types import WireName
from tests.matrix.transcripts import (
    TOOL,
    Question,
    anthropic_messages,
    chat_messages,
    gemini_contents,
    responses_input,
)

SCHEMA = {
    "type": "object",
    "properties": {"cmd": {"type": "string"}},
    "required": ["cmd"],
}


NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # each client would load certificates anew


@dataclass(frozen=True)
class Shown:
    """What an SDK showed of an answer; `stop` in its own words."""

    text: str
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    stop: str | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    thinking: str = ""
    refusal: str = ""
    stop_sequence: str | None = None
    call_ids: list[str | None] = field(default_factory=list)


class FailedError(Exception):
    """An SDK showed that an answer failed, and raised nothing."""


async def ask_anthropic(url: str, asked: Question) -> Shown:
    request: dict[str, Any] = {
        "model": "claude-opus-5-5",
        "max_tokens": 2000,
        "messages": anthropic_messages(asked),
    }
    if asked.system:
        request["system"] = asked.system
    if asked.tool:
        request["tools"] = [{"name": TOOL, "description": "run", "input_schema": SCHEMA}]
    async with anthropic.AsyncAnthropic(
        base_url=url,
        api_key="k",
        max_retries=0,
        http_client=anthropic.DefaultAsyncHttpxClient(verify=NO_TLS),
    ) as client:
        if asked.stream:
            async with client.messages.stream(**request) as events:
                message = await events.get_final_message()
        else:
            message = await client.messages.create(**request)
    usage = message.usage
    cached = usage.cache_read_input_tokens or 0
    return Shown(
        "".join(block.text for block in message.content if block.type == "text"),
        [(b.name, dict(b.input)) for b in message.content if b.type == "tool_use"],
        message.stop_reason,
        usage.input_tokens + cached + (usage.cache_creation_input_tokens or 0),
        cached,
        usage.output_tokens,
        "".join(block.thinking for block in message.content if block.type == "thinking"),
        stop_sequence=message.stop_sequence,
        call_ids=[block.id for block in message.content if block.type == "tool_use"],
    )


def _openai(url: str) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=f"{url}/v1",
        api_key="k",
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(verify=NO_TLS),
    )


async def ask_chat(url: str, asked: Question) -> Shown:
    messages = chat_messages(asked)
    if asked.system:
        messages.insert(0, {"role": "system", "content": asked.system})
    request: dict[str, Any] = {"model": "gpt-5.5", "messages": messages}
    if asked.tool:
        function = {"name": TOOL, "description": "run", "parameters": SCHEMA}
        request["tools"] = [{"type": "function", "function": function}]
    async with _openai(url) as client:
        if asked.stream:
            options: dict[str, Any] = {"stream_options": {"include_usage": True}}
            async with client.chat.completions.stream(**request, **options) as events:
                await events.until_done()  # its final completion is none that is cut or filtered
                answer: Any = events.current_completion_snapshot
        else:
            answer = await client.chat.completions.create(**request)
    choice, usage = answer.choices[0], answer.usage
    calls = choice.message.tool_calls or []
    return Shown(
        choice.message.content or "",
        [(call.function.name, json.loads(call.function.arguments)) for call in calls],
        choice.finish_reason,
        usage.prompt_tokens,
        usage.prompt_tokens_details.cached_tokens,
        usage.completion_tokens,
        getattr(choice.message, "reasoning_content", ""),  # what its servers call it, not the SDK
        refusal=choice.message.refusal or "",
        call_ids=[call.id for call in calls],
    )


async def ask_responses(url: str, asked: Question) -> Shown:
    request: dict[str, Any] = {"model": "gpt-5.5", "input": responses_input(asked)}
    if asked.system:
        request["instructions"] = asked.system
    if asked.tool:
        tool = {"type": "function", "name": TOOL, "description": "run", "parameters": SCHEMA}
        request["tools"] = [{**tool, "strict": False}]
    async with _openai(url) as client:
        if asked.stream:
            async with client.responses.stream(**request) as events:
                answer = await _last_response(events)
        else:
            answer = await client.responses.create(**request)
    if answer.status == "failed":
        raise FailedError(answer.error.message)
    calls = [item for item in answer.output if item.type == "function_call"]
    thoughts = [item for item in answer.output if item.type == "reasoning"]
    said = [part for item in answer.output if item.type == "message" for part in item.content]
    return Shown(
        answer.output_text,
        [(call.name, json.loads(call.arguments)) for call in calls],
        answer.incomplete_details.reason if answer.incomplete_details else answer.status,
        answer.usage.input_tokens,
        answer.usage.input_tokens_details.cached_tokens,
        answer.usage.output_tokens,
        "".join(one.text for item in thoughts for one in item.summary),
        refusal="".join(part.refusal for part in said if part.type == "refusal"),
        call_ids=[call.call_id for call in calls],
    )


async def _last_response(events: Any) -> Any:
    """Return what the last event shows: the SDK keeps no answer that is incomplete or failed."""
    last: Any = [event async for event in events][-1]
    if last.type == "error":
        raise FailedError(last.message)
    if last.type not in {"response.completed", "response.incomplete", "response.failed"}:
        return await events.get_final_response()
    return last.response


async def ask_gemini(url: str, asked: Question) -> Shown:
    declared = gemini_types.FunctionDeclaration(
        name=TOOL, description="run", parameters_json_schema=SCHEMA
    )
    tools = [gemini_types.Tool(function_declarations=[declared])]
    config = gemini_types.GenerateContentConfig(
        system_instruction=asked.system, tools=[*tools] if asked.tool else None
    )
    tls = {"verify": NO_TLS}
    options = gemini_types.HttpOptions(base_url=url, client_args=tls, async_client_args=tls)
    client = genai.Client(api_key="k", http_options=options).aio
    request: dict[str, Any] = {"model": "gemini-3.8-flash", "config": config}
    request["contents"] = gemini_contents(asked)
    try:
        if asked.stream:
            parts: list[Any] = [
                p async for p in await client.models.generate_content_stream(**request)
            ]
        else:
            parts = [await client.models.generate_content(**request)]
    finally:
        await client.aclose()
    candidates = [c for part in parts for c in part.candidates or []]
    pieces = [piece for c in candidates if c.content for piece in c.content.parts or []]
    calls = [piece.function_call for piece in pieces if piece.function_call]
    usage = parts[-1].usage_metadata
    ends = [c.finish_reason for c in candidates if c.finish_reason]
    ends += [part.prompt_feedback.block_reason for part in parts if part.prompt_feedback]
    return Shown(
        "".join(piece.text for piece in pieces if piece.text and not piece.thought),
        [(call.name, dict(call.args)) for call in calls],
        "+".join(end.value for end in ends),
        usage.prompt_token_count,
        usage.cached_content_token_count or 0,
        (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
        "".join(piece.text for piece in pieces if piece.text and piece.thought),
        call_ids=[call.id for call in calls],
    )


Ask = Callable[[str, Question], Coroutine[None, None, Shown]]
SDKS: dict[WireName, tuple[Ask, tuple[type[Exception], ...]]] = {
    "anthropic": (ask_anthropic, (anthropic.APIError,)),
    "chat": (ask_chat, (openai.APIError,)),
    "responses": (ask_responses, (openai.APIError, FailedError)),
    "gemini": (ask_gemini, (gemini_errors.APIError,)),
}
ENDED: dict[WireName, str] = {
    "anthropic": "end_turn",
    "chat": "stop",
    "responses": "completed",
    "gemini": "STOP",
}
"""How an answer is shown to end in which all was said."""
CALLED: dict[WireName, str] = {**ENDED, "anthropic": "tool_use", "chat": "tool_calls"}
"""And one in which tools are called."""


def status_of(failure: Exception) -> int | None:
    """Return the HTTP status that a failure shows."""
    return getattr(failure, "status_code", None) or getattr(failure, "code", None)
