"""Tell a client whose content is late that somebody is there, in a way that it tolerates.

Clients differ, and the wrong sign of life breaks them. Sources: `facts/clients.md` section 6,
and `tests/test_keepalive.py`, which shows each to the official SDKs.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from proxy.errors import ClientLeft
from proxy.exchange.client import Client
from proxy.exchange.passage import SSE
from proxy.wire import Wire

COMMENT = b": waiting\n\n"
OF_WIRE: Mapping[str, bytes] = {
    "anthropic": COMMENT,
    "chat": COMMENT,
    "responses": COMMENT,
    "gemini": b"\n",  # its readers take a comment for a broken answer
}
OF_CODEX = b'data: {"type":"keepalive"}\n\n'  # its timer runs on at a comment; the SDK refuses this


def sign_of_life(wire: Wire, headers: Mapping[bytes, bytes]) -> bytes:
    """Return what the client that sent `headers` takes for one."""
    agent = headers.get(b"user-agent", b"").lower()
    if wire.name == "responses" and agent.startswith(b"codex"):
        return OF_CODEX
    return OF_WIRE[wire.name]


class KeepAlive:
    """Sends the head of a stream, then signs of life, once `every_s` has passed without content.

    From its head on, a failure can only be told by an event; the provider may still change.
    """

    def __init__(self, client: Client, wire: Wire, sign: bytes, every_s: float) -> None:
        self._client = client
        self._wire = wire
        self._sign = sign
        self._every_s = every_s
        self._enough: asyncio.Event | None = None  # for whoever sends, if anybody does
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def watch(self, group: asyncio.TaskGroup) -> None:
        """Begin to wait. A timer alone costs next to nothing; the task comes when it is due."""

        def due() -> None:
            self._enough = asyncio.Event()
            signs = self._send(self._enough)
            try:
                self._task = group.create_task(signs)
            except RuntimeError:  # the client has left meanwhile, and the group is being ended
                signs.close()

        self._timer = asyncio.get_running_loop().call_later(self._every_s, due)

    def stop(self) -> None:
        """Begin nothing more, without waiting for what is under way."""
        if self._timer is not None:
            self._timer.cancel()
        if self._enough is not None:
            self._enough.set()

    async def enough(self, limit_s: float) -> None:
        """Stop. Nothing of it is under way to the client any more when this returns.

        Raises:
            ClientLeft: The client did not take the last one within `limit_s`.
        """
        self.stop()
        if self._task is not None:
            try:
                async with asyncio.timeout(limit_s):
                    await asyncio.shield(self._task)
            except TimeoutError as exc:
                raise ClientLeft from exc

    async def _send(self, enough: asyncio.Event) -> None:
        self._client.error_event = self._wire.reader().error_event
        await self._client.start(200, [SSE, (b"cache-control", b"no-cache")])
        while not enough.is_set():
            await self._client.beat(self._sign)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await enough.wait()
