"""What routing speaks of."""

from dataclasses import dataclass, field
from typing import Literal

from proxy.codec import PLAIN, Dialect

App = Literal["claude", "codex", "gemini", "openai"]

Failure = Literal[
    "unreachable",  # no connection
    "late",  # no head or no content in time
    "stream_fault",  # the answer broke off, or was none, before its first content
    "rate_limited",  # 429
    "overloaded",  # 503, 529, or said so in the stream
    "server_error",  # other 5xx, and statuses that no provider should send
    "quota",  # 402
    "credential",  # 401
    "forbidden",  # 403
    "model_missing",  # 404 about the model, or about a path that is not there
    "caller_fault",  # the request itself: no other target would do better
]


@dataclass(frozen=True, slots=True)
class Provider:
    """A configured upstream, without its keys."""

    name: str
    base_url: str
    wires: tuple[str, ...]
    headers: tuple[tuple[str, str], ...] = field(
        default=(), repr=False
    )  # the user's own, set on every request
    dialect: Dialect = PLAIN


@dataclass(frozen=True, slots=True)
class Credential:
    """One key of a provider; only its label may be shown."""

    label: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """One place a request can be sent: a provider, with one of its keys."""

    provider: Provider
    credential: Credential


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one request may wait for what, in seconds."""

    connect_s: float = 10.0
    first_byte_s: float = 60.0  # of a stream: the head and a first byte
    first_content_s: float = 300.0  # of a stream: thinking may be silent for minutes
    idle_s: float = 120.0  # of a stream: between two chunks
    keepalive_s: float = 15.0  # of a stream: without content, until the client hears of us
    whole_s: float = 600.0  # of an answer that is not streamed: all of it
    total_s: float = 3600.0  # the request with all its attempts


@dataclass(frozen=True, slots=True)
class Plan:
    """The targets a request may be sent to, best first, and when trying must end."""

    targets: tuple[Target, ...]
    deadline_us: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended, as far as the next one depends on it.

    `failure` is `None` if it did not fail. `committed` is true once content has reached the
    client: from then on the answer can be continued or cut, never begun again elsewhere.
    """

    target: Target
    failure: Failure | None = None
    status: int | None = None
    retry_after_s: float | None = None
    committed: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """Send the request to `target` after waiting `wait_s` seconds."""

    target: Target
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Stop:
    """No more attempts."""

    why: Literal["settled", "committed", "exhausted"]


Step = Attempt | Stop
