"""Gathers one attempt as it happens; takes every time as an argument.

How it ended is told by the one who knows, and the first to know is right.
"""

from collections.abc import Sequence

import msgspec

from proxy.canonical import Told
from proxy.canonical.request import Loss
from proxy.happened import Happened
from proxy.record import AttemptOutcome, AttemptRow, Held, Reason, token_columns
from proxy.record.bill import billed
from proxy.record.bodies import Pieces
from proxy.record.gaps import Gaps
from proxy.record.start import Sending, Start

MAX_MESSAGE_CHARS = 500


class AttemptRecorder:
    """Gathers one attempt. `told` and the public fields are set by whoever learns them."""

    losses: Sequence[Loss] = ()
    failure: str | None = None
    status: int | None = None
    retry_after_ms: int | None = None
    upstream_request_id: str | None = None
    saw_terminal: bool | None = None
    committed: bool = False
    held: Held | None = None
    ready_us: int | None = None  # the tick at which the client could have its content
    kept: Pieces | None = None  # where bodies are stored: the answer's
    mended: str | None = None
    rule: str | None = None
    reason: Reason | None = None
    connection_reused: bool | None = None
    connected_us: int | None = None  # a tick
    pin: str | None = None
    pin_why: str | None = None
    happened: tuple[Happened, ...] = ()  # by it, that concerns others as well
    content_us: int | None = None  # a tick, like all below
    _outcome: AttemptOutcome | None = None
    _code: str | None = None
    _headers_us: int | None = None
    _first_us: int | None = None
    _over_us: int | None = None
    _last_us: int | None = None

    def __init__(self, sending: Sending, tick_us: int) -> None:
        self.told = Told()
        self.began_us = tick_us
        self._sending = sending
        self._gaps = Gaps()
        self._chunks = self._bytes = 0

    def head(self, tick_us: int, status: int) -> None:
        """Note that the head is here."""
        self._headers_us = tick_us
        self.status = status

    def chunk(self, tick_us: int, size: int) -> None:
        """Note a chunk of the body."""
        if self._last_us is None:
            self._first_us = tick_us
        else:
            self._gaps.add(tick_us - self._last_us)
        self._last_us = tick_us
        self._chunks += 1
        self._bytes += size

    def content(self, tick_us: int) -> None:
        """Note that content is here; only the first time counts."""
        if self.content_us is None:
            self.content_us = self.ready_us = tick_us

    def let_go(self, tick_us: int, held: Held) -> None:
        """Note that an answer that was held is so no more, and why."""
        self.held, self.ready_us = held, tick_us

    @property
    def began(self) -> bool:
        """Whether a byte of the body has come."""
        return self._first_us is not None

    def ended(self, outcome: AttemptOutcome, code: str | None = None) -> None:
        """Note how it ended; `code` is one word of ours where the provider has none."""
        if self._outcome is None:
            self._outcome, self._code = outcome, code

    def over(self, tick_us: int) -> None:
        """Note that nothing more happens in it."""
        if self._over_us is None:
            self._over_us = tick_us

    def finish(self, start: Start, number: int, tick_us: int) -> AttemptRow:
        """Return the row; one that nobody has ended is over at `tick_us`."""
        self.over(tick_us)
        told, sending = self.told, self._sending
        row = AttemptRow(
            request_id=start.request_id,
            attempt_no=number,
            started_us=start.received_us + self.began_us - start.tick_us,
            provider=sending.provider,
            credential=sending.credential,
            provider_wire=sending.wire,
            url=sending.url,
            model_sent=sending.model,
            model_answered=told.model,
            reason=self.reason,
            outcome=self._outcome or "crashed",
            committed=self.committed,
            held=self.held,
            failure=self.failure,
            rule=self.rule,
            pin=self.pin,
            pin_why=self.pin_why,
            status=self.status,
            error_type=told.error_type or self._code,
            error_message=told.error_message and told.error_message[:MAX_MESSAGE_CHARS],
            retry_after_ms=self.retry_after_ms,
            upstream_request_id=self.upstream_request_id,
            stop_reason=told.stop_reason,
            service_tier=told.service_tier,
            saw_terminal=self.saw_terminal,
            mended=self.mended,
            connection_reused=self.connection_reused,
            total_us=(tick_us if self._over_us is None else self._over_us) - self.began_us,
            sent_bytes=sending.body_bytes,
            usage_source=told.source,
            usage_raw=told.usage_raw,
        )
        own = {**self._received(), **token_columns(told.usage), **_cost(told.usage_raw)}
        return msgspec.structs.replace(row, **own)

    def _received(self) -> dict[str, int | None]:
        return {
            "received_bytes": self._bytes,
            "chunks": self._chunks,
            "connect_us": self._since(self.connected_us),
            "headers_us": self._since(self._headers_us),
            "first_byte_us": self._since(self._first_us),
            "first_content_us": self._since(self.content_us),
            "last_byte_us": self._since(self._last_us),
            "gap_p50_us": self._gaps.quantile_us(0.5),
            "gap_p95_us": self._gaps.quantile_us(0.95),
            "max_gap_us": self._gaps.longest_us,
        }

    def _since(self, tick_us: int | None) -> int | None:
        return None if tick_us is None else tick_us - self.began_us


def _cost(usage_raw: str | None) -> dict[str, float | str | None]:
    bill = billed(usage_raw)
    return {"reported_cost": bill.cost, "reported_currency": bill.currency}
