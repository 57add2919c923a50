"""What is known of one exchange, as the rows that go into the ledger.

Facts only: no cost, no rate. Durations are whole microseconds since the row's own start, unless
the name says otherwise; `None` is not known. `proxy/ledger/schema.sql` describes every column.
"""

from typing import Literal

import msgspec

from proxy.canonical import Usage
from proxy.happened import Kind

AttemptOutcome = Literal[
    "whole",  # the answer came to its protocol's end
    "truncated",  # it ended cleanly, but before that
    "reset",  # the connection broke in the middle
    "stalled",  # nothing came for longer than the idle limit
    "error_event",  # the provider said in its answer that it failed
    "malformed",  # a 200 that is no answer in this wire format
    "refused",  # an error status
    "late",  # no head, or no content, in time
    "unreachable",  # no connection, or it broke before the head
    "client_left",
    "stopped",  # the proxy was shut down
    "crashed",  # a defect of the proxy
]
RequestOutcome = Literal[
    "whole",
    "truncated",
    "reset",
    "stalled",
    "error_event",
    "caller_fault",  # the provider's refusal, passed on: the request itself was at fault
    "rejected",  # refused by the proxy before any attempt
    "exhausted",  # no provider was left
    "client_left",
    "stopped",
    "crashed",
]
Reason = Literal[
    "first",
    "failover",  # another target failed
    "retry",  # this one did, and was asked again
    "mended",  # it refused the request, and got another one
    "probe",  # of the above any: the one trial of a breaker that is half-open
]
Held = Literal[
    "whole",  # held until it was, then passed on
    "dropped",  # it broke off before that: nothing of it went out
    "too_long",  # more than may be held: it went out as it came from there on
]


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Token columns that requests and attempts share; see `proxy.canonical.Usage`."""

    prompt_tokens: int | None = None
    uncached_input_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None


class AttemptRow(Tokens, frozen=True, kw_only=True):
    """One try at one target; its durations count from `started_us`."""

    request_id: str
    attempt_no: int  # from 1
    started_us: int  # UTC, microseconds since 1970
    provider: str
    credential: str  # the label, never the key
    provider_wire: str
    url: str  # without its query
    model_sent: str | None = None
    model_answered: str | None = None
    reason: Reason | None = None
    outcome: AttemptOutcome
    committed: bool = False  # content of it went to the client
    held: Held | None = None  # what came of holding it back; `None`: it was not held
    failure: str | None = None  # the class that routing saw: see proxy.routing.types
    rule: str | None = None  # the row of the table of failures that said so
    pin: str | None = None  # hit, miss, moved, broken, none: see proxy.routing.decision.PinSeen
    pin_why: str | None = None
    status: int | None = None
    error_type: str | None = None  # the provider's word, or the transport's
    error_message: str | None = None  # at most 500 characters, secrets struck out
    retry_after_ms: int | None = None
    upstream_request_id: str | None = None
    stop_reason: str | None = None
    service_tier: str | None = None
    saw_terminal: bool | None = None  # of a stream: its protocol's last event came
    mended: str | None = None  # the rule that changed the request after a refusal: proxy.mending
    connection_reused: bool | None = None
    connect_us: int | None = None
    headers_us: int | None = None
    first_byte_us: int | None = None
    first_content_us: int | None = None
    last_byte_us: int | None = None
    total_us: int
    sent_bytes: int
    received_bytes: int = 0
    chunks: int = 0
    gap_p50_us: int | None = None  # between two chunks; see proxy.record.gaps
    gap_p95_us: int | None = None
    max_gap_us: int | None = None
    usage_source: str | None = None
    usage_raw: str | None = None
    reported_cost: float | None = None
    reported_currency: str | None = None


class RequestRow(Tokens, frozen=True, kw_only=True):
    """One request of a client; its durations count from `received_us`.

    Tokens are the sums over its attempts, as far as they are known. Of a request whose process
    died in the middle only the beginning is known.
    """

    request_id: str
    received_us: int  # UTC, microseconds since 1970, when the request's head arrived
    host: str
    worker_pid: int
    proxy_version: str
    config_hash: str
    app: str | None = None  # whose queue served it
    client_wire: str | None = None
    endpoint: str | None = None  # generate, count_tokens, models; "none": no path matched
    method: str | None = None
    path: str  # without its query
    client_key: str | None = None  # the label, never the key
    user_agent: str | None = None
    client: str | None = None
    client_version: str | None = None
    session_id: str | None = None
    session_source: str | None = None
    subagent_id: str | None = None
    is_stream: bool | None = None
    max_tokens: int | None = None  # as the client allows
    model_requested: str | None = None
    model_sent: str | None = None  # of the attempt that was passed on
    model_answered: str | None = None
    provider: str | None = None  # the attempt that was passed on
    credential: str | None = None
    outcome: RequestOutcome
    status: int | None = None  # as sent to the client
    error_message: str | None = None
    kind: str | None = None  # request, or our own: activation, probe
    replay_run: str | None = None  # that made it up
    queue: str | None = None
    route_rule: str | None = None  # that chose the queue
    policy: str | None = None
    delivery: str | None = None  # of a stream, as the queue has it: streamed, buffered
    propensity: float | None = None  # how probable the first target was before it was drawn
    decision: str | None = None  # JSON of proxy.routing.decision.Decision
    downgraded: bool | None = None  # the answer names a lesser model than was asked for
    n_attempts: int | None = None
    served_attempt_no: int | None = None
    keepalives: int | None = None  # sent while the client waited for content
    estimated_by: str | None = None  # of a count that no provider made: the tokenizer
    body_us: int | None = None  # until the request's last byte was here
    first_byte_us: int | None = None  # to the client
    first_content_us: int | None = None
    last_byte_us: int | None = None
    total_us: int | None = None
    overhead_in_us: int | None = None  # from the request's last byte to the first attempt
    overhead_out_us: int | None = None  # from content, or a held answer's end, to the client
    request_bytes: int | None = None
    answer_bytes: int | None = None
    prefix_chain: str | None = None  # see proxy.record.chain.packed
    prompt_chars: int | None = None
    parent_request: str | None = None  # this and the next are found at conversion only
    lcp_chars: int | None = None


class LossRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a conversion between wires could not carry; see `proxy.canonical`."""

    request_id: str
    attempt_no: int
    path: str
    what: str
    why: str


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened; see `proxy.happened`."""

    event_id: str
    event_us: int  # UTC, microseconds since 1970
    host: str
    worker_pid: int
    config_hash: str
    kind: Kind
    request_id: str | None = None
    attempt_no: int | None = None
    app: str | None = None
    provider: str | None = None
    credential: str | None = None
    model: str | None = None
    session_id: str | None = None
    until_us: int | None = None
    failure: str | None = None
    why: str | None = None
    detail: str | None = None  # JSON of the kind's struct in proxy.happened


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All rows of one exchange: what the ledger takes in one write."""

    request: RequestRow
    attempts: tuple[AttemptRow, ...]
    losses: tuple[LossRow, ...] = ()
    events: tuple[EventRow, ...] = ()


_CLASSES = tuple((f"{name}_tokens", name) for name in Usage.__struct_fields__)


def token_columns(usage: Usage) -> dict[str, int | None]:
    """Return `usage` under the names of the columns."""
    return {column: getattr(usage, name) for column, name in _CLASSES}


def columns_of(row: Tokens) -> dict[str, int | None]:
    """Return the columns of tokens of `row` under their own names."""
    return {column: getattr(row, column) for column, _ in _CLASSES}


def tokens_of(row: Tokens) -> Usage:
    """Return the columns of `row` as what they are."""
    return Usage(**{name: getattr(row, column) for column, name in _CLASSES})
