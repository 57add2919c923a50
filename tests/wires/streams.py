"""One short stream of each wire, event by event, as its vendor sends it.

`handshake` says nothing, `content` is text, `end` is the protocol's end; `fault` may stand after
the handshake or after content.
"""

from dataclasses import dataclass

from proxy.canonical import Usage


@dataclass(frozen=True)
class Stream:
    handshake: tuple[bytes, ...]
    content: tuple[bytes, ...]
    end: tuple[bytes, ...]
    fault: bytes
    fault_type: str
    usage: Usage
    model: str
    stop_reason: str

    @property
    def events(self) -> tuple[bytes, ...]:
        return self.handshake + self.content + self.end


def named(name: str, data: str) -> bytes:
    return f"event: {name}\ndata: {data}\n\n".encode()


def bare(data: str) -> bytes:
    return f"data: {data}\n\n".encode()


ANTHROPIC = Stream(
    handshake=(
        named(
            "message_start",
            '{"type":"message_start","message":{"id":"m","type":"message","role":"assistant",'
            '"model":"claude-opus-5-5","content":[],"stop_reason":null,"usage":{"input_tokens":10,'
            '"cache_read_input_tokens":100,"cache_creation_input_tokens":30,"cache_creation":'
            '{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":10},"output_tokens":1,'
            '"service_tier":"standard"}}}',
        ),
        named("ping", '{"type":"ping"}'),
        named(
            "content_block_start",
            '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
        ),
    ),
    content=tuple(
        named(
            "content_block_delta",
            '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta",'
            f'"text":"word {n} é\u2028"}}}}',
        )
        for n in range(3)
    ),
    end=(
        named("content_block_stop", '{"type":"content_block_stop","index":0}'),
        named(
            "message_delta",
            '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},'
            '"usage":{"output_tokens":15,"output_tokens_details":{"thinking_tokens":5}}}',
        ),
        named("message_stop", '{"type":"message_stop"}'),
    ),
    fault=named(
        "error", '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    ),
    fault_type="overloaded_error",
    usage=Usage(
        prompt=140,
        uncached_input=10,
        cache_read=100,
        cache_write=30,
        cache_write_5m=20,
        cache_write_1h=10,
        output=15,
        reasoning=5,
    ),
    model="claude-opus-5-5",
    stop_reason="end_turn",
)


def chunk(delta: str, finish: str = "null", more: str = "") -> bytes:
    return bare(
        '{"id":"c","object":"chat.completion.chunk","model":"gpt-5.5","choices":[{"index":0,'
        f'"delta":{delta},"finish_reason":{finish}}}]{more}}}'
    )


CHAT = Stream(
    handshake=(chunk('{"role":"assistant","content":"","refusal":null}'),),
    content=tuple(chunk(f'{{"content":"word {n} é"}}') for n in range(3)),
    end=(
        chunk("{}", '"stop"'),
        bare(
            '{"id":"c","object":"chat.completion.chunk","model":"gpt-5.5","choices":[],"usage":'
            '{"prompt_tokens":140,"completion_tokens":15,"total_tokens":155,'
            '"prompt_tokens_details":{"cached_tokens":100,"cache_write_tokens":30},'
            '"completion_tokens_details":{"reasoning_tokens":5}}}'
        ),
        bare("[DONE]"),
    ),
    fault=bare('{"error":{"message":"Overloaded","type":"server_error","code":"overloaded"}}'),
    fault_type="overloaded",
    usage=Usage(
        prompt=140, uncached_input=10, cache_read=100, cache_write=30, output=15, reasoning=5
    ),
    model="gpt-5.5",
    stop_reason="stop",
)


def response(kind: str, status: str, more: str = "") -> bytes:
    return named(
        kind,
        f'{{"type":"{kind}","sequence_number":0,"response":{{"id":"resp_1","object":"response",'
        f'"status":"{status}","model":"gpt-5.5","output":[]{more}}}}}',
    )


RESPONSES = Stream(
    handshake=(
        response("response.created", "in_progress"),
        response("response.in_progress", "in_progress"),
        named(
            "response.output_item.added",
            '{"type":"response.output_item.added","output_index":0,"item":{"type":"message"}}',
        ),
        named(
            "response.content_part.added",
            '{"type":"response.content_part.added","output_index":0,"part":{"text":""}}',
        ),
    ),
    content=tuple(
        named(
            "response.output_text.delta",
            f'{{"type":"response.output_text.delta","output_index":0,"delta":"word {n} é"}}',
        )
        for n in range(3)
    ),
    end=(
        response(
            "response.completed",
            "completed",
            ',"usage":{"input_tokens":140,"output_tokens":15,"input_tokens_details":'
            '{"cached_tokens":100,"cache_write_tokens":30},"output_tokens_details":'
            '{"reasoning_tokens":5},"total_tokens":155}',
        ),
    ),
    fault=response(
        "response.failed",
        "failed",
        ',"error":{"code":"server_is_overloaded","message":"Overloaded"}',
    ),
    fault_type="server_is_overloaded",
    usage=Usage(
        prompt=140, uncached_input=10, cache_read=100, cache_write=30, output=15, reasoning=5
    ),
    model="gpt-5.5",
    stop_reason="completed",
)


def part(parts: str, more: str = "") -> bytes:
    return bare(
        f'{{"candidates":[{{"content":{{"parts":[{parts}],"role":"model"}},"index":0{more}}}],'
        '"usageMetadata":{"promptTokenCount":140,"cachedContentTokenCount":100,'
        '"candidatesTokenCount":10,"thoughtsTokenCount":5,"totalTokenCount":155},'
        '"modelVersion":"gemini-3.8-flash"}'
    )


GEMINI = Stream(
    handshake=(part(""),),
    content=tuple(part(f'{{"text":"word {n} é"}}') for n in range(3)),
    end=(part('{"text":""}', ',"finishReason":"STOP"'),),
    fault=bare('{"error":{"code":503,"message":"Overloaded","status":"UNAVAILABLE"}}'),
    fault_type="UNAVAILABLE",
    usage=Usage(prompt=140, uncached_input=40, cache_read=100, output=15, reasoning=5),
    model="gemini-3.8-flash",
    stop_reason="STOP",
)

STREAMS = {"anthropic": ANTHROPIC, "chat": CHAT, "responses": RESPONSES, "gemini": GEMINI}
