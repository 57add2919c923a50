"""A provider that costs next to nothing: canned answers, written at once.

Every event of a stream is an HTTP chunk of its own, as providers send them, and all are in one
write: flat out.
"""

import asyncio
from typing import cast

import httptools
import uvloop

from tests.benchmarks.workloads import stream_events, whole_answer

_HEAD = (
    b"HTTP/1.1 200 OK\r\nrequest-id: req_1\r\nanthropic-organization-id: org_1\r\n"
    b"anthropic-ratelimit-requests-limit: 4000\r\nanthropic-ratelimit-requests-remaining: 3999\r\n"
)


def canned(*, is_stream: bool) -> bytes:
    """Return an answer with its head."""
    if not is_stream:
        body = whole_answer()
        kind = b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        return _HEAD + kind + body
    kind = b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    chunks = [b"%x\r\n%b\r\n" % (len(event), event) for event in stream_events()]
    return _HEAD + kind + b"".join(chunks) + b"0\r\n\r\n"


WHOLE, STREAM = canned(is_stream=False), canned(is_stream=True)


class Provider(asyncio.Protocol):
    """One connection; the end of the request's body says whether it wants a stream."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)
        self._last = b""

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._last = self._last[-16:] + body[-16:]

    def on_message_complete(self) -> None:
        self._transport.write(STREAM if self._last.endswith(b'"stream":true}') else WHOLE)
        self._last = b""


async def main() -> None:
    """Serve until somebody ends the process."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Provider, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201  # for whoever started it
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
