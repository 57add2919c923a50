"""The file as other tools can be told of it: providers, queues, and rules that they could know.

Reads the tables as they are written: variables need not be set, unless secrets are wanted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from proxy.config.problems import Key, Problem, Wrong
from proxy.config.provider_tables import ProviderTable
from proxy.config.queue_tables import TargetTable
from proxy.config.routing_tables import RuleTable
from proxy.config.tables import Around
from proxy.config.variables import expanded
from proxy.formats.secret import placeholder
from proxy.formats.setup import Loss, Provider, Rule, Secret, Setup, Target, Variable

_WHOLE: Final = re.compile(r"\$\{(?P<name>[A-Za-z_]\w*)\}", re.ASCII)
_TYPED: Final = {
    "wires",
    "base_url",
    "key",
    "keys",
    "headers",
    "enabled",
    "models",
    "rename",
    "tiers",
}
_UNUSED: Final = Around(is_used=False)  # variables that are not set are no matter here


@dataclass(frozen=True, slots=True)
class Leaving:
    """What can be told; `problems` are variables that are wanted and not set."""

    setup: Setup
    losses: tuple[Loss, ...]
    has_withheld: bool
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Secrets:
    """Turns texts into secrets, and notes what comes of it."""

    env: Mapping[str, str] = field(repr=False)
    are_told: bool
    has_withheld: bool = False
    problems: list[Problem] = field(default_factory=list)

    def secret(self, key: Key, text: str, owner: str) -> Secret:
        """Return what a text stands for, or what stands in its place."""
        if not self.are_told:
            whole = _WHOLE.fullmatch(text)
            self.has_withheld = True
            return placeholder(owner) if whole is None else Variable(whole["name"])
        try:
            return expanded(text, self.env)
        except Wrong as wrong:
            self.problems.append(Problem(key, wrong.found, wrong.want))
            return text


def leaving(
    raw: Mapping[str, object],
    env: Mapping[str, str],
    *,
    with_secrets: bool,
    only: Sequence[str] = (),
) -> Leaving:
    """Return what the tables of a good file come to, and what of it is kept back.

    Args:
        raw: The tables.
        env: What `${NAME}` stands for.
        with_secrets: Whether keys and headers are told. Else a variable stays one, something
            stands in the place of any other key, and headers are not told.
        only: Which providers; all where there are none.
    """
    secrets = _Secrets(env, with_secrets)
    losses: list[Loss] = []
    tables = {
        name: ProviderTable.model_validate(table, context=_UNUSED)
        for name, table in _tables(raw, "providers").items()
        if not only or name in only
    }
    providers = tuple(_provider(name, table, secrets, losses) for name, table in tables.items())
    queues = {
        name: tuple(one for one in _targets(queue) if one.provider in tables)
        for name, queue in _tables(raw, "queues").items()
    }
    setup = Setup(
        providers=providers,
        queues={name: targets for name, targets in queues.items() if targets},
        rules=tuple(_rules(raw, losses)),
    )
    return Leaving(setup, tuple(losses), secrets.has_withheld, tuple(secrets.problems))


def _tables(raw: Mapping[str, object], section: str) -> Mapping[str, object]:
    found = raw.get(section, {})
    return found if isinstance(found, dict) else {}


def _provider(name: str, table: ProviderTable, secrets: _Secrets, losses: list[Loss]) -> Provider:
    at: Key = ("providers", name)
    keys = table.keys if table.key is None else {"default": table.key}
    owners = {label: name if len(keys) == 1 else f"{name}-{label}" for label in keys}
    headers = table.headers if secrets.are_told else {}
    if table.headers and not headers:
        what = "not written: a header may be a secret; --with-secrets writes them"
        losses.append(Loss(f"providers.{name}.headers", None, what))
    return Provider(
        name=name,
        base_url=table.base_url,
        wires=tuple(table.wires),
        keys={
            label: secrets.secret((*at, "keys", label), text, owners[label])
            for label, text in keys.items()
        },
        headers={
            header: secrets.secret((*at, "headers", header), text, header)
            for header, text in headers.items()
        },
        enabled=table.enabled,
        models=tuple(table.models or ()),
        rename=table.rename,
        tiers={str(tier): model for tier, model in table.tiers.items()},
        settings={
            key: value
            for key, value in table.model_dump(exclude_unset=True, exclude_none=True).items()
            if key not in _TYPED
        },
    )


def _targets(queue: object) -> list[Target]:
    entries = queue.get("targets") if isinstance(queue, dict) else queue
    found = []
    for entry in entries if isinstance(entries, list) else []:
        spelt = {"provider": entry} if isinstance(entry, str) else entry
        table = TargetTable.model_validate(spelt, context=_UNUSED)
        found.append(Target(table.provider, table.model, table.backup, table.key))
    return found


def _rules(raw: Mapping[str, object], losses: list[Loss]) -> list[Rule]:
    entries = raw.get("rules", [])
    found = []
    for entry in entries if isinstance(entries, list) else []:
        table = RuleTable.model_validate(entry, context=_UNUSED)
        if table.headers or table.client_keys or table.max_tokens is not None:
            what = "not written: headers, keys and upper bounds are known to no other tool"
            losses.append(Loss(f"rules.{table.name}", None, what))
            continue
        found.append(
            Rule(
                name=table.name,
                queue=table.queue,
                apps=tuple(table.apps or ()),
                models=tuple(table.models or ()),
                min_tokens=table.min_tokens,
            )
        )
    return found
