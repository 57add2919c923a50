"""Which provider each CLI would be led to without a proxy between: for formats that know no queue.

A CLI speaks one wire, so only a provider that has it can be asked without a proxy; some tools
convert, and say so with `any_wire`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from proxy.formats.setup import WIRE_OF, App, Loss, Provider, Secret, Setup, Target, Wire


@dataclass(frozen=True, slots=True)
class Exit:
    """A provider with one of its keys, for one app; `wire` is what it is asked in."""

    app: App
    provider: Provider
    label: str
    key: Secret = field(repr=False)
    wire: Wire
    model: str | None

    @property
    def name(self) -> str:
        """Its name, with the label where the provider has several keys."""
        alone = len(self.provider.keys) == 1
        return self.provider.name if alone else f"{self.provider.name}-{self.label}"


@dataclass(frozen=True, slots=True)
class Exits:
    """Where apps can go by themselves, the first of each app first, and what cannot be."""

    exits: tuple[Exit, ...]
    losses: tuple[Loss, ...]


def leaving(setup: Setup, apps: Sequence[App], converts: Sequence[App] = ("claude",)) -> Exits:
    """Return where each of `apps` can go.

    Args:
        setup: Whose queues say it.
        apps: Which are wanted.
        converts: For which of them the tool speaks other wires as well.
    """
    known = {one.name: one for one in setup.providers}
    exits: list[Exit] = []
    losses = _of_routing(setup, apps)
    for app in apps:
        for target in setup.queues.get(app, ()):
            provider = known.get(target.provider)
            if provider is None or not provider.enabled:
                continue
            wire = _wire(app, provider, any_wire=app in converts)
            if wire is None:
                what = f"not for {app}: it does not speak {WIRE_OF[app]}, which wants a proxy"
                losses.append(Loss(f"providers.{provider.name}", None, what))
                continue
            exits += [one for one in _of_target(app, provider, target, wire) if one not in exits]
    return Exits(tuple(exits), tuple(dict.fromkeys(losses)))


def _of_target(app: App, provider: Provider, target: Target, wire: Wire) -> list[Exit]:
    keys = provider.keys.items()
    return [
        Exit(app, provider, label, key, wire, target.model)
        for label, key in keys
        if target.key in (None, label)
    ]


def _wire(app: App, provider: Provider, *, any_wire: bool) -> Wire | None:
    own = WIRE_OF[app]
    if own in provider.wires:
        return own
    return provider.wires[0] if any_wire else None


def _of_routing(setup: Setup, apps: Sequence[App]) -> list[Loss]:
    """Return what no tool of a single provider knows of."""
    losses = [
        Loss(f"rules.{rule.name}", None, "not written: it has no rules") for rule in setup.rules
    ]
    for provider in setup.providers:
        if not any(
            one.provider == provider.name for app in apps for one in setup.queues.get(app, ())
        ):
            what = f"not written: it is in no queue of {', '.join(apps)}"
            losses.append(Loss(f"providers.{provider.name}", None, what))
        names = [name for name in ("rename", "headers") if getattr(provider, name)]
        losses += [
            Loss(f"providers.{provider.name}.{name}", None, "not written")
            for name in (*names, *provider.settings)
        ]
    return losses
