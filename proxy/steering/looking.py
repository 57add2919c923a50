"""Looks at what steers, for `/status`."""

from collections.abc import Mapping

from proxy.routing.types import App
from proxy.steering import Steering
from proxy.steering.view import APPS, AppView, ProviderView, Scene, app_view, provider_views
from proxy.steering.wish import Wish


def apps(
    steering: Steering, now_us: int, in_flight: Mapping[str, int] | None = None
) -> tuple[AppView, ...]:
    """Return where requests go, for each app that has a queue; `in_flight` is of all workers."""
    scene = _scene(steering, now_us, in_flight)
    return tuple(_app(steering, scene, app) for app in APPS if app in steering.network.queues)


def providers(
    steering: Steering, now_us: int, in_flight: Mapping[str, int] | None = None
) -> tuple[ProviderView, ...]:
    """Return how every provider is doing; `in_flight` is of all workers."""
    return provider_views(_scene(steering, now_us, in_flight))


def in_flight(steering: Steering) -> dict[str, int]:
    """Return how many attempts this process has under way, by account."""
    return {account: steering.in_flight(account) for account in steering.network.credentials}


def _app(steering: Steering, scene: Scene, app: App) -> AppView:
    model = steering.asked.get(app)
    decision = steering.decide(steering.network.queues[app], Wish(app=app, model=model))
    return app_view(scene, app, model, decision)


def _scene(steering: Steering, now_us: int, counts: Mapping[str, int] | None) -> Scene:
    if counts is None:
        counts = in_flight(steering)
    return Scene(network=steering.network, memory=steering.memory, now_us=now_us, in_flight=counts)
