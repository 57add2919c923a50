"""What is learnt, as events that can be told to others: pure.

Whoever folds the same events in the same order knows the same: see `fold`. No event holds a secret
or a word of a prompt: a key is named by its label, with a mark beside it that tells it from the
next one of that name.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from proxy.canonical import Usage
from proxy.routing.activating import Progress
from proxy.routing.network import Network
from proxy.routing.pins import Served
from proxy.routing.quotas import Quota
from proxy.routing.types import Action, App, Failure, Target

_MARK_BYTES: Final = 2  # tells a key from the next one, and nothing of either


class Whom(msgspec.Struct, frozen=True, array_like=True):
    """A target by its names; `mark` stands for its address and key: see `Ground`."""

    provider: str
    credential: str
    model: str | None
    mark: str

    @property
    def account(self) -> str:
        """What its credential is known under."""
        return f"{self.provider}/{self.credential}"

    @property
    def id(self) -> str:
        """What the target is known under."""
        return self.account if self.model is None else f"{self.account}/{self.model}"


class _Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="is"):
    """Something that was learnt. `at_us` is when, in UTC microseconds."""


class Counted(_Event, frozen=True, kw_only=True, tag="counted"):
    """A queue serves one more request."""

    queue: str
    app: App
    model: str | None = None


class Began(_Event, frozen=True, kw_only=True, tag="began"):
    """An attempt wants to be the probe of its target, or one of at most `seats` with its key."""

    at_us: int
    app: App
    whom: Whom
    attempt_id: str
    probes: bool = False
    seats: int | None = None


class Over(_Event, frozen=True, kw_only=True, tag="over"):
    """Such an attempt has ended."""

    attempt_id: str


class Learned(_Event, frozen=True, kw_only=True, tag="learned"):
    """How an attempt went; `failure` is `None` if well, `action` what follows if not."""

    at_us: int
    app: App
    whom: Whom
    attempt_id: str | None = None
    failure: Failure | None = None
    retry_after_s: float | None = None
    action: Action | None = None


class Heard(_Event, frozen=True, kw_only=True, tag="heard"):
    """What an answer said of quotas."""

    at_us: int
    whom: Whom
    quotas: tuple[Quota, ...]


class Content(_Event, frozen=True, kw_only=True, tag="content"):
    """How soon content came."""

    at_us: int
    whom: Whom
    first_content_ms: float


class Stayed(_Event, frozen=True, kw_only=True, tag="stayed"):
    """A request of a session was answered as a whole."""

    at_us: int
    queue: str
    served: Served


class Cost(msgspec.Struct, frozen=True, array_like=True):
    """What an attempt adds to a budget, whose period began at `begins_us`."""

    budget: str
    begins_us: int
    tokens: int
    usd: float | None


class Used(_Event, frozen=True, kw_only=True, tag="used"):
    """The tokens of an attempt."""

    whom: Whom
    usage: Usage
    costs: tuple[Cost, ...] = ()


class Activated(_Event, frozen=True, kw_only=True, tag="activated"):
    """What an activation has come to; one that `claims` a try counts if it is the first to."""

    name: str
    progress: Progress
    claims: bool = False


class Switched(_Event, frozen=True, kw_only=True, tag="switched"):
    """A person wants another provider first; `None`: that ends."""

    at_us: int
    app: App
    provider: str | None = None
    until_us: int | None = None


class Reset(_Event, frozen=True, kw_only=True, tag="reset"):
    """A person wants what bars `key` to be forgotten."""

    key: str


class Gone(_Event, frozen=True, kw_only=True, tag="gone"):
    """A process has ended, and with it all its attempts."""

    member: str


Event = (
    Counted
    | Began
    | Over
    | Learned
    | Heard
    | Content
    | Stayed
    | Used
    | Activated
    | Switched
    | Reset
    | Gone
)


@dataclass(frozen=True, slots=True)
class Ground:
    """The configuration that events are understood by, with a mark for each key of it."""

    network: Network
    marks: Mapping[str, str]

    def whom(self, target: Target) -> Whom:
        """Return the names of `target`."""
        mark = self.marks.get(target.account, "")
        return Whom(target.provider.name, target.credential.label, target.model, mark)

    def target(self, whom: Whom) -> Target | None:
        """Return whom that is here; `None` if it is nobody, or another one of that name."""
        if self.marks.get(whom.account) != whom.mark:
            return None
        return self.network.target(whom)


def ground(network: Network) -> Ground:
    """Return what events are understood by under `network`."""
    marks = {}
    for account, credential in network.credentials.items():
        provider = network.providers.get(account.partition("/")[0])
        if provider is not None:
            text = f"{provider.base_url}\0{credential.secret}".encode()
            marks[account] = hashlib.blake2b(text, digest_size=_MARK_BYTES).hexdigest()
    return Ground(network, marks)
