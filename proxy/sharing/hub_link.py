"""The way to the hub of this host, over a Unix socket."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

from proxy.sharing.link import Ear

AGAIN_S: Final = (0.02, 0.1, 0.5, 1.0)  # until the next try to reach it; the last one for ever
AWAY: Final = "the hub of this host is away: each worker decides by what it learns itself"


class HubLink:
    """A worker's connection to the hub; `will` is what the log gets once the worker is gone."""

    def __init__(self, path: Path, will: bytes) -> None:
        self.place = "the hub of this host"
        self.problem: str | None = AWAY
        self._path = path
        self._will = will
        self._line: _Line | None = None
        self._is_live = False
        self._seq = 0

    @property
    def seq(self) -> str:
        """Up to where the log was heard."""
        return str(self._seq)

    def tell(self, line: bytes) -> None:
        """Tell the log a line."""
        if self._is_live:
            self._write(b"+", line)

    def call(self, notice: bytes) -> None:
        """Call something to all."""
        if self._is_live:
            self._write(b"~", notice)

    def base(self, seq: str, known: bytes) -> None:
        """Say what was known up to `seq`."""
        self._write(b"=", seq.encode() + b" " + known)

    async def run(self, ear: Ear) -> None:
        """Hear the log until cancelled."""
        failures = 0
        while True:
            try:
                await self._heard(ear)
                failures = 0
            except OSError:
                failures += 1
            await asyncio.sleep(AGAIN_S[min(failures, len(AGAIN_S) - 1)])

    async def _heard(self, ear: Ear) -> None:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_unix_connection(lambda: _Line(self, ear), str(self._path))
        self._line = line
        try:
            line.write(b"?" + self._will + b"\n")
            await line.over.wait()
        finally:
            line.close()
            self._line, self._is_live, self.problem = None, False, AWAY
            ear.left()

    def _write(self, kind: bytes, message: bytes) -> None:
        if self._line is not None:
            self._line.write(kind + message + b"\n")

    def based(self, ear: Ear, message: bytes) -> None:
        """Begin with what the hub says is known."""
        seq, _, base = message.partition(b" ")
        self._seq = int(seq)
        own = ear.joined(base or None)
        if own is not None:
            self.base(seq.decode(), own)

    def ordered(self, ear: Ear, lines: Sequence[bytes]) -> None:
        """Take lines of the log."""
        self._seq += len(lines)
        ear.heard(lines)

    def live(self, ear: Ear) -> None:
        """Tell what is pending: all that the log had was heard."""
        self._is_live, self.problem = True, None
        for line in ear.live():
            self.tell(line)


class _Line(asyncio.Protocol):
    """One connection, until it is over; what is written in one step of the loop goes at once."""

    def __init__(self, link: HubLink, ear: Ear) -> None:
        self.over = asyncio.Event()
        self._link = link
        self._ear = ear
        self._in: list[bytes] = []  # of a message whose end has not come
        self._out: list[bytes] = []
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has no common base

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # its name
        self.over.set()

    def write(self, message: bytes) -> None:
        if not self._out:
            asyncio.get_running_loop().call_soon(self._flush)
        self._out.append(message)

    def close(self) -> None:
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        head, *rest = data.split(b"\n")
        self._in.append(head)
        if not rest:
            return
        messages = [b"".join(self._in), *rest[:-1]]
        self._in = [rest[-1]]
        lines: list[bytes] = []
        for message in messages:
            if message[:1] == b"+":
                lines.append(message[1:])
                continue
            self._ordered(lines)
            lines = []
            self._other(message)
        self._ordered(lines)

    def _ordered(self, lines: list[bytes]) -> None:
        if lines:
            self._link.ordered(self._ear, lines)

    def _other(self, message: bytes) -> None:
        kind = message[:1]
        if kind == b"=":
            self._link.based(self._ear, message[1:])
        elif kind == b".":
            self._link.live(self._ear)
        elif kind == b"~":
            self._ear.noticed(message[1:])

    def _flush(self) -> None:
        if self._transport is not None and not self._transport.is_closing() and self._out:
            self._transport.write(b"".join(self._out))
        self._out = []
