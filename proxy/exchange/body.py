"""Read a request's body, whatever encoding it has, and never more than is allowed."""

import zlib
from collections.abc import Mapping

import zstandard
from starlette.types import Receive

from proxy.errors import ClientError, ClientLeft

MIB = 1024 * 1024


async def read_body(receive: Receive, max_bytes: int) -> bytes:
    """Return the body as it came.

    Raises:
        ClientError: 413, it is too large.
        ClientLeft: The client hung up while sending.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        part = message.get("body", b"")
        size += len(part)
        if size > max_bytes:
            raise _too_large(max_bytes)
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def decode_body(body: bytes, headers: Mapping[bytes, bytes], max_bytes: int) -> bytes:
    """Undo the content encoding.

    Raises:
        ClientError: 400, 413 or 415: it is damaged, too large when decoded, or not known.
    """
    encoding = headers.get(b"content-encoding", b"identity").strip().lower().decode("latin-1")
    try:
        match encoding:
            case "identity" | "":
                return body
            case "gzip" | "x-gzip":
                return _inflate(body, zlib.MAX_WBITS | 16, max_bytes)
            case "deflate":
                return _inflate(body, zlib.MAX_WBITS, max_bytes)
            case "zstd":
                return _unzstd(body, max_bytes)
            case _:
                known = "send gzip, deflate, zstd or none"
                raise ClientError(415, f"The content encoding {encoding} is not known: {known}.")
    except (zlib.error, zstandard.ZstdError) as exc:
        raise ClientError(400, f"The request body is no whole {encoding}: {exc}.") from exc


def check_json(headers: Mapping[bytes, bytes]) -> None:
    """Refuse a body that says it is not JSON.

    Raises:
        ClientError: 415.
    """
    kind = headers.get(b"content-type", b"application/json").partition(b";")[0].strip().lower()
    if kind == b"application/json" or kind.endswith(b"+json"):
        return
    raise ClientError(415, f"The content type is {kind.decode('latin-1')}: send application/json.")


def _inflate(body: bytes, window_bits: int, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    left = max_bytes
    while body:  # gzip may have several members, one after another
        inflater = zlib.decompressobj(window_bits)
        parts.append(inflater.decompress(body, left + 1))
        left -= len(parts[-1])
        if left < 0:
            raise _too_large(max_bytes)
        if not inflater.eof:
            raise zlib.error("it ends too early")
        body = inflater.unused_data
    return b"".join(parts)


def _unzstd(body: bytes, max_bytes: int) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(body) as reader:
        out = reader.read(max_bytes + 1)
    if len(out) > max_bytes:
        raise _too_large(max_bytes)
    if body and not out:
        raise zstandard.ZstdError("it holds nothing")
    return out


def _too_large(max_bytes: int) -> ClientError:
    return ClientError(
        413,
        f"The request body is larger than {max_bytes // MIB} MiB: shorten the conversation, "
        "or raise [server] max_body_mib.",
    )
