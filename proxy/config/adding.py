"""Another tool's providers, queues and rules, added to a configuration: text in, text out.

What is there already stays: `changes` says how the layout does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import tomlkit
from tomlkit.items import InlineTable

from proxy.config.blocks import with_block, without_block
from proxy.config.changes import Value, provider_of, section, targets_of, with_provider
from proxy.editing import toml
from proxy.formats.setup import Provider, Rule, Secret, Setup, Target, Variable


@dataclass(frozen=True, slots=True)
class Addition:
    """A configuration with more in it, and what became of each provider; `queues` were changed."""

    text: str
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    kept: tuple[str, ...]
    queues: tuple[str, ...]


def with_setup(text: str, setup: Setup, *, replaces: bool, first: bool) -> Addition:
    """Return `text` with what `setup` has.

    Args:
        text: A configuration.
        setup: What to add; its names are good ones.
        replaces: Whether a provider that is there goes for the new one of its name.
        first: Whether the new ones are asked first, or last.

    Raises:
        Impossible: A table is written in a way that cannot be changed.
        Unreadable: The text is no TOML.
    """
    there = {*section(toml.parsed(text), "providers")}
    kept = [one.name for one in setup.providers if one.name in there and not replaces]
    fresh = [one for one in setup.providers if one.name not in kept]
    for one in fresh:
        text = without_block(text, f"providers.{one.name}") if one.name in there else text
        text = with_provider(text, one.name, table_of(one), (), first=False)
    names = {one.name for one in fresh}
    queues = []
    for queue, targets in setup.queues.items():
        after = _with_targets(text, queue, [one for one in targets if one.provider in names], first)
        queues += [queue] if after != text else []
        text = after
    for rule in setup.rules:
        text = _with_rule(text, rule)
    return Addition(
        text,
        tuple(one.name for one in fresh if one.name not in there),
        tuple(one.name for one in fresh if one.name in there),
        tuple(kept),
        tuple(queues),
    )


def table_of(provider: Provider) -> dict[str, Value]:
    """Return a provider's table."""
    table: dict[str, Value] = {"wires": [*provider.wires], "base_url": provider.base_url}
    keys = {label: _spelt(key) for label, key in provider.keys.items()}
    alone = keys.get("default") if len(keys) == 1 else None
    if alone is None:
        table["keys"] = keys
    else:
        table["key"] = alone
    more: dict[str, Value] = {
        "headers": {name: _spelt(value) for name, value in provider.headers.items()},
        "models": [*provider.models],
        "rename": dict(provider.rename),
        "tiers": dict(provider.tiers),
    }
    table |= {name: value for name, value in more.items() if value}
    table |= provider.settings
    return table if provider.enabled else table | {"enabled": False}


def _spelt(secret: Secret) -> str:
    if isinstance(secret, Variable):
        return f"${{{secret.name}}}"
    return secret.replace("${", "$${")


def _with_targets(text: str, queue: str, targets: Sequence[Target], first: bool) -> str:
    document = toml.parsed(text)
    if queue not in section(document, "queues"):
        spelt = ", ".join(_item(one).as_string() for one in targets)
        return with_block(text, "queues", [f"{queue} = [{spelt}]"], "[queues]") if spelt else text
    there = targets_of(document, queue)
    known = {provider_of(one) for one in there}
    new = [_item(one) for one in targets if one.provider not in known]
    for no, one in enumerate(new):
        there.insert(no if first else len(there), one)
    return toml.spelt_out(text, document) if new else text


def _item(target: Target) -> tomlkit.items.String | InlineTable:
    words: dict[str, str | bool | None] = {
        "provider": target.provider,
        "key": target.key,
        "model": target.model,
        "backup": target.backup or None,
    }
    said = {name: word for name, word in words.items() if word is not None}
    if len(said) == 1:
        return tomlkit.string(target.provider)
    table = tomlkit.inline_table()
    table.update(said)
    return table


def _with_rule(text: str, rule: Rule) -> str:
    document = toml.parsed(text)
    rules = document.get("rules", [])
    named = {one.get("name") for one in rules if isinstance(one, dict)}
    if rule.name in named or rule.queue not in section(document, "queues"):
        return text
    words: dict[str, object] = {
        "name": rule.name,
        "queue": rule.queue,
        "apps": [*rule.apps],
        "models": [*rule.models],
        "min_tokens": rule.min_tokens,
    }
    said = {name: word for name, word in words.items() if word not in (None, [])}
    lines = [f"{name} = {tomlkit.item(word).as_string()}" for name, word in said.items()]
    return with_block(text, "rules", ["", "[[rules]]", *lines])
