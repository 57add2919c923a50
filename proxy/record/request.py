"""Gathers one exchange as it happens; takes every time as an argument.

How it ended is told by the one who knows, and the first to know is right.
"""

from collections.abc import Sequence

import msgspec

from proxy.canonical import Ask, Session, Usage
from proxy.record import (
    AttemptRow,
    Entry,
    EventRow,
    LossRow,
    RequestOutcome,
    RequestRow,
    columns_of,
    token_columns,
    tokens_of,
)
from proxy.record.agent import program_of
from proxy.record.attempt import MAX_MESSAGE_CHARS, AttemptRecorder
from proxy.record.bodies import Kept
from proxy.record.chain import Link, packed, thinned
from proxy.record.events import event_row
from proxy.record.start import Origin, Sending, Start
from proxy.routing.decision import Decision
from proxy.routing.models import downgraded

_MAX_NAME_CHARS = 200  # of what was lost: clients and providers choose keys, types and names


class Recorder:
    """Gathers one exchange. The public fields are set by whoever learns them.

    Ticks are monotonic microseconds; `finish` gives the rows, whatever came before.
    """

    app: str | None = None
    wire: str | None = None
    client_key: str | None = None
    user_agent: str | None = None
    subagent_id: str | None = None
    ask: Ask | None = None
    session: Session | None = None
    request_bytes: int | None = None
    body_us: int | None = None  # the tick at which the request was here as a whole
    status: int | None = None
    passed_on: AttemptRecorder | None = None
    end_delivered: bool = False  # the protocol's last event went to the client
    answer_bytes: int = 0
    keepalives: int = 0
    estimated_by: str | None = None  # of a count: the tokenizer
    decision: Decision | None = None
    route_rule: str | None = None
    delivery: str | None = None
    kept: Kept | None = None  # where bodies are stored: those of this exchange
    links: tuple[Link, ...] = ()  # of the prompt; empty if it is not known
    _outcome: RequestOutcome | None = None
    _message: str | None = None
    _first_us: int | None = None
    _content_us: int | None = None
    _last_us: int | None = None

    def __init__(self, start: Start, origin: Origin) -> None:
        self.start = start
        self._origin = origin
        self._attempts: list[AttemptRecorder] = []

    def attempt(self, sending: Sending, tick_us: int) -> AttemptRecorder:
        """Begin another attempt; several may be under way."""
        self._attempts.append(AttemptRecorder(sending, tick_us))
        return self._attempts[-1]

    def beat(self, size: int) -> None:
        """Note that a waiting client was told that somebody is there."""
        self.keepalives += 1
        self.answer_bytes += size

    def sent(self, tick_us: int, size: int, *, content: bool) -> None:
        """Note that bytes of the answer went to the client."""
        if self._first_us is None:
            self._first_us = tick_us
        if content and self._content_us is None:
            self._content_us = tick_us
        self._last_us = tick_us
        self.answer_bytes += size

    def ended(self, outcome: RequestOutcome, message: str | None = None) -> None:
        """Note how the exchange ended, and what the client was told of it."""
        if self._outcome is None:
            self._outcome, self._message = outcome, message and message[:MAX_MESSAGE_CHARS]

    def cut_short(self, outcome: RequestOutcome) -> None:
        """Note that the exchange ended from outside, for the attempt under way as well.

        A client may hang up as soon as it has the last event: that is a whole answer.
        """
        if outcome == "client_left" and self.end_delivered:
            outcome = "whole"
        self.ended(outcome)
        if outcome in {"client_left", "stopped", "crashed"}:
            for attempt in self._attempts:
                attempt.ended(outcome)

    @property
    def is_over(self) -> bool:
        """Whether somebody has said how it ended."""
        return self._outcome is not None

    @property
    def outcome(self) -> RequestOutcome:
        """How it ended; nobody knowing is a defect."""
        return self._outcome or "crashed"

    def finish(self, tick_us: int) -> Entry:
        """Return all rows."""
        numbered = enumerate(self._attempts, start=1)
        rows = tuple(attempt.finish(self.start, number, tick_us) for number, attempt in numbered)
        return Entry(
            request=self._request(rows, tick_us),
            attempts=rows,
            losses=self._losses(),
            events=self._events(),
        )

    def _events(self) -> tuple[EventRow, ...]:
        request_id = self.start.request_id
        return tuple(
            event_row(one, self._origin, f"{request_id}/{number}/{place}", request_id, number)
            for number, attempt in enumerate(self._attempts, start=1)
            for place, one in enumerate(attempt.happened)
        )

    def _losses(self) -> tuple[LossRow, ...]:
        request_id = self.start.request_id
        return tuple(
            LossRow(
                request_id=request_id,
                attempt_no=number,
                path=loss.path[:_MAX_NAME_CHARS],
                what=loss.what[:_MAX_NAME_CHARS],
                why=loss.why[:_MAX_NAME_CHARS],
            )
            for number, attempt in enumerate(self._attempts, start=1)
            for loss in attempt.losses
        )

    def _request(self, rows: Sequence[AttemptRow], tick_us: int) -> RequestRow:
        start, origin, ask = self.start, self._origin, self.ask or Ask()
        served = self._served(rows)
        row = RequestRow(
            request_id=start.request_id,
            received_us=start.received_us,
            host=origin.host,
            worker_pid=origin.worker_pid,
            proxy_version=origin.proxy_version,
            config_hash=origin.config_hash,
            app=self.app,
            client_wire=self.wire,
            endpoint=start.endpoint,
            method=start.method,
            path=start.path,
            client_key=self.client_key,
            is_stream=ask.stream if self.ask else None,
            max_tokens=ask.max_tokens,
            model_requested=ask.model,
            model_sent=served.model_sent if served else None,
            model_answered=served.model_answered if served else None,
            provider=served.provider if served else None,
            credential=served.credential if served else None,
            outcome=self.outcome,
            status=self.status,
            error_message=self._message,
            kind=start.kind,
            route_rule=self.route_rule,
            delivery=self.delivery,
            downgraded=_is_less(served),
            n_attempts=len(rows),
            served_attempt_no=served.attempt_no if served else None,
            keepalives=self.keepalives,
            estimated_by=self.estimated_by,
            total_us=tick_us - start.tick_us,
            request_bytes=self.request_bytes,
            answer_bytes=self.answer_bytes,
        )
        own = {**self._who(), **self._decided(), **self._times(), **self._prompt()}
        return msgspec.structs.replace(row, **own, **_tokens(rows))

    def _who(self) -> dict[str, str | None]:
        program, session = program_of(self.user_agent), self.session
        return {
            "user_agent": self.user_agent,
            "client": program.name,
            "client_version": program.version,
            "session_id": None if session is None else session.id,
            "session_source": None if session is None else session.source,
            "subagent_id": self.subagent_id,
        }

    def _prompt(self) -> dict[str, str | int | None]:
        if not self.links:
            return {}
        chain = packed(thinned(self.links))
        return {"prefix_chain": chain, "prompt_chars": self.links[-1].chars}

    def _decided(self) -> dict[str, str | float | None]:
        decision = self.decision
        if decision is None:
            return {}
        return {
            "queue": decision.queue,
            "policy": decision.policy,
            "propensity": decision.propensity,
            "decision": msgspec.json.encode(decision).decode(),
        }

    def _times(self) -> dict[str, int | None]:
        first = self._attempts[0].began_us if self._attempts else None
        there = self.passed_on.ready_us if self.passed_on else None
        return {
            "body_us": _between(self.start.tick_us, self.body_us),
            "first_byte_us": _between(self.start.tick_us, self._first_us),
            "first_content_us": _between(self.start.tick_us, self._content_us),
            "last_byte_us": _between(self.start.tick_us, self._last_us),
            "overhead_in_us": _between(self.body_us, first),
            "overhead_out_us": _between(there, self._content_us),
        }

    def _served(self, rows: Sequence[AttemptRow]) -> AttemptRow | None:
        pairs = zip(self._attempts, rows, strict=True)
        return next((row for attempt, row in pairs if attempt is self.passed_on), None)


def _is_less(served: AttemptRow | None) -> bool | None:
    """Say whether the one that served names a lesser model than it was asked for."""
    if served is None or served.model_sent is None or served.model_answered is None:
        return None
    return downgraded(served.model_sent, served.model_answered)


def _tokens(rows: Sequence[AttemptRow]) -> dict[str, int | None]:
    """Return the columns of tokens; one attempt, as nearly always, has them as they are."""
    return columns_of(rows[0]) if len(rows) == 1 else token_columns(total(rows))


def total(rows: Sequence[AttemptRow]) -> Usage:
    """Add up the tokens of all attempts, class by class, as far as they are known."""
    told = [tokens_of(row) for row in rows]
    sums: dict[str, int | None] = {}
    for name in Usage.__struct_fields__:
        known = [n for usage in told if (n := getattr(usage, name)) is not None]
        sums[name] = sum(known) if known else None
    return Usage(**sums)


def _between(earlier_us: int | None, later_us: int | None) -> int | None:
    return None if earlier_us is None or later_us is None else later_us - earlier_us
