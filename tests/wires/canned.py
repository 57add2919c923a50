"""A server that gives every request the same answer, for SDKs that no mock reaches."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def canned(body: bytes, content_type: str, status: int = 200) -> AsyncIterator[str]:
    """Serve `body` to whoever asks, and give the address without a slash at its end."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = [line.partition(b":") for line in head.lower().split(b"\r\n")]
        sizes = [int(value) for name, _, value in lines if name == b"content-length"]
        await reader.readexactly(sum(sizes))
        said = f"HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\n"
        writer.write(f"{said}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode())
        writer.write(body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.close()
        await server.wait_closed()
