"""`config.yaml` of CLIProxyAPI: keys by the API that they are for. Only written.

Source: its `config.example.yaml`, read 2026-11-25. It adds `/v1` for Claude and Gemini itself, and
not for the others.
"""

from collections.abc import Mapping
from typing import Final

from proxy.formats.address import versioned
from proxy.formats.secret import owner_of, spelt
from proxy.formats.setup import Loss, Provider, Setup, Wire, Written

_SECTIONS: Final[Mapping[Wire, str]] = {
    "anthropic": "claude-api-key",
    "responses": "codex-api-key",
    "gemini": "gemini-api-key",
    "chat": "openai-compatibility",
}
_ADVICE: Final = ("Put these sections into its config.yaml; it wants api-keys of your own there.",)


def write(setup: Setup) -> Written:
    """Return the sections of its file that name providers."""
    from proxy.formats.yaml_document import dumped  # noqa: PLC0415  # only this waits for PyYAML

    losses: list[Loss] = []
    tree: dict[str, list[object]] = {}
    for provider in setup.providers:
        at = f"providers.{provider.name}"
        if not provider.enabled and "chat" not in provider.wires:
            losses.append(Loss(at, None, "not written: it is switched off"))
            continue
        for wire in provider.wires:
            tree.setdefault(_SECTIONS[wire], []).extend(_entries(provider, wire))
        losses += [Loss(f"{at}.{name}", None, "not written") for name in provider.settings]
        if provider.tiers:
            losses.append(Loss(f"{at}.tiers", None, "not written: it has no tiers"))
    losses += [
        Loss(f"queues.{name}", None, "not written: it asks its keys in turn, or by their weight")
        for name in setup.queues
    ]
    losses += [
        Loss(f"rules.{one.name}", None, "not written: it has no rules") for one in setup.rules
    ]
    return Written(dumped(tree), tuple(losses), _ADVICE)


def _entries(provider: Provider, wire: Wire) -> list[dict[str, object]]:
    keys = {
        label: spelt(key, "literal", owner_of(provider, label))
        for label, key in provider.keys.items()
    }
    more: dict[str, object] = {}
    headers = {
        name: spelt(value, "literal", f"{provider.name}-{name}")
        for name, value in provider.headers.items()
    }
    if headers:
        more["headers"] = headers
    models = _models(provider)
    if models:
        more["models"] = models
    if wire == "chat":
        entry: dict[str, object] = {"name": provider.name}
        if not provider.enabled:
            entry["disabled"] = True
        entry["base-url"] = versioned(provider.base_url)
        entry["api-key-entries"] = [{"api-key": key} for key in keys.values()]
        return [entry | more]
    base = versioned(provider.base_url) if wire == "responses" else provider.base_url
    return [{"api-key": key, "base-url": base} | more for key in keys.values()]


def _models(provider: Provider) -> list[dict[str, str]]:
    """Return the models that it has by their names, and what clients call them."""
    named = {name: alias for alias, name in provider.rename.items() if "*" not in name + alias}
    plain = [one for one in provider.models if "*" not in one and one not in named.values()]
    return [
        *({"name": name, "alias": alias} for name, alias in named.items()),
        *({"name": one, "alias": ""} for one in plain),
    ]
