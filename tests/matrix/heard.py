"""What a provider heard of a request, read from the bytes it got: one reader for each wire."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Heard:
    """Texts by role, images as type and base64, calls and results by id, tools and schemas."""

    system: str = ""
    texts: list[tuple[str, str]] = field(default_factory=list)
    images: list[tuple[str, str]] = field(default_factory=list)
    calls: list[tuple[str, str, Json]] = field(default_factory=list)
    results: list[tuple[str, str]] = field(default_factory=list)
    tools: list[tuple[str, str, Json]] = field(default_factory=list)


def by_anthropic(body: Json) -> Heard:
    heard = Heard("".join(block["text"] for block in _blocks(body.get("system"))))
    for message in body["messages"]:
        for block in _blocks(message["content"]):
            match block["type"]:
                case "text":
                    heard.texts.append((message["role"], block["text"]))
                case "image":
                    source = block["source"]
                    heard.images.append((source["media_type"], source["data"]))
                case "tool_use":
                    heard.calls.append((block["id"], block["name"], block["input"]))
                case "tool_result":
                    said = "".join(one["text"] for one in _blocks(block["content"]))
                    heard.results.append((block["tool_use_id"], said))
                case kind:
                    raise AssertionError(kind)
    for tool in body.get("tools", ()):
        heard.tools.append((tool["name"], tool["description"], tool["input_schema"]))
    return heard


def by_chat(body: Json) -> Heard:
    heard = Heard()
    for message in body["messages"]:
        said = _blocks(message.get("content"))
        text = "".join(one["text"] for one in said if one["type"] == "text")
        match message["role"]:
            case "system" | "developer":
                heard.system += text
            case "tool":
                heard.results.append((message["tool_call_id"], text))
            case role if text:
                heard.texts.append((role, text))
            case _:
                pass
        urls = [one["image_url"]["url"] for one in said if one["type"] == "image_url"]
        heard.images += [_data_url(url) for url in urls]
        for call in message.get("tool_calls") or ():
            made = call["function"]
            heard.calls.append((call["id"], made["name"], json.loads(made["arguments"])))
    for tool in body.get("tools", ()):
        offered = tool["function"]
        heard.tools.append((offered["name"], offered["description"], offered["parameters"]))
    return heard


def by_responses(body: Json) -> Heard:
    heard = Heard(body.get("instructions") or "")
    for item in body["input"]:
        match item.get("type", "message"):
            case "function_call":
                arguments = json.loads(item["arguments"])
                heard.calls.append((item["call_id"], item["name"], arguments))
            case "function_call_output":
                said = "".join(one["text"] for one in _blocks(item["output"]))
                heard.results.append((item["call_id"], said))
            case "message":
                _hear_message(heard, item)
            case kind:
                raise AssertionError(kind)
    for tool in body.get("tools", ()):
        heard.tools.append((tool["name"], tool["description"], tool["parameters"]))
    return heard


def _hear_message(heard: Heard, item: Json) -> None:
    for part in _blocks(item["content"]):
        if part["type"] == "input_image":
            heard.images.append(_data_url(part["image_url"]))
        elif item["role"] in {"system", "developer"}:
            heard.system += part["text"]
        else:
            heard.texts.append((item["role"], part["text"]))


def by_gemini(body: Json) -> Heard:
    instruction = body.get("systemInstruction") or {"parts": []}
    heard = Heard("".join(part["text"] for part in instruction["parts"]))
    for content in body["contents"]:
        for part in content["parts"]:
            match part:
                case {"text": text}:
                    role = "assistant" if content["role"] == "model" else content["role"]
                    heard.texts.append((role, text))
                case {"inlineData": blob}:
                    data = blob["data"].replace("-", "+").replace("_", "/")
                    heard.images.append((_either(blob, "mimeType", "mime_type"), data))
                case {"functionCall": call}:
                    heard.calls.append((call["id"], call["name"], call["args"]))
                case {"functionResponse": result}:
                    heard.results.append((result["id"], result["response"]["output"]))
                case _:
                    raise AssertionError(part)
    offered = [one for tool in body.get("tools", ()) for one in tool["functionDeclarations"]]
    heard.tools += [
        (
            one["name"],
            one["description"],
            _either(one, "parametersJsonSchema", "parameters_json_schema"),
        )
        for one in offered
    ]
    return heard


def _either(value: Json, camel: str, snake: str) -> Any:
    """Read a field as we write it, or as the SDK does."""
    return value[camel if camel in value else snake]


def _blocks(content: str | list[Json] | None) -> list[Json]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return content or []


def _data_url(url: str) -> tuple[str, str]:
    media_type, _, data = url.removeprefix("data:").partition(";base64,")
    return media_type, data


HEARD: dict[str, Callable[[Json], Heard]] = {
    "anthropic": by_anthropic,
    "chat": by_chat,
    "responses": by_responses,
    "gemini": by_gemini,
}
