"""One question, asked through each official SDK; what it shows, in words that all of them share."""

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import anthropic
import openai
from google import genai
from google.genai import errors as gemini_errors
from google.genai import types as gemini_types

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


@dataclass(frozen=True)
class Shown:
    """What an SDK showed of an answer."""

    text: str
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    stop: str | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    thinking: str = ""


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
    async with anthropic.AsyncAnthropic(base_url=url, api_key="k", max_retries=0) as client:
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
        {"end_turn": "end", "tool_use": "call"}.get(str(message.stop_reason)),
        usage.input_tokens + cached + (usage.cache_creation_input_tokens or 0),
        cached,
        usage.output_tokens,
        "".join(block.thinking for block in message.content if block.type == "thinking"),
    )


async def ask_chat(url: str, asked: Question) -> Shown:
    messages = chat_messages(asked)
    if asked.system:
        messages.insert(0, {"role": "system", "content": asked.system})
    request: dict[str, Any] = {"model": "gpt-5.5", "messages": messages}
    if asked.tool:
        function = {"name": TOOL, "description": "run", "parameters": SCHEMA}
        request["tools"] = [{"type": "function", "function": function}]
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        if asked.stream:
            options: dict[str, Any] = {"stream_options": {"include_usage": True}}
            async with client.chat.completions.stream(**request, **options) as events:
                answer: Any = await events.get_final_completion()
        else:
            answer = await client.chat.completions.create(**request)
    choice, usage = answer.choices[0], answer.usage
    calls = choice.message.tool_calls or []
    return Shown(
        choice.message.content or "",
        [(call.function.name, json.loads(call.function.arguments)) for call in calls],
        {"stop": "end", "tool_calls": "call"}.get(choice.finish_reason),
        usage.prompt_tokens,
        usage.prompt_tokens_details.cached_tokens,
        usage.completion_tokens,
        getattr(choice.message, "reasoning_content", ""),  # what its servers call it, not the SDK
    )


async def ask_responses(url: str, asked: Question) -> Shown:
    request: dict[str, Any] = {"model": "gpt-5.5", "input": responses_input(asked)}
    if asked.system:
        request["instructions"] = asked.system
    if asked.tool:
        tool = {"type": "function", "name": TOOL, "description": "run", "parameters": SCHEMA}
        request["tools"] = [{**tool, "strict": False}]
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        if asked.stream:
            async with client.responses.stream(**request) as events:
                answer: Any = await events.get_final_response()
        else:
            answer = await client.responses.create(**request)
    calls = [item for item in answer.output if item.type == "function_call"]
    thoughts = [item for item in answer.output if item.type == "reasoning"]
    return Shown(
        answer.output_text,
        [(call.name, json.loads(call.arguments)) for call in calls],
        "call" if calls else {"completed": "end"}.get(answer.status),
        answer.usage.input_tokens,
        answer.usage.input_tokens_details.cached_tokens,
        answer.usage.output_tokens,
        "".join(one.text for item in thoughts for one in item.summary),
    )


async def ask_gemini(url: str, asked: Question) -> Shown:
    declared = gemini_types.FunctionDeclaration(
        name=TOOL, description="run", parameters_json_schema=SCHEMA
    )
    tools = [gemini_types.Tool(function_declarations=[declared])]
    config = gemini_types.GenerateContentConfig(
        system_instruction=asked.system, tools=[*tools] if asked.tool else None
    )
    client = genai.Client(api_key="k", http_options={"base_url": url}).aio
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
    contents_said = [c.content for part in parts for c in part.candidates or [] if c.content]
    pieces = [piece for content in contents_said for piece in content.parts or []]
    calls = [piece.function_call for piece in pieces if piece.function_call]
    usage = parts[-1].usage_metadata
    finish = str(parts[-1].candidates[0].finish_reason.value)
    return Shown(
        "".join(piece.text for piece in pieces if piece.text and not piece.thought),
        [(call.name, dict(call.args)) for call in calls],
        "call" if calls else {"STOP": "end"}.get(finish),
        usage.prompt_token_count,
        usage.cached_content_token_count or 0,
        (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
        "".join(piece.text for piece in pieces if piece.text and piece.thought),
    )


Ask = Callable[[str, Question], Coroutine[None, None, Shown]]
SDKS: dict[str, tuple[Ask, tuple[type[Exception], ...]]] = {
    "anthropic": (ask_anthropic, (anthropic.APIError,)),
    "chat": (ask_chat, (openai.APIError,)),
    "responses": (ask_responses, (openai.APIError, RuntimeError)),
    "gemini": (ask_gemini, (gemini_errors.APIError,)),
}
