"""Hold a stream back until it is whole: until then another provider can still take over."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Literal

from proxy.errors import Broken
from proxy.exchange.patience import AFTER_HELD_S, Patience
from proxy.relay import Relay

End = Literal["whole", "too_long", "truncated", "reset", "stalled", "error_event"]


class Hold:
    """A stream whose content has come, and of which nothing goes out yet.

    Attributes:
        code: Why the connection broke, in one word of ours.
    """

    def __init__(self, relay: Relay, ready: bytes, max_bytes: int) -> None:
        self.code: str | None = None
        self._relay = relay
        self._parts = [ready]
        self._bytes = len(ready)
        self._max_bytes = max_bytes

    @property
    def ready(self) -> bytes:
        """What has come for the client, all of it."""
        return b"".join(self._parts)

    async def end(
        self,
        chunks: AsyncGenerator[bytes],
        note: Callable[[bytes], None],
        idle_s: float,
        left_s: float,
    ) -> End:
        """Read on until it is known what becomes of it.

        Args:
            chunks: The rest of the stream.
            note: Called with each.
            idle_s: How long it may be silent.
            left_s: How long it may take.
        """
        how: End
        try:
            how = await self._read(chunks, note, idle_s, left_s)
        except TimeoutError:
            how, self.code = "stalled", "timeout"
        except Broken as exc:
            how, self.code = "reset", exc.code
        if how in {"reset", "stalled"} and self._relay.terminal:
            self._keep(self._relay.end())  # what a conversion has held back; it may be no end
        if how == "too_long":
            return how
        if self._relay.fault:
            return "error_event"
        return "whole" if self._relay.terminal else how

    async def _read(
        self,
        chunks: AsyncGenerator[bytes],
        note: Callable[[bytes], None],
        idle_s: float,
        left_s: float,
    ) -> End:
        """Read to the end, or to where it is too much.

        Raises:
            TimeoutError: It was silent for too long, or took too long.
            Broken: The connection ended before the body did, or an event lost its end.
        """
        async with asyncio.timeout(left_s) as limit:
            with Patience(limit, idle_s) as patience:
                self._wait(patience)
                async for chunk in chunks:
                    patience.waited()
                    note(chunk)
                    self._keep(self._relay.feed(chunk))
                    if self._bytes > self._max_bytes:
                        return "too_long"
                    if self._relay.fault:
                        return "error_event"
                    self._wait(patience)
        self._keep(self._relay.end())
        return "truncated"

    def _wait(self, patience: Patience) -> None:
        if self._relay.terminal:
            patience.shorten(AFTER_HELD_S)
        patience.waits()

    def _keep(self, out: bytes) -> None:
        if out:
            self._parts.append(out)
            self._bytes += len(out)
