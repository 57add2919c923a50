"""Looks at what steers, for `/status`."""

from proxy.routing.types import App
from proxy.steering import Steering
from proxy.steering.view import APPS, AppView, ProviderView, Scene, app_view, provider_views
from proxy.steering.wish import Wish


def apps(steering: Steering, now_us: int) -> tuple[AppView, ...]:
    """Return where requests go, for each app that has a queue."""
    scene = _scene(steering, now_us)
    return tuple(_app(steering, scene, app) for app in APPS if app in steering.network.queues)


def providers(steering: Steering, now_us: int) -> tuple[ProviderView, ...]:
    """Return how every provider is doing."""
    return provider_views(_scene(steering, now_us))


def _app(steering: Steering, scene: Scene, app: App) -> AppView:
    model = steering.asked.get(app)
    decision = steering.decide(steering.network.queues[app], Wish(app=app, model=model))
    return app_view(scene, app, model, decision)


def _scene(steering: Steering, now_us: int) -> Scene:
    network = steering.network
    counts = {account: steering.in_flight(account) for account in network.credentials}
    return Scene(network=network, memory=steering.memory, now_us=now_us, in_flight=counts)
