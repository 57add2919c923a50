"""A small client that keeps its connections: cheap, so that it is never what is measured."""

import asyncio
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, cast

import httptools
import uvloop

PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Question:
    """A request as bytes, and how long a body its answer must have."""

    request: bytes
    answer_bytes: int


class Connection(asyncio.Protocol):
    """One connection, with one question at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._done: asyncio.Future[None] | None = None
        self._first: asyncio.Future[None] | None = None
        self._body_bytes = 0

    async def ask(self, question: Question) -> None:
        """Ask, and wait for the answer to its end.

        Raises:
            RuntimeError: It is not the answer that was expected.
        """
        self.send(question)
        await self.end(question)

    def send(self, question: Question) -> None:
        """Ask."""
        if self._transport is None or self._transport.is_closing():
            raise RuntimeError("the server has closed the connection")
        loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._body_bytes = 0
        self._first, self._done = loop.create_future(), loop.create_future()
        self._transport.write(question.request)

    async def first_byte(self) -> None:
        """Wait until the body has begun."""
        if self._first is not None:
            await self._first

    async def end(self, question: Question) -> None:
        """Wait for the answer's end, and look at it."""
        if self._done is not None:
            await self._done
        status = self._parser.get_status_code()
        if (status, self._body_bytes) != (200, question.answer_bytes):
            found = f"{status} with {self._body_bytes} bytes"
            raise RuntimeError(f"found {found}, wanted 200 with {question.answer_bytes}")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        for waiting in (self._first, self._done):
            if waiting is not None and not waiting.done():
                waiting.set_exception(exc or ConnectionResetError("closed in the answer"))
                waiting.exception()  # nobody may wait for it: then it is not worth a warning

    def on_body(self, body: bytes) -> None:
        if self._body_bytes == 0 and self._first is not None:
            self._first.set_result(None)
        self._body_bytes += len(body)

    def on_message_complete(self) -> None:
        if self._done is not None:
            self._done.set_result(None)


class Load:
    """Asks one server; a context, for it keeps connections between calls."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._connections: list[Connection] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._connections:
            if connection._transport is not None:
                connection._transport.close()
        self._runner.run(asyncio.sleep(0))
        self._runner.close()

    def ask(self, question: Question, times: int, concurrency: int) -> None:
        """Ask so often, over so many connections at a time."""
        self._runner.run(self._ask(question, times, concurrency))

    def to_first_byte(self, question: Question) -> None:
        """Ask once and come back when the answer's body has begun; then `rest` is to be called."""
        self._runner.run(self._to_first_byte(question))

    def rest(self, question: Question) -> None:
        """Take the rest of the answer."""
        self._runner.run(self._connections[0].end(question))

    async def _ask(self, question: Question, times: int, concurrency: int) -> None:
        connections = await self._connected(concurrency)
        left = iter(range(times))

        async def work(connection: Connection) -> None:
            for _ in left:
                await connection.ask(question)

        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            for connection in connections:
                group.create_task(work(connection))

    async def _to_first_byte(self, question: Question) -> None:
        (connection,) = await self._connected(1)
        connection.send(question)
        async with asyncio.timeout(PATIENCE_S):
            await connection.first_byte()

    async def _connected(self, number: int) -> Sequence[Connection]:
        loop = asyncio.get_running_loop()
        while len(self._connections) < number:
            _, connection = await loop.create_connection(Connection, "127.0.0.1", self._port)
            self._connections.append(connection)
        return self._connections[:number]


def answers(port: int, path: str) -> None:
    """Wait until a server has given an answer, whatever it is."""
    asked = f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode()
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
                connection.sendall(asked)
                if connection.recv(1):
                    return
        except ConnectionError:
            time.sleep(0.005)
    raise TimeoutError(f"port {port} did not answer for {PATIENCE_S:g} s")
