"""What routing speaks of."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import msgspec

from proxy.codec import PLAIN, Dialect
from proxy.routing.manner import Manner

App = Literal["claude", "codex", "gemini", "openai"]

Failure = Literal[
    "unreachable",  # no connection
    "late",  # no head or no content in time
    "stream_fault",  # the answer broke off, or was none, before its first content
    "transient",  # 408, 409, 425, or an upstream of the provider's failed
    "rate_limited",  # 429
    "overloaded",  # 503, 529, or said so in the stream
    "server_error",  # other 5xx, and statuses that no provider should send
    "quota",  # 402, or said so under another status
    "credential",  # 401, or said so under another status
    "forbidden",  # 403
    "forbidden_region",  # 403 for where we are
    "model_missing",  # 404 about the model, or about a path that is not there
    "model_forbidden",  # this key may not use this model
    "caller_fault",  # the request itself: no other target would do better
    "context_length",  # the request is too long
    "content_policy",  # the request is refused for what it holds
    "client_left",  # the client hung up: nobody's failure
]

Scope = Literal["nothing", "target", "credential", "provider"]
"""What shares the fate of a target that failed; a target is a credential with a model."""


@dataclass(frozen=True, slots=True)
class Action:
    """What follows from a failure.

    Attributes:
        goes_on: Whether another target may do better.
        cools: What is left alone for a while, in this request and in later ones.
        cool_s: For how long, where the provider does not say; doubles with each failure in a row.
        max_cool_s: For how long at most, whatever the provider says.
        again: Whether the same target may do after a wait.
        counts_as: For its health: a fault opens the breaker, a refusal only cools, and what the
            client caused is neutral.
    """

    goes_on: bool = True
    cools: Scope = "nothing"
    cool_s: float = 0.0
    max_cool_s: float = 0.0
    again: bool = False
    counts_as: Literal["fault", "refusal", "neutral"] = "fault"


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
    price_factor: float = 1.0  # of list prices: what a relay charges
    manner: Manner | None = None  # as its wire's vendor is spoken to


@dataclass(frozen=True, slots=True)
class Credential:
    """One key of a provider; only its label may be shown."""

    label: str
    secret: str = field(repr=False)


@dataclass(frozen=True)  # no slots: names are put together once
class Target:
    """One place a request can be sent: a provider, one of its keys, and the model to ask for.

    `model` is `None` where it is not known, or is the one that the client names.
    """

    provider: Provider
    credential: Credential
    model: str | None = None

    @cached_property
    def account(self) -> str:
        """The provider and its key's label: names hold no slash."""
        return f"{self.provider.name}/{self.credential.label}"

    @cached_property
    def id(self) -> str:
        """The account and its model if there is one, which may hold slashes."""
        return self.account if self.model is None else f"{self.account}/{self.model}"

    def __hash__(self) -> int:
        """Of its id: what else it is equal by hardly ever tells two of one id apart."""
        return hash(self.id)


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
class Backoff:
    """How the same target is tried again once no other is left.

    Few repeats: every client repeats too, up to 30 times (`facts/clients.md` section 2.4), and the
    two multiply. Nor long ones: Gemini CLI waits 60 s for a head, and the attempt needs its part.
    """

    repeats: int = 2  # in a request, over all targets
    base_s: float = 0.5  # of the first wait, doubled with each; drawn evenly from 0 to that
    cap_s: float = 8.0
    max_wait_s: float = 30.0  # where the provider names the time: rather than wait longer, give up


class Plan(msgspec.Struct, frozen=True):
    """The targets a request may be sent to, best first, and when trying must end.

    Without `max_attempts`, each target is tried at most once. `seed` is the request's own: equal
    seeds wait equally long.
    """

    targets: tuple[Target, ...]
    deadline_us: int
    max_attempts: int | None = None
    backoff: Backoff = Backoff()
    seed: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """How one attempt ended, as far as the next one depends on it.

    `failure` is `None` if it did not fail. `committed` is true once content has reached the
    client: from then on the answer can be continued or cut, never begun again elsewhere.
    `action` is what its rule says follows, `None` for what its class says. `ended_us` is on the
    clock of the plan, `None` for just now. `attempt_id` tells a probe from other attempts.
    """

    target: Target
    failure: Failure | None = None
    status: int | None = None
    retry_after_s: float | None = None
    committed: bool = False
    action: Action | None = None
    ended_us: int | None = None
    attempt_id: str | None = None

    @property
    def action_goes_on(self) -> bool:
        """Whether another target may do better, as far as `action` says."""
        return self.action is None or self.action.goes_on


class Attempt(msgspec.Struct, frozen=True):
    """Send the request to `target` after waiting `wait_s` seconds."""

    target: Target
    wait_s: float = 0.0


class Stop(msgspec.Struct, frozen=True):
    """No more attempts."""

    why: Literal["settled", "committed", "exhausted"]


Step = Attempt | Stop
