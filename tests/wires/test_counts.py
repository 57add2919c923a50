"""Counting requests: read from each wire that has one, whole, and answered in its own words."""

import itertools

import msgspec
import pytest

from proxy.canonical.parts import Media, Text
from proxy.canonical.request import Request, Tool, Turn
from proxy.convert.request import convert_request
from proxy.counting import estimate
from proxy.wire import Location
from proxy.wires import CODECS

COUNTING = [name for name, codec in CODECS.items() if codec.write_count is not None]
IMAGE = "iVBORw0KGgoAAAANSUhEUgAAAGQAAABk"  # the head of a PNG of 100 x 100
SCHEMA = '{"type":"object","properties":{"path":{"type":"string"}}}'
WHOLE = Request(
    model="claude-haiku-4-5",
    turns=(
        Turn(role="system", parts=(Text(text="Be brief."),)),
        Turn(
            role="user",
            parts=(
                Text(text="What is this?"),
                Media(kind="image", media_type="image/png", data=IMAGE),
            ),
        ),
    ),
    tools=(Tool(name="look", description="Looks.", schema=SCHEMA),),
    counts_only=True,
)
PROPERTIES = {"type": "object", "properties": {"path": {"type": "string"}}}
LOOK = {"name": "look", "description": "Looks."}
ASKED: dict[str, tuple[str, dict[str, object]]] = {
    "anthropic": (
        "/v1/messages/count_tokens",
        {
            "model": "claude-haiku-4-5",
            "system": "Be brief.",
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What is this?"},
                        {
                            "type": "image",
                            "source": {"type": "base64", "media_type": "image/png", "data": IMAGE},
                        },
                    ],
                }
            ],
            "tools": [{**LOOK, "input_schema": PROPERTIES}],
        },
    ),
    "responses": (
        "/v1/responses/input_tokens",
        {
            "model": "claude-haiku-4-5",
            "instructions": "Be brief.",
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "What is this?"},
                        {"type": "input_image", "image_url": f"data:image/png;base64,{IMAGE}"},
                    ],
                }
            ],
            "tools": [{"type": "function", **LOOK, "parameters": PROPERTIES}],
        },
    ),
    "gemini": (
        "/v1beta/models/claude-haiku-4-5:countTokens",
        {
            "generateContentRequest": {
                "model": "models/claude-haiku-4-5",
                "systemInstruction": {"parts": [{"text": "Be brief."}]},
                "contents": [
                    {
                        "role": "user",
                        "parts": [
                            {"text": "What is this?"},
                            {"inlineData": {"mimeType": "image/png", "data": IMAGE}},
                        ],
                    }
                ],
                "tools": [{"functionDeclarations": [{**LOOK, "parametersJsonSchema": PROPERTIES}]}],
            }
        },
    ),
}


def comparable(request: Request) -> Request:
    """Return `request` without what one wire says and another does not."""
    tools = tuple(msgspec.structs.replace(tool, strict=None) for tool in request.tools)
    return msgspec.structs.replace(request, tools=tools)


def test_each_wire_but_chat_counts() -> None:
    assert set(COUNTING) == set(ASKED) == set(CODECS) - {"chat"}


@pytest.mark.parametrize("wire", COUNTING)
def test_a_clients_question_is_read_whole_and_answered(wire: str) -> None:
    path, body = ASKED[wire]
    codec = CODECS[wire]
    read = codec.read_request(msgspec.json.encode(body), Location(path, {}))
    assert (comparable(read.request), read.losses) == (WHOLE, ())
    tokens = estimate(read.request).tokens
    assert codec.write_count is not None
    assert codec.read_count(codec.write_count(tokens)) == tokens


@pytest.mark.parametrize(("client", "provider"), list(itertools.permutations(COUNTING, 2)))
def test_another_provider_is_asked_the_whole_question(client: str, provider: str) -> None:
    path, body = ASKED[client]
    source, target = CODECS[client], CODECS[provider]
    conversion = convert_request(source, target, msgspec.json.encode(body), Location(path, {}))
    assert conversion.losses == ()
    written = conversion.written
    read = target.read_request(written.body, Location(written.path, {}))
    assert comparable(read.request) == WHOLE
