"""A provider over TLS or not, an HTTP proxy and a SOCKS5 proxy on loopback, each a page long."""

import asyncio
import base64
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

ANSWER = json.dumps(
    {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "hi"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 1},
    }
).encode()
NOBODY = 1  # a port at which nobody listens

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Heard:
    """What a server was asked: `target` and `headers` as they came, names in lower case."""

    target: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Server:
    port: int = 0
    heard: list[Heard] = field(default_factory=list)


async def read(reader: asyncio.StreamReader) -> Heard | None:
    """Return the next request; `None` if there is none."""
    line = (await reader.readline()).decode("latin-1").split()
    if not line:
        return None
    headers: dict[str, str] = {}
    while (text := (await reader.readline()).decode("latin-1").strip()) != "":
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Heard(line[1], headers, body)


@asynccontextmanager
async def listening(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Have `talk` talk to whoever comes; yields the port."""
    held: set[asyncio.Task[None]] = set()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        held.add(task)
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            return  # it hung up
        finally:
            writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in held:
            task.cancel()
        await asyncio.wait(held or {asyncio.ensure_future(asyncio.sleep(0))})


@asynccontextmanager
async def provider(
    tls: ssl.SSLContext | None = None, answers: Callable[[Heard], tuple[str, bytes]] | None = None
) -> AsyncIterator[Server]:
    """Answer every request, all with the same if `answers` does not say the status and body."""
    own = Server()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (heard := await read(reader)) is not None:
            own.heard.append(heard)
            status, body = ("200 OK", ANSWER) if answers is None else answers(heard)
            head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n"
            writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()

    async with listening(talk, tls) as own.port:
        yield own


async def _joined(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int, first: bytes
) -> None:
    """Pass bytes on in both directions, `first` of all those to `host`."""
    there, to_there = await asyncio.open_connection(host, port)

    async def copied(source: asyncio.StreamReader, goal: asyncio.StreamWriter) -> None:
        try:
            while chunk := await source.read(65536):
                goal.write(chunk)
                await goal.drain()
        finally:
            goal.close()

    to_there.write(first)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(copied(reader, to_there))
            group.create_task(copied(there, writer))
    finally:
        to_there.close()


@asynccontextmanager
async def http_proxy(user: str = "", password: str = "") -> AsyncIterator[Server]:
    """Take CONNECT, and whole addresses, from whoever knows the password, if there is one."""
    own = Server()
    wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard = await read(reader)
        if heard is None:
            return
        own.heard.append(heard)
        if user and heard.headers.get("proxy-authorization") != wanted:
            writer.write(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n")
            return
        if "://" not in heard.target:
            host, _, port = heard.target.partition(":")
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await _joined(reader, writer, host, int(port), b"")
            return
        _, _, rest = heard.target.partition("://")
        place, _, path = rest.partition("/")
        host, _, port = place.partition(":")
        headers = "".join(f"{name}: {value}\r\n" for name, value in heard.headers.items())
        request = f"POST /{path} HTTP/1.1\r\n{headers}\r\n".encode() + heard.body
        await _joined(reader, writer, host, int(port), request)

    async with listening(talk) as own.port:
        yield own


@asynccontextmanager
async def socks_proxy(user: str, password: str) -> AsyncIterator[Server]:
    """Speak SOCKS5 (RFC 1928) with a password (RFC 1929); `heard` are the places asked for."""
    own = Server()

    async def counted(reader: asyncio.StreamReader) -> str:
        (size,) = await reader.readexactly(1)
        return (await reader.readexactly(size)).decode()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        assert 2 in await reader.readexactly(methods)
        writer.write(b"\x05\x02")
        await reader.readexactly(1)
        knows = [await counted(reader), await counted(reader)] == [user, password]
        writer.write(b"\x01\x00" if knows else b"\x01\x01")
        if not knows:
            return
        *_, kind = await reader.readexactly(4)
        if kind == 1:
            host = socket.inet_ntoa(await reader.readexactly(4))
        else:
            host = await counted(reader)
        port = int.from_bytes(await reader.readexactly(2), "big")
        own.heard.append(Heard(f"{host}:{port}", {}))
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await _joined(reader, writer, "127.0.0.1", port, b"")

    async with listening(talk) as own.port:
        yield own
