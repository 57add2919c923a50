"""What is known of an exchange before anything has happened in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """What all rows of one process have in common."""

    host: str
    worker_pid: int
    proxy_version: str
    config_hash: str


@dataclass(frozen=True, slots=True)
class Start:
    """How an exchange began; `tick_us` is the monotonic time that belongs to `received_us`."""

    request_id: str
    received_us: int
    tick_us: int
    method: str
    path: str
    endpoint: str
    kind: str = "request"


@dataclass(frozen=True, slots=True)
class Sending:
    """What an attempt sends, and where."""

    provider: str
    credential: str
    wire: str
    url: str
    model: str | None
    body_bytes: int
