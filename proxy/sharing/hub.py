"""The hub: a small process that keeps the log for the workers of one host.

It puts what each worker tells in an order and tells it to all, that worker included; it does not
know what any of it means. Each message is a line, and its first byte says what kind:

    ?LINE       of a newcomer, its first: what to put into the log once it is gone
    +LINE       for the log; and from it, to everybody
    ~NOTICE     for everybody, but not for the log
    =SEQ BASE   what is known up to that line of the log: what comes before it is forgotten
    .           to a newcomer: it has all of the log

If the hub dies, what it kept is still known to each worker: the first that comes back brings it.
"""

import asyncio
import signal
import socket
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, cast

import uvloop

MAX_LINES: Final = 65_536  # of a log that nobody says the beginning of
MAX_WAITING_BYTES: Final = 64 << 20  # for one worker: who does not read them has to come again
READ_BYTES: Final = 1 << 20


class Hub:
    """The log, and who hears it."""

    def __init__(self) -> None:
        self._members: set[Member] = set()
        self._log: deque[bytes] = deque()
        self._base = b""
        self._seq = 0  # of the last line of the log

    def joined(self, member: "Member") -> None:
        """Tell a newcomer everything."""
        before = self._seq - len(self._log)
        replay = b"".join(b"+%b\n" % line for line in self._log)
        member.write(b"=%d %b\n%b.\n" % (before, self._base, replay))
        self._members.add(member)

    def left(self, member: "Member", will: bytes | None) -> None:
        """Let the others know."""
        self._members.discard(member)
        if will is not None:
            self.ordered([will])

    def ordered(self, lines: Sequence[bytes]) -> None:
        """Put lines into the log."""
        self._log.extend(lines)
        self._seq += len(lines)
        while len(self._log) > MAX_LINES:
            self._log.popleft()
        self.noticed(b"".join(b"+%b\n" % line for line in lines))

    def noticed(self, message: bytes) -> None:
        """Tell everybody."""
        for member in tuple(self._members):
            member.write(message)

    def based(self, seq: int, base: bytes) -> None:
        """Begin with `base` from here on, if it is newer than what there is."""
        before = self._seq - len(self._log)
        if not before <= seq <= self._seq or (self._base and seq == before):
            return
        self._base = base
        for _ in range(seq - before):
            self._log.popleft()


class Member(asyncio.Protocol):
    """One worker's connection."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._will: bytes | None = None
        self._parts: list[bytes] = []  # of a line whose end has not come
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has no common base

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # its name
        self._hub.left(self, self._will)

    def data_received(self, data: bytes) -> None:
        head, *rest = data.split(b"\n")
        self._parts.append(head)
        if not rest:
            return
        lines = [b"".join(self._parts), *rest[:-1]]
        self._parts = [rest[-1]]
        ordered = [line[1:] for line in lines if line[:1] == b"+"]
        if ordered:
            self._hub.ordered(ordered)
        for line in lines:
            self._other(line)

    def write(self, message: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(message)
        if transport.get_write_buffer_size() > MAX_WAITING_BYTES:
            transport.abort()

    def _other(self, line: bytes) -> None:
        kind = line[:1]
        if kind == b"?":
            self._will = line[1:]
            self._hub.joined(self)
        elif kind == b"~":
            self._hub.noticed(line + b"\n")
        elif kind == b"=":
            seq, _, base = line[1:].partition(b" ")
            self._hub.based(int(seq), base)


async def serve(listening: socket.socket) -> None:
    """Keep the log for all who connect, until cancelled."""
    hub = Hub()
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(lambda: Member(hub), sock=listening)
    async with server:
        await server.serve_forever()


async def _until_alone(listening: socket.socket) -> None:
    """Serve until standard input ends: whoever started this process has gone."""
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(serve(listening))
        await asyncio.to_thread(sys.stdin.buffer.read)
        serving.cancel()


def main(listening: socket.socket) -> None:
    """Serve until nobody else is left to remove the socket and the folder made for it."""
    path = Path(listening.getsockname())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_alone(listening))
    path.unlink(missing_ok=True)
    with suppress(OSError):  # somebody has put something else there
        path.parent.rmdir()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the supervisor to act on
    main(socket.socket(fileno=int(sys.argv[1])))
