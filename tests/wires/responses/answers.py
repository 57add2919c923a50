"""One answer, as it is in the middle, whole and as a stream; and reading a stream."""

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from proxy.canonical import Usage
from proxy.canonical.answer import Answer, Event
from proxy.canonical.parts import Opaque, Text, Thinking, ToolCall
from proxy.canonical.request import Request
from proxy.sse import SseCutter, events
from proxy.wires.responses.codec import RESPONSES_CODEC

ASKED = Request(model="m", turns=())
USAGE = Usage(prompt=140, uncached_input=10, cache_read=100, cache_write=30, output=15, reasoning=5)
USAGE_JSON = {
    "input_tokens": 140,
    "input_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 30},
    "output_tokens": 15,
    "output_tokens_details": {"reasoning_tokens": 5},
    "total_tokens": 155,
}
WHOLE = Answer(
    id="resp_1",
    model="m",
    parts=(
        Thinking(text="hm", opaque=Opaque("responses", "token", "rs_1")),
        Text(text="Grüße"),
        ToolCall(id="c", name="sleep", arguments='{"s":1}', namespace="clock"),
        ToolCall(id="d", name="exec", arguments="ls()", custom=True),
    ),
    stop="tool_call",
    usage=USAGE,
    created_s=7,
)
ITEMS: list[dict[str, Any]] = [
    {
        "id": "rs_1",
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": "hm"}],
        "encrypted_content": "token",
    },
    {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": "Grüße", "annotations": []}],
    },
    {
        "id": "fc_1",
        "type": "function_call",
        "call_id": "c",
        "name": "sleep",
        "arguments": '{"s":1}',
        "namespace": "clock",
    },
    {"id": "ctc_1", "type": "custom_tool_call", "call_id": "d", "name": "exec", "input": "ls()"},
    {"id": "ws_1", "type": "web_search_call", "status": "completed"},
]
DELTAS: list[tuple[str, int, list[str]]] = [
    ("response.reasoning_summary_text", 0, ["h", "m"]),
    ("response.output_text", 1, ["Gr", "ü", "ße"]),
    ("response.function_call_arguments", 2, ['{"s"', ":1}"]),
    ("response.custom_tool_call_input", 3, ["ls", "()"]),
]


def response(status: str, output: list[Any], **more: object) -> dict[str, object]:
    said = {"id": "resp_1", "object": "response", "created_at": 7, "model": "m"}
    return {**said, "status": status, "output": output, **more}


def sse(*said: dict[str, Any]) -> bytes:
    return b"".join(
        f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
        for event in said
    )


def stream(*kept: str, output: list[Any] | None = None) -> bytes:
    """Write the stream of WHOLE with only the events whose names hold one of `kept`."""
    said: list[dict[str, Any]] = []
    for index, item in enumerate(ITEMS):
        bare = {**item, "summary": [], "content": [], "arguments": "", "input": ""}
        bare["encrypted_content"] = "tok"  # the vendor may say half of it here
        at = {"output_index": index}
        said.append({"type": "response.output_item.added", "item": bare, **at})
        for name, place, texts in DELTAS:
            if place == index:
                said += [{"type": f"{name}.delta", "delta": text, **at} for text in texts]
                field = {2: "arguments", 3: "input"}.get(index, "text")
                said.append({"type": f"{name}.done", field: "".join(texts), **at})
        said.append({"type": "response.output_item.done", "item": item, **at})
    said = [event for event in said if any(word in event["type"] for word in kept)]
    ended = response("completed", output or [], usage=USAGE_JSON)
    first = {"type": "response.created", "response": response("in_progress", [])}
    return sse(first, *said, {"type": "response.completed", "response": ended})


def decoded(data: bytes, cuts: Iterable[int] = ()) -> list[Event]:
    cutter, decoder = SseCutter(), RESPONSES_CODEC.decoder()
    found: list[Event] = []
    edges = [0, *sorted(cuts), len(data)]
    blocks = [cutter.feed(data[a:b]) for a, b in pairwise(edges)]
    for block in [*blocks, cutter.rest]:
        for event in events(block):
            found += decoder.feed(event)
    return found + decoder.finish()
