"""All that a configuration says of routing, as one immutable value that a reload replaces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol

from proxy.routing.asked import Queue
from proxy.routing.candidates import Candidate
from proxy.routing.failures import ACTIONS
from proxy.routing.globs import matches_any
from proxy.routing.health import BREAKER_RULES, BreakerRules
from proxy.routing.rules import Rule as RouteRule
from proxy.routing.signals import Rule as FailureRule
from proxy.routing.types import (
    Action,
    App,
    Backoff,
    Credential,
    Failure,
    Limits,
    Provider,
    Target,
)

MAX_TARGETS = 1024  # remembered, for clients name models
_LIMITS, _BREAKER, _BACKOFF = Limits(), BreakerRules(), Backoff()

MAX_ATTEMPTS: Mapping[App, int] = MappingProxyType(
    {"claude": 7, "codex": 4, "gemini": 6, "openai": 4}
)
"""Of one request, where the configuration does not say: `facts/existing-systems.md` section 1.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRules:
    """How requests of one app are tried. Its own queue has the name of the app."""

    limits: Limits = _LIMITS
    breaker: BreakerRules = _BREAKER
    backoff: Backoff = _BACKOFF
    max_attempts: int = 4


@dataclass(frozen=True, slots=True)
class LimitChange:
    """Other limits for models that match one of `models` (all, if there are none)."""

    models: tuple[str, ...]
    seconds: Mapping[str, float]  # by name of a field of `Limits`


class Named(Protocol):
    """What names a target: a candidate, what was chosen, whom an event is about."""

    @property
    def provider(self) -> str:
        """The provider's name."""
        ...

    @property
    def credential(self) -> str:
        """The label of its key."""
        ...

    @property
    def model(self) -> str | None:
        """The model to send."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Every queue and every place that requests may go to.

    Attributes:
        providers: By name, those that are switched off included.
        credentials: By account, `provider/label`.
        queues: By name: each app's own, and those that only `rules` lead to.
        apps: How requests of each app are tried.
        rules: Which requests go to another queue than their app's own.
        actions: What follows from each class of failure.
        failures: Rows that come before the table of failures, by provider.
        limit_changes: Other limits than the app's, by provider.
    """

    providers: Mapping[str, Provider] = field(default_factory=dict)
    credentials: Mapping[str, Credential] = field(default_factory=dict, repr=False)
    queues: Mapping[str, Queue] = field(default_factory=dict)
    apps: Mapping[App, AppRules] = field(default_factory=dict)
    rules: tuple[RouteRule, ...] = ()
    actions: Mapping[Failure, Action] = field(default_factory=lambda: ACTIONS)
    failures: Mapping[str, tuple[FailureRule, ...]] = field(default_factory=dict)
    limit_changes: Mapping[str, tuple[LimitChange, ...]] = field(default_factory=dict)
    _targets: dict[tuple[str, str, str | None], Target] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def app(self, name: App) -> AppRules:
        """Return how requests of the app `name` are tried."""
        return self.apps.get(name) or AppRules(breaker=BREAKER_RULES[name])

    def target(self, chosen: Named) -> Target:
        """Return the target of these names, the same object each time.

        Raises:
            KeyError: There is no such provider or credential.
        """
        names = (chosen.provider, chosen.credential, chosen.model)
        found = self._targets.get(names)
        if found is None:
            if len(self._targets) >= MAX_TARGETS:
                self._targets.clear()
            credential = self.credentials[f"{chosen.provider}/{chosen.credential}"]
            found = Target(self.providers[chosen.provider], credential, chosen.model)
            self._targets[names] = found
        return found

    def limits(self, app: App, target: Target) -> Limits:
        """Return how long a request of `app` may wait at `target`; later changes come last."""
        limits = self.app(app).limits
        for change in self.limit_changes.get(target.provider.name, ()):
            if not change.models or matches_any(change.models, target.model or ""):
                limits = replace(limits, **change.seconds)
        return limits


def plain_network(
    queues: Mapping[App, Sequence[Target]], limits: Mapping[App, Limits] | None = None
) -> Network:
    """Return the network of these queues, with defaults for all else."""
    targets = [target for queue in queues.values() for target in queue]
    return Network(
        providers={target.provider.name: target.provider for target in targets},
        credentials={target.account: target.credential for target in targets},
        queues={
            app: Queue(
                name=app,
                candidates=tuple(candidate_of(one, level=n) for n, one in enumerate(queue)),
            )
            for app, queue in queues.items()
        },
        apps={
            app: AppRules(
                limits=(limits or {}).get(app, Limits()),
                breaker=BREAKER_RULES[app],
                max_attempts=MAX_ATTEMPTS[app],
            )
            for app in BREAKER_RULES
        },
    )


def candidate_of(target: Target, *, level: int = 0) -> Candidate:
    """Return `target` as something to choose from."""
    return Candidate(
        provider=target.provider.name,
        credential=target.credential.label,
        model=target.model,
        wires=target.provider.wires,
        level=level,
    )
