"""What routing knows and would do, as a person looks at it; nothing here changes anything.

Seconds are those that are left, and `None` where nothing is waited for or nothing is known.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

import msgspec

from proxy.routing import board as boards
from proxy.routing.asked import Queue
from proxy.routing.budgets import Budget, period
from proxy.routing.candidates import Candidate
from proxy.routing.decision import Decision, Filter, Skipped
from proxy.routing.network import Network
from proxy.routing.pins import Pin, Place
from proxy.routing.types import App
from proxy.steering.memory import Memory, Switch, Tally
from proxy.steering.standing import Standing, left_s, standing, standings_at, worst

APPS: tuple[App, ...] = get_args(App)


class SwitchView(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants to be asked first; `left_s` is `None` if for good."""

    provider: str
    left_s: float | None = None


class QuotaView(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of the provider's, as its last answer told it; `used` is a part of one."""

    name: str
    used: float
    reset_s: float | None = None


class BudgetView(msgspec.Struct, frozen=True, kw_only=True):
    """What may be spent in the period under way, and what was; `usd` if prices are known."""

    id: str
    usd: float | None = None
    of_usd: float | None = None
    tokens: int = 0
    of_tokens: int | None = None
    ends_s: float | None = None


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """Why a target may not be asked, and when that may change."""

    by: Filter
    why: str = ""
    left_s: float | None = None


class TargetView(msgspec.Struct, frozen=True, kw_only=True):
    """One place in a queue.

    Attributes:
        rank: Its place in the order for a request without a session, 0 the first; `None` if it
            would not be asked, for which `bar` says why.
        health: Of provider, key and model taken together; `parts` has each that is not well.
        in_flight: Attempts that are under way with its key, whatever the queue.
        pins: Sessions of the app that belong there; `away` are those served elsewhere for now.
    """

    id: str
    provider: str
    credential: str
    model: str | None = None
    backup: bool = False
    enabled: bool = True
    rank: int | None = None
    bar: Bar | None = None
    health: Standing
    parts: tuple[Standing, ...] = ()
    in_flight: int = 0
    first_content_ms: float | None = None
    quotas: tuple[QuotaView, ...] = ()
    budgets: tuple[BudgetView, ...] = ()
    pins: int = 0
    away: int = 0


class AppView(msgspec.Struct, frozen=True, kw_only=True):
    """Where requests of one app go.

    Attributes:
        model: The one that was asked for last; `None` if none was since the start. What is said
            of targets is said of this model.
        target: Who would be asked first; `None` if nobody, for which `sentence` says why.
        propensity: How probable that is, where the policy draws.
        soonest_s: Until the first target is back.
    """

    app: App
    queue: str
    policy: str
    sticky: bool
    switch: SwitchView | None = None
    model: str | None = None
    target: str | None = None
    propensity: float | None = None
    sentence: str | None = None
    soonest_s: float | None = None
    targets: tuple[TargetView, ...] = ()


class CredentialView(msgspec.Struct, frozen=True, kw_only=True):
    """One key of a provider, by its label; `parts` as in `TargetView`."""

    label: str
    health: Standing
    parts: tuple[Standing, ...] = ()
    in_flight: int = 0
    quotas: tuple[QuotaView, ...] = ()


class ProviderView(msgspec.Struct, frozen=True, kw_only=True):
    """One provider, with the queues that it stands in; `enabled` if it is so in any of them."""

    name: str
    wires: tuple[str, ...]
    enabled: bool
    queues: tuple[str, ...]
    credentials: tuple[CredentialView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is known at one moment. `in_flight` is by account."""

    network: Network
    memory: Memory
    now_us: int
    in_flight: Mapping[str, int] = field(default_factory=dict)


def app_view(scene: Scene, app: App, model: str | None, decision: Decision) -> AppView:
    """Return where requests of `app` for `model` go.

    Args:
        scene: What is known.
        app: One that has a queue.
        model: As a client names it; `None` for any.
        decision: What was decided for such a request of no session.
    """
    queue, switch = scene.network.queues[app], scene.memory.switches.get(app)
    held = switch if switch is not None and switch.holds(scene.now_us) else None
    first = next(iter(decision.chosen), None)
    return AppView(
        app=app,
        queue=queue.name,
        policy=queue.policy,
        sticky=queue.sticky,
        switch=None if held is None else _switch(held, scene.now_us),
        model=model,
        target=None if first is None else first.id,
        propensity=decision.propensity,
        sentence=decision.sentence,
        soonest_s=left_s(decision.soonest_us, scene.now_us) if first is None else None,
        targets=tuple(_targets(scene, queue, model, decision)),
    )


def provider_views(scene: Scene) -> tuple[ProviderView, ...]:
    """Return every provider of the configuration."""
    network = scene.network
    return tuple(
        ProviderView(
            name=name,
            wires=provider.wires,
            enabled=_is_enabled(network, name),
            queues=tuple(
                queue.name
                for queue in network.queues.values()
                if any(one.provider == name for one in queue.candidates)
            ),
            credentials=tuple(_credentials(scene, name)),
        )
        for name, provider in network.providers.items()
    )


def _is_enabled(network: Network, provider: str) -> bool:
    queues = network.queues.values()
    places = [one for queue in queues for one in queue.candidates if one.provider == provider]
    return not places or any(one.enabled for one in places)


def _credentials(scene: Scene, provider: str) -> Iterable[CredentialView]:
    for account, credential in scene.network.credentials.items():
        if not boards.is_at(account, provider):
            continue
        board, now_us = scene.memory.board, scene.now_us
        yield CredentialView(
            label=credential.label,
            health=worst(account, (standing(board, key, now_us) for key in (provider, account))),
            parts=standings_at(board, account, now_us),
            in_flight=scene.in_flight.get(account, 0),
            quotas=_quotas(scene, account),
        )


def _targets(
    scene: Scene, queue: Queue, model: str | None, decision: Decision
) -> Iterable[TargetView]:
    """Return the targets as they stand in the queue, each with its rank or what bars it."""
    ranks = {one.id: rank for rank, one in enumerate(decision.chosen)}
    bars = {one.id: one for one in reversed(decision.skipped) if one.by != "twice"}
    pins = list(_pins(scene, queue.name))
    homes = Counter(pin.home for pin in pins)
    left = Counter(pin.home for pin in pins if pin.away is not None)
    for written in queue.candidates:
        one = written.resolved(model)
        rank = ranks.pop(one.id, None)
        skipped = bars.pop(one.id, None)
        if rank is None and skipped is None:
            skipped = Skipped(one.id, "twice")
        bar = None if skipped is None else _bar(skipped, scene.now_us)
        view = _target(scene, one)
        yield msgspec.structs.replace(
            view,
            rank=rank,
            bar=bar,
            pins=_count(homes, written.place),
            away=_count(left, written.place),
        )


def _target(scene: Scene, one: Candidate) -> TargetView:
    board, now_us = scene.memory.board, scene.now_us
    keys = boards.keys_of(scene.network.target(one)).each
    latency = scene.memory.latencies.get(one.id)
    return TargetView(
        id=one.id,
        provider=one.provider,
        credential=one.credential,
        model=one.model,
        backup=one.backup,
        enabled=one.enabled,
        health=worst(one.id, (standing(board, key, now_us) for key in keys)),
        parts=standings_at(board, one.account, now_us),
        in_flight=scene.in_flight.get(one.account, 0),
        first_content_ms=None if latency is None else round(latency.mean_ms, 1),
        quotas=_quotas(scene, *dict.fromkeys((one.account, one.id))),
        budgets=tuple(_budget(scene, budget) for budget in one.budgets),
    )


def _pins(scene: Scene, app: str) -> Iterable[Pin]:
    for text, pin in scene.memory.pins.entries.items():
        if pin.holds(scene.now_us) and _app_of(text) == app:
            yield pin


def _count(pins: Counter[Place], place: Place) -> int:
    """Return those of `place`: of all its models, if it names none."""
    if place.family is not None:
        return pins[place]
    return sum(n for home, n in pins.items() if home.account == place.account)


def _app_of(text: str) -> str:
    return msgspec.json.decode(text, type=tuple[str | None, str, str, str])[1]


def _switch(switch: Switch, now_us: int) -> SwitchView:
    return SwitchView(provider=switch.provider, left_s=left_s(switch.until_us, now_us))


def _bar(skipped: Skipped, now_us: int) -> Bar:
    return Bar(by=skipped.by, why=skipped.why, left_s=left_s(skipped.until_us, now_us))


def _quotas(scene: Scene, *places: str) -> tuple[QuotaView, ...]:
    found = (quota for place in places for quota in scene.memory.quotas.get(place, ()))
    return tuple(
        QuotaView(name=one.name, used=one.used, reset_s=left_s(one.reset_us, scene.now_us))
        for one in found
    )


def _budget(scene: Scene, budget: Budget) -> BudgetView:
    now = period(budget.per, budget.zone, scene.now_us)
    spent = scene.memory.spent.get(budget.id)
    if spent is None or spent.begins_us != now.begins_us:
        spent = Tally(now.begins_us, 0, 0.0)
    return BudgetView(
        id=budget.id,
        usd=spent.usd,
        of_usd=budget.usd,
        tokens=spent.tokens,
        of_tokens=budget.tokens,
        ends_s=left_s(now.ends_us, scene.now_us),
    )
