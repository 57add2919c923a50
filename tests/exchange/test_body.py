"""Bodies in every encoding, and never more than is allowed."""

import gzip
import zlib

import pytest
import zstandard
from starlette.types import Message

from proxy.errors import ClientError, ClientLeft
from proxy.exchange.body import check_json, decode_body, read_body

pytestmark = pytest.mark.anyio
BODY = b'{"model":"m"}' * 1000


def coming(*parts: bytes, then: str = "http.request") -> list[Message]:
    last = len(parts) - 1
    messages: list[Message] = [
        {"type": "http.request", "body": part, "more_body": n < last or then != "http.request"}
        for n, part in enumerate(parts)
    ]
    return messages if then == "http.request" else [*messages, {"type": then}]


async def read(messages: list[Message], max_bytes: int) -> bytes:
    left = iter(messages)

    async def receive() -> Message:
        return next(left)

    return await read_body(receive, max_bytes)


async def test_a_body_in_pieces_is_joined() -> None:
    assert await read(coming(b"a", b"", b"bc"), 3) == b"abc"


async def test_a_body_too_large_is_refused_before_its_end() -> None:
    with pytest.raises(ClientError, match="larger than 1 MiB") as caught:
        await read(coming(b"x" * 2**20, b"y", b"never read"), 2**20)
    assert caught.value.status == 413


async def test_a_client_may_leave_while_sending() -> None:
    with pytest.raises(ClientLeft):
        await read(coming(b"x", then="http.disconnect"), 10)


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        (b"identity", BODY),
        (b"gzip", gzip.compress(BODY)),
        (b"GZIP", gzip.compress(BODY)),
        (b"gzip", gzip.compress(BODY[:99]) + gzip.compress(BODY[99:])),
        (b"deflate", zlib.compress(BODY)),
        (b"zstd", zstandard.compress(BODY)),
        (b"zstd", zstandard.ZstdCompressor(write_content_size=False).compress(BODY)),
    ],
)
def test_encodings(encoding: bytes, sent: bytes) -> None:
    assert decode_body(sent, {b"content-encoding": encoding}, len(BODY)) == BODY


@pytest.mark.parametrize(
    ("encoding", "sent", "status"),
    [
        (b"gzip", b"no gzip", 400),
        (b"gzip", gzip.compress(BODY)[:-9], 400),
        (b"zstd", b"no zstd", 400),
        (b"zstd", zstandard.compress(BODY)[:20], 400),
        (b"br", BODY, 415),
        (b"gzip, gzip", BODY, 415),
        (b"gzip", gzip.compress(BODY + b"x"), 413),
        (b"gzip", gzip.compress(BODY) + gzip.compress(b"x"), 413),
        (b"gzip", gzip.compress(BODY) + b"more", 400),
        (b"zstd", zstandard.compress(BODY + b"x"), 413),
        (b"gzip", gzip.compress(b"0" * 50_000_000), 413),
    ],
)
def test_bad_encodings_are_refused(encoding: bytes, sent: bytes, status: int) -> None:
    with pytest.raises(ClientError) as caught:
        decode_body(sent, {b"content-encoding": encoding}, len(BODY))
    assert caught.value.status == status


@pytest.mark.parametrize("kind", [None, b"application/json; charset=utf-8", b"a/vnd.x+json"])
def test_json_passes(kind: bytes | None) -> None:
    check_json({} if kind is None else {b"content-type": kind})


@pytest.mark.parametrize("kind", [b"text/plain", b"multipart/form-data; boundary=x", b""])
def test_other_contents_are_refused(kind: bytes) -> None:
    with pytest.raises(ClientError) as caught:
        check_json({b"content-type": kind})
    assert caught.value.status == 415
