"""`config.json` of claude-code-router: providers with their models, and which model serves what.

It asks one provider for each kind of request and nobody else. Its kinds become rules where one can
tell them from the request: small models, and long prompts.
"""

import json
from collections.abc import Iterator
from typing import Final

from proxy.formats.address import base_of, endpoint
from proxy.formats.collecting import Collector
from proxy.formats.document import Node, parsed
from proxy.formats.secret import key_of, owner_of, spelt
from proxy.formats.setup import (
    Loss,
    Malformed,
    Provider,
    Read,
    Rule,
    Secret,
    Setting,
    Setup,
    Target,
    Wire,
    Written,
)
from proxy.formats.table import Table

_WIRES: Final[dict[str, Wire]] = {
    "anthropic": "anthropic",
    "gemini": "gemini",
    "openai-responses": "responses",
}
_SETTINGS: Final[dict[str, dict[str, Setting]]] = {
    "deepseek": {"reasoning_content": True, "max_tokens_key": "max_tokens"},
    "reasoning": {"reasoning_content": True},
}
_NEEDLESS: Final = {"openrouter", "tooluse", "enhancetool", "sampling", "cleancache", "groq"}
_TRANSFORMERS: Final[dict[Wire, str]] = {
    "anthropic": "Anthropic",
    "gemini": "gemini",
    "responses": "openai-responses",
}
_LONG: Final = 60_000
_ELSEWHERE: Final = {
    "APIKEY": "not carried: keys of clients are [server] client_keys",
    "HOST": "not carried: where it listens is [server] host",
    "PORT": "not carried: where it listens is [server] port",
    "PROXY_URL": "not carried: see providers.NAME",
    "API_TIMEOUT_MS": "not carried: times are in [limits.claude]",
    "CUSTOM_ROUTER_PATH": "not carried: no script is run here; see [[rules]]",
    "transformers": "not carried: no script is run here",
}


def fits(root: Node) -> bool:
    """Whether a file looks like one."""
    providers = root.members.get("Providers") or root.members.get("providers")
    tables = [] if providers is None else [one.members for one in providers.items]
    return "Router" in root.members or any("api_base_url" in one for one in tables)


def is_sure(root: Node) -> bool:
    """Whether only this tool has such a file."""
    providers = root.members.get("Providers")
    tables = [] if providers is None else [one.members for one in providers.items]
    return "Router" in root.members or any("transformer" in one for one in tables)


def read(text: str) -> Read:
    """Return what a file comes to.

    Raises:
        Malformed: It is none of claude-code-router.
    """
    collector = Collector()
    file = Table(parsed(text), collector.losses)
    file.needed_list("Providers", "providers")
    names = dict(_provider(one, collector) for one in file.tables("Providers", "providers"))
    router = file.table("Router")
    if router is not None:
        _routes(router, names, collector)
    else:
        for name in names.values():
            collector.asked("claude", Target(name))
    file.ignore("LOG", "LOG_LEVEL", "NON_INTERACTIVE_MODE", "StatusLine")
    file.lose_each(_ELSEWHERE)
    file.finish()
    return collector.read()


def write(setup: Setup) -> Written:
    """Return its file: each key a provider of its own, the first of claude's queue by default."""
    losses: list[Loss] = []
    providers = [one for provider in setup.providers for one in _written(provider, losses)]
    tree: dict[str, object] = {"Providers": providers, "Router": _router(setup, losses)}
    return Written(json.dumps(tree, indent=2, ensure_ascii=False) + "\n", tuple(losses))


def _provider(entry: Table, collector: Collector) -> tuple[str, str]:
    """Add a provider, and return its name there and here."""
    node = entry.needed("name")
    name = str(node.value)
    address = entry.needed("api_base_url")
    base_url, named = base_of(address)
    collector.versioned(address)
    wire, settings = _transformed(entry, named or "chat", collector)
    found = Provider(
        name=name,
        base_url=base_url,
        wires=(wire,),
        keys={"default": key_of(entry.get("api_key"), "dollar", name)},
        models=entry.texts("models"),
        settings=settings,
    )
    entry.finish()
    return name, collector.provider(found)


