"""What is asked and answered: the sizes and shapes of a coding agent's traffic, canned."""

import json
from dataclasses import dataclass

from tests.benchmarks.load import Question

STREAM_EVENTS = 200
DELTAS = STREAM_EVENTS - 5
WHOLE_BYTES = 2048

HEADERS = (
    "accept: application/json",
    "content-type: application/json",
    "user-agent: claude-cli/2.1.0 (external, cli)",
    "x-app: cli",
    "anthropic-version: 2023-06-01",
    "anthropic-beta: claude-code-20250219,interleaved-thinking-2025-05-14",
    "anthropic-dangerous-direct-browser-access: true",
    "authorization: Bearer not-a-key-of-anybody",
    "x-claude-code-session-id: 5f1c2e52-0b1e-4d53-9d2a-6f6f0c4f2a11",
    "x-stainless-lang: js",
    "x-stainless-os: Linux",
    "x-stainless-arch: x64",
    "x-stainless-runtime: node",
    "x-stainless-retry-count: 0",
    "x-stainless-timeout: 600",
    "accept-language: *",
    "accept-encoding: gzip, deflate",
)
_USAGE = (
    '{"input_tokens":1200,"cache_creation_input_tokens":340,"cache_read_input_tokens":18000,'
    '"cache_creation":{"ephemeral_5m_input_tokens":340,"ephemeral_1h_input_tokens":0},'
    '"output_tokens":%d,"service_tier":"standard"}'
)
_TURN = 8 * 'def area(width: float, height: float) -> float:\n\t"""Return it, in m²."""\n'


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of request; `batch` of them are a round's work, long enough to be measured."""

    name: str
    prompt_bytes: int
    is_stream: bool
    batch: int

    @property
    def question(self) -> Question:
        """It as bytes."""
        body = prompt(self.prompt_bytes, is_stream=self.is_stream)
        head = ["POST /v1/messages HTTP/1.1", "host: 127.0.0.1", *HEADERS]
        head += [f"content-length: {len(body)}", "", ""]
        answer = b"".join(stream_events()) if self.is_stream else whole_answer()
        return Question("\r\n".join(head).encode() + body, len(answer))


WHOLE_2K = Workload("2 KB whole", 2 * 1024, is_stream=False, batch=160)
WHOLE_50K = Workload("50 KB whole", 50 * 1024, is_stream=False, batch=160)
STREAM = Workload("2 KB, 200-event stream", 2 * 1024, is_stream=True, batch=48)
LONG_STREAM = Workload("500 KB, 200-event stream", 500 * 1024, is_stream=True, batch=48)
WORKLOADS = (WHOLE_2K, WHOLE_50K, STREAM, LONG_STREAM)


def prompt(size: int, *, is_stream: bool) -> bytes:
    """Return a request's body of `size` bytes: model first, `stream` last, as SDKs do."""
    bare = len(_body([], is_stream=is_stream))
    each = len(_body([_TURN, _TURN], is_stream=is_stream)) - len(
        _body([_TURN], is_stream=is_stream)
    )
    results = [_TURN] * ((size - bare) // each)
    filled = len(_body(results, is_stream=is_stream))
    return _body([*results[:-1], _TURN + "x" * (size - filled)], is_stream=is_stream)


def _body(results: list[str], *, is_stream: bool) -> bytes:
    body = {
        "model": "claude-opus-5-5",
        "messages": [{"role": "user", "content": [_result(text)]} for text in results],
        "system": [{"type": "text", "text": "You are a coding agent."}],
        "metadata": {"user_id": "user_0_account_0_session_5f1c2e52-0b1e-4d53-9d2a-6f6f0c4f2a11"},
        "max_tokens": 32000,
        "stream": is_stream,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _result(text: str) -> dict[str, str]:
    return {"type": "tool_result", "tool_use_id": "toolu_01", "content": text}


def whole_answer() -> bytes:
    """Return an answer of `WHOLE_BYTES`."""
    start = (
        b'{"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-5-5",'
        b'"content":[{"type":"text","text":"'
    )
    end = b'"}],"stop_reason":"end_turn","stop_sequence":null,"usage":' + (_USAGE % 480).encode()
    return start + b"x" * (WHOLE_BYTES - len(start) - len(end) - 1) + end + b"}"


def stream_events() -> list[bytes]:
    """Return the events of a streamed answer, about 27 KB of them."""
    opening = (
        '{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",'
        f'"model":"claude-opus-5-5","content":[],"stop_reason":null,"usage":{_USAGE % 1}}}}}'
    )
    block = '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'
    delta = (
        '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word %03d"}}'
    )
    closing = (
        '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},'
        f'"usage":{_USAGE % 480}}}'
    )
    return [
        _event("message_start", opening),
        _event("content_block_start", block),
        *(_event("content_block_delta", delta % number) for number in range(DELTAS)),
        _event("content_block_stop", '{"type":"content_block_stop","index":0}'),
        _event("message_delta", closing),
        _event("message_stop", '{"type":"message_stop"}'),
    ]


def _event(name: str, text: str) -> bytes:
    return f"event: {name}\ndata: {text}\n\n".encode()
