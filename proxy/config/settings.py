"""What a configuration comes to: checked, complete, frozen."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from proxy.routing.types import App, Limits, Target

LIMITS: Final[Mapping[App, Limits]] = {
    "claude": Limits(first_byte_s=90.0, idle_s=180.0),
    "codex": Limits(first_byte_s=60.0, idle_s=120.0),
    "gemini": Limits(first_byte_s=60.0, idle_s=120.0),
    "openai": Limits(first_byte_s=60.0, idle_s=120.0),
}
"""How long each app's requests may wait where the file does not say."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen if not where the file says; `None` leaves it to the file."""

    host: str | None = None
    port: int | None = None  # 0 is any free one


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A usable configuration. `queues` has the apps that are served, `limits` every app."""

    host: str
    port: int
    max_body_bytes: int
    client_keys: Mapping[str, str] = field(repr=False)  # label -> secret
    allowed_hosts: tuple[str, ...]  # lower case
    ledger_folder: Path
    queues: Mapping[App, tuple[Target, ...]]
    limits: Mapping[App, Limits]
    config_hash: str  # see `digest`
    path: Path | None = None
    warnings: tuple[str, ...] = ()


def digest(settings: Settings) -> str:
    """Name what decides how requests are served, in 16 hex digits.

    Left out are secrets (keys and header values; their labels and names count), where the files
    lie, and the order of tables that have none.
    """
    canonical = {
        "server": [settings.host, settings.port, settings.max_body_bytes],
        "client_keys": sorted(settings.client_keys),
        "allowed_hosts": sorted(settings.allowed_hosts),
        "queues": {app: [_place(t) for t in queue] for app, queue in settings.queues.items()},
        "limits": {app: asdict(limits) for app, limits in settings.limits.items()},
    }
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _place(target: Target) -> tuple[object, ...]:
    provider = target.provider
    headers = sorted(name.lower() for name, _ in provider.headers)
    return (
        provider.name,
        provider.base_url,
        sorted(provider.wires),
        headers,
        target.credential.label,
        asdict(provider.dialect),
    )