def _transformed(entry: Table, wire: Wire, collector: Collector) -> tuple[Wire, dict[str, Setting]]:
    """Return the wire that its transformers mean, and what else they say of the provider."""
    settings: dict[str, Setting] = {}
    table = entry.table("transformer")
    node = None if table is None else table.get("use")
    for one in () if node is None else node.items:
        name = one.items[0].value if one.items else one.value
        word = str(name).lower()
        if word in _WIRES:
            wire = _WIRES[word]
        elif word in _SETTINGS:
            settings |= _SETTINGS[word]
        elif word not in _NEEDLESS:
            collector.lost(one, "not carried: requests are converted without it")
            continue
        for options in one.items[1:]:
            collector.lost(options, "not carried: requests are converted without it")
    for name in () if table is None else table.node.members:
        if table is not None and name != "use":
            table.lose(name, "not carried: it is for one model")
    return wire, settings


def _routes(router: Table, names: dict[str, str], collector: Collector) -> None:
    default = router.get("default")
    if default is not None and default.value != "":
        collector.asked("claude", _target(default, names))
    background, long = router.get("background"), router.get("longContext")
    threshold = router.number("longContextThreshold")
    if long is not None and long.value != "":
        collector.asked("long", _target(long, names))
        least = int(threshold if threshold is not None and threshold >= 0 else _LONG)
        collector.rule(Rule(name="long", queue="long", apps=("claude",), min_tokens=least))
    if background is not None and background.value != "":
        collector.asked("background", _target(background, names))
        rule = Rule(name="background", queue="background", apps=("claude",), models=("*haiku*",))
        collector.rule(rule)
    for name in ("think", "webSearch", "image"):
        router.lose(name, "not carried: no rule can tell such requests from others")
    router.finish()


def _target(node: Node, names: dict[str, str]) -> Target:
    provider, _, model = str(node.value).partition(",")
    if provider not in names:
        raise Malformed(node.at, node.line, "found the name of no provider of the file, want one")
    return Target(names[provider], model.strip() or None)


def _written(provider: Provider, losses: list[Loss]) -> Iterator[dict[str, object]]:
    at = f"providers.{provider.name}"
    if not provider.enabled:
        losses.append(Loss(at, None, "not written: it is switched off"))
        return
    wire = provider.wires[0]
    models = _models(provider)
    if not models:
        losses.append(Loss(f"{at}.models", None, "it wants names of models: write them there"))
    losses += [Loss(f"{at}.{name}", None, "not written") for name in provider.settings]
    losses += [Loss(f"{at}.headers.{name}", None, "not written") for name in provider.headers]
    for label, key in provider.keys.items():
        made: dict[str, object] = {
            "name": owner_of(provider, label),
            "api_base_url": endpoint(provider.base_url, wire),
            "api_key": _key(provider, label, key),
            "models": models,
        }
        if wire in _TRANSFORMERS:
            made["transformer"] = {"use": [_TRANSFORMERS[wire]]}
        elif provider.settings.get("reasoning_content"):
            made["transformer"] = {"use": ["deepseek"]}
        yield made


def _key(provider: Provider, label: str, key: Secret) -> str:
    return spelt(key, "dollar", owner_of(provider, label))


def _models(provider: Provider) -> list[str]:
    """Return the names of models that are known for sure."""
    known = (*provider.models, *provider.rename.values(), *provider.tiers.values())
    return [*dict.fromkeys(one for one in known if "*" not in one)]


def _router(setup: Setup, losses: list[Loss]) -> dict[str, object]:
    known = {one.name: one for one in setup.providers if one.enabled}
    rules = {rule.queue: rule for rule in setup.rules}
    router: dict[str, object] = {}
    for queue, targets in setup.queues.items():
        rule = rules.get(queue)
        kind = "default" if queue == "claude" else _kind(rule)
        there = [one for one in targets if one.provider in known]
        model = _model(known[there[0].provider], there[0]) if there else None
        if kind is None or model is None:
            losses.append(Loss(f"queues.{queue}", None, "not written: it knows one model a kind"))
            continue
        first = known[there[0].provider]
        label = there[0].key or next(iter(first.keys))
        router[kind] = f"{owner_of(first, label)},{model}"
        if kind == "longContext" and rule is not None:
            router["longContextThreshold"] = rule.min_tokens
        if len(targets) > 1:
            what = "only its first is written: it asks nobody else"
            losses.append(Loss(f"queues.{queue}", None, what))
    return router


def _kind(rule: Rule | None) -> str | None:
    if rule is None:
        return None
    if rule.min_tokens is not None:
        return "longContext"
    return "background" if any("haiku" in one for one in rule.models) else None


def _model(provider: Provider, target: Target) -> str | None:
    return target.model or next(iter(_models(provider)), None)
