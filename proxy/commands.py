"""What a person says to the running proxy, and what it answers: as JSON over HTTP.

Here are the words only; `proxy.endpoints` hears them and `proxy.cli` speaks them. No secret is
among them.
"""

from collections.abc import Mapping

import msgspec

from proxy.ledger.condition import Condition
from proxy.ledger.writing import OnFull
from proxy.steering.standing import Standing
from proxy.steering.view import AppView, ProviderView

STATUS, METRICS = "/status", "/metrics"
SWITCH, RESET, RELOAD = "/api/switch", "/api/reset", "/api/reload"
PATHS = frozenset({STATUS, METRICS, SWITCH, RESET, RELOAD})


Counts = Mapping[str, Mapping[str, int]]
"""By provider: of attempts by outcome, of tokens by class."""


class SwitchOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask `provider` first for `app`; `None` ends that. `for_s` is how long, `None` for good."""

    app: str
    provider: str | None
    for_s: float | None = None


class ResetOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Forget what bars `key`: a provider, `provider/label` or `provider/label/model`."""

    key: str


class ReloadOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Read the configuration file."""


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """What a reset did.

    Attributes:
        key: What was reset.
        known: Whether anything was known of it.
        still: What bars it nevertheless: the provider or the credential that it belongs to.
    """

    key: str
    known: bool
    still: tuple[Standing, ...] = ()


class Refusal(msgspec.Struct, frozen=True):
    """Why a command came to nothing."""

    error: str


class LedgerState(Condition, frozen=True, kw_only=True):
    """How the ledger is: see `Condition` for what is told of it; `on_full` is what was chosen."""

    folder: str
    on_full: OnFull = "serve"
    bodies_dropped: int = 0  # exchanges of which they should have been stored
    bodies_error: str | None = None


class RoutingState(msgspec.Struct, frozen=True, kw_only=True):
    """Where what was learnt is kept, and what is wrong with that file."""

    file: str
    problem: str | None = None


class ConfigState(msgspec.Struct, frozen=True, kw_only=True):
    """Which configuration is in force.

    Attributes:
        path: Its file; `None` if it came from none.
        hash: Names it in the ledger.
        loaded_at: Since when, as RFC 3339 has it.
        last_error: Why the file as it stands is not in force, a line for each reason.
        needs_restart: What of it is not in force before a restart, as `[server] port`.
    """

    path: str | None
    hash: str
    loaded_at: str
    last_error: str | None = None
    needs_restart: tuple[str, ...] = ()


class WorkerState(msgspec.Struct, frozen=True, kw_only=True):
    """How one worker is; `number` is its own on its host, from 0, and `in_flight` by account."""

    host: str
    pid: int
    number: int = 0
    uptime_s: int
    active: int
    outcomes: Mapping[str, int]
    attempts: Counts = {}
    tokens: Counts = {}
    in_flight: Mapping[str, int]
    ledger: LedgerState
    routing: RoutingState
    config: ConfigState

    @property
    def total(self) -> int:
        """How many requests it has served."""
        return sum(self.outcomes.values())


class SharingState(msgspec.Struct, frozen=True, kw_only=True):
    """What workers know together, and through what.

    Attributes:
        through: Where the log is that all of them tell and hear.
        pid: Which of the workers says this.
        problem: Why this worker hears nobody: then it decides by what it learns itself, and the
            rest of the status is about it alone.
        workers: All of them, this one included.
        silent: Those that did not answer in time: what is said of them is some seconds old.
    """

    through: str
    pid: int
    problem: str | None = None
    workers: tuple[WorkerState, ...] = ()
    silent: tuple[int, ...] = ()


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How the proxy is, all of its workers together.

    `queues` has the ids of targets, of queues that rules lead to as well; `sharing` is `None` where
    there is one worker alone.
    """

    version: str
    config_hash: str
    uptime_s: int
    active: int
    total: int
    outcomes: Mapping[str, int]
    attempts: Counts = {}
    tokens: Counts = {}
    queues: Mapping[str, tuple[str, ...]]
    ledger: LedgerState
    routing: RoutingState
    config: ConfigState
    apps: tuple[AppView, ...]
    providers: tuple[ProviderView, ...]
    sharing: SharingState | None = None
