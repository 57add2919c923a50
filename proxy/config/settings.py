"""What a configuration comes to: checked, complete, frozen."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from re import Pattern
from typing import Final, get_args
from urllib.parse import unquote, urlsplit

from proxy.ledger.keep import EVERYTHING, Keep
from proxy.ledger.lake.address import Lake
from proxy.ledger.storing import NOTHING, Storing
from proxy.ledger.writing import EVERYDAY, Writing
from proxy.routing.activation import Activation
from proxy.routing.manner import spellings
from proxy.routing.network import Network
from proxy.routing.types import App, Credential, Limits, Provider, Target
from proxy.sharing.state import State

LIMITS: Final[Mapping[App, Limits]] = {
    "claude": Limits(first_byte_s=90.0, idle_s=180.0),
    "codex": Limits(first_byte_s=60.0, idle_s=120.0),
    "gemini": Limits(first_byte_s=60.0, idle_s=120.0),
    "openai": Limits(first_byte_s=60.0, idle_s=120.0),
}
"""How long each app's requests may wait where the file does not say."""


_APPS: Final[tuple[App, ...]] = get_args(App)


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen if not where the file says; `None` leaves it to the file."""

    host: str | None = None
    port: int | None = None  # 0 is any free one


@dataclass(frozen=True, slots=True)
class Address:
    """Where the proxy can be asked from this machine, and one of its client keys if it has any."""

    host: str
    port: int
    client_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A usable configuration."""

    host: str
    port: int
    workers: int = 1  # processes
    max_body_bytes: int
    client_keys: Mapping[str, str] = field(repr=False)  # label -> secret
    allowed_hosts: tuple[str, ...]  # lower case
    ledger_folder: Path
    ledger_lake: Lake | None = None  # that its rows are handed over to
    ledger_keep: Keep = EVERYTHING
    ledger_writing: Writing = EVERYDAY
    ledger_storing: Storing = NOTHING
    routing_state: State | None = None  # that is shared with other hosts
    network: Network
    activations: tuple[Activation, ...] = ()
    config_hash: str  # see `digest`
    path: Path | None = None
    warnings: tuple[str, ...] = ()

    @property
    def secrets(self) -> frozenset[str]:
        """Everything that must not be written down: keys, passwords, headers of the user's own."""
        providers = self.network.providers.values()
        keys = {one.secret for one in self.network.credentials.values()}
        keys |= {word for account in self.network.credentials for word in self._spelt(account)}
        headers = {text for provider in providers for _, text in provider.headers}
        state = self.routing_state.password if self.routing_state else None
        passwords = () if state is None else (state,)
        out = {word for one in providers for word in _password(one)}
        return frozenset({*keys, *headers, *out, *passwords, *self.client_keys.values()})

    def _spelt(self, account: str) -> tuple[str, ...]:
        """Return how else the key `account` goes out."""
        manner = self.network.providers[account.partition("/")[0]].manner
        secret = self.network.credentials[account].secret
        return () if manner is None else spellings(manner, secret)

    @property
    def queues(self) -> Mapping[App, tuple[Target, ...]]:
        """Each app's own queue, if it has one, without what is disabled."""
        return {
            app: tuple(self.network.target(one) for one in queue.candidates if one.enabled)
            for name, queue in self.network.queues.items()
            for app in _APPS
            if app == name
        }

    @property
    def limits(self) -> Mapping[App, Limits]:
        """How long requests of each app may wait, whoever is asked."""
        return {app: self.network.app(app).limits for app in _APPS}


def _password(provider: Provider) -> tuple[str, ...]:
    """Return the password for the proxy on the way to it, in both spellings."""
    through = None if provider.manner is None else provider.manner.through
    proxy = None if through is None else through.outbound_proxy
    word = None if proxy is None else urlsplit(proxy).password
    return () if word is None else (word, unquote(word))


def digest(settings: Settings) -> str:
    """Name what decides how requests are served, in 16 hex digits.

    Left out are secrets (keys and header values; their labels and names count), where the files
    lie, and the order of tables that have none.
    """
    canonical = {
        "server": [settings.host, settings.port, settings.max_body_bytes],
        "client_keys": sorted(settings.client_keys),
        "allowed_hosts": sorted(settings.allowed_hosts),
        "network": _plain(settings.network),
        "activations": _plain(settings.activations),
    }
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _plain(value: object) -> object:
    """Return `value` as what JSON can carry, without secrets."""
    match value:
        case Credential():
            plain: object = value.label
        case Provider():
            plain = _provider(value)
        case Pattern():
            plain = [value.pattern, value.flags]
        case frozenset():
            plain = sorted(value)
        case tuple():
            plain = [_plain(one) for one in value]
        case Mapping():
            plain = {str(name): _plain(one) for name, one in value.items()}
        case _ if is_dataclass(value):
            plain = {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
        case _:
            plain = value
    return plain


def _provider(provider: Provider) -> list[object]:
    headers = sorted(name.lower() for name, _ in provider.headers)
    named = [provider.name, provider.base_url, provider.wires, headers]
    plain = [*named, _plain(provider.dialect), provider.price_factor]
    manner = provider.manner
    if manner is None:
        return plain
    by = manner.through
    proxy = urlsplit("" if by is None else by.outbound_proxy or "")
    way = [proxy.scheme, proxy.hostname, proxy.port, None if by is None else by.ca_file]
    return [*plain, _plain(replace(manner, through=None)), way]
