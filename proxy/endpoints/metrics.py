"""`/metrics`: the status as figures for Prometheus, of all workers together; never a secret.

Names follow the conventions of Prometheus (base units, `_total` for what only grows); the ledger
has everything else, to the single request.
"""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from proxy.commands import Status

TYPE = CONTENT_TYPE_LATEST


def text(status: Status) -> bytes:
    """Return what a scrape is answered."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(status))
    return generate_latest(registry)


class _Told(Collector):
    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        status = self._status
        yield _info(status)
        yield _gauge("uptime_seconds", "Since the oldest worker started", status.uptime_s)
        yield _gauge("requests_active", "Requests under way", status.active)
        yield _counter("requests", "Requests that have ended", "outcome", status.outcomes)
        yield from _attempts(status)
        yield from _keys(status)
        yield from _apps(status)
        yield from _ledger(status)


def _info(status: Status) -> Metric:
    made = GaugeMetricFamily(
        "pointsman_info", "Which version and configuration run", labels=["version", "config_hash"]
    )
    made.add_metric([status.version, status.config_hash], 1)
    return made


def _attempts(status: Status) -> Iterator[Metric]:
    made = CounterMetricFamily(
        "pointsman_attempts", "Attempts that have ended", labels=["provider", "outcome"]
    )
    for provider, outcomes in status.attempts.items():
        for outcome, count in outcomes.items():
            made.add_metric([provider, outcome], count)
    yield made
    made = CounterMetricFamily(
        "pointsman_tokens", "Tokens as providers counted them", labels=["provider", "class"]
    )
    for provider, classes in status.tokens.items():
        for name, count in classes.items():
            made.add_metric([provider, name], count)
    yield made


def _keys(status: Status) -> Iterator[Metric]:
    labels = ["provider", "credential"]
    opened = GaugeMetricFamily(
        "pointsman_breaker_open", "1 while nobody is sent there", labels=labels
    )
    cooling = GaugeMetricFamily(
        "pointsman_cooling_seconds", "Until it is asked again", labels=labels
    )
    flying = GaugeMetricFamily("pointsman_attempts_active", "Attempts under way", labels=labels)
    for provider in status.providers:
        for one in provider.credentials:
            names = [provider.name, one.label]
            opened.add_metric(names, one.health.breaker == "open")
            cooling.add_metric(names, one.health.cooling_s or 0)
            flying.add_metric(names, one.in_flight)
    yield from (opened, cooling, flying)


def _apps(status: Status) -> Iterator[Metric]:
    pins = GaugeMetricFamily("pointsman_pins", "Sessions that have a place", labels=["app"])
    served = GaugeMetricFamily("pointsman_app_served", "1 if somebody can be asked", labels=["app"])
    for view in status.apps:
        pins.add_metric([view.app], sum(target.pins for target in view.targets))
        served.add_metric([view.app], view.target is not None)
    yield from (pins, served)


def _ledger(status: Status) -> Iterator[Metric]:
    ledger = status.ledger
    lost = {"dropped": ledger.dropped, "refused": ledger.refused, "bodies": ledger.bodies_dropped}
    yield _counter("ledger_lost", "Requests without rows, refused, without bodies", "how", lost)
    yield _gauge("ledger_waiting_rows", "Requests whose rows wait in memory", ledger.waiting)
    yield _gauge("ledger_waiting_bytes", "What they take there", ledger.waiting_bytes)
    yield _gauge("ledger_ballast_bytes", "Room set aside for a full disk", ledger.ballast_bytes)
    hindered = ledger.hindered_since_us is not None
    yield _gauge("ledger_hindered", "1 while rows cannot be written as usual", hindered)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"pointsman_{name}", words, value=value)


def _counter(name: str, words: str, label: str, counts: Mapping[str, int]) -> Metric:
    made = CounterMetricFamily(f"pointsman_{name}", words, labels=[label])
    for value, count in counts.items():
        made.add_metric([value], count)
    return made
