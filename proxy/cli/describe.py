"""Settings in words, without their secrets."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from proxy.config import Settings
from proxy.routing.types import Limits, Target


def queue_text(queue: Sequence[Target]) -> str:
    """Return a queue as `main (personal, team) → relay`, labels where there are several."""
    parts = []
    for name, group in groupby(queue, key=lambda target: target.provider.name):
        labels = [target.credential.label for target in group]
        parts.append(name if labels == ["default"] else f"{name} ({', '.join(labels)})")
    return " → ".join(parts)


def limits_text(limits: Limits) -> str:
    """Return limits as `connect 10 s, first byte 90 s, …`."""
    named = asdict(limits).items()
    return ", ".join(f"{name[:-2].replace('_', ' ')} {value:g} s" for name, value in named)


def url(host: str, port: int) -> str:
    """Return the address of the proxy as a client writes it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def queue_lines(settings: Settings) -> list[str]:
    """Return a line for each app that is served."""
    return [f"  {app:<7} {queue_text(queue)}" for app, queue in settings.queues.items()]
