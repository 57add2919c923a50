"""Puts together what a file comes to: names that can stay, nobody twice, queues in order."""

import re
from dataclasses import replace
from typing import Final

from proxy.formats.address import has_version, host_name, is_here
from proxy.formats.document import Node
from proxy.formats.setup import Loss, Missing, Provider, Read, Rule, Setup, Target, Variable

_LONGEST: Final = 60
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_-]+")


class Collector:
    """What was found so far; `losses` is open to whoever reads."""

    def __init__(self) -> None:
        self.losses: list[Loss] = []
        self._providers: dict[str, Provider] = {}
        self._queues: dict[str, list[Target]] = {}
        self._rules: list[Rule] = []
        self._renamed: dict[str, str] = {}

    def lost(self, node: Node, what: str) -> None:
        """Note what could not be carried."""
        self.losses.append(Loss(node.at, node.line, what))

    def versioned(self, node: Node) -> None:
        """Note where an address has no version, and will be asked at one."""
        if not has_version(str(node.value)):
            self.lost(node, "carried, but asked with /v1, which the address does not have")

    def provider(self, found: Provider, *, is_called_so: bool = True) -> str:
        """Add a provider, and return its name; one that is there already is not added again.

        Args:
            found: The provider.
            is_called_so: Whether its name is the file's, whose change must be told.
        """
        found = self._with_keys(found)
        for name, known in self._providers.items():
            if replace(found, name=name) == known:
                return name
        name = self._free(found.name, found.base_url)
        if name != found.name and found.name and is_called_so:
            self._renamed.setdefault(found.name, name)
        self._providers[name] = replace(found, name=name)
        return name

    def asked(self, queue: str, target: Target) -> None:
        """Put a target at the end of a queue, unless it is there."""
        targets = self._queues.setdefault(queue, [])
        if all(replace(one, backup=target.backup) != target for one in targets):
            targets.append(target)

    def rule(self, rule: Rule) -> None:
        """Add a rule."""
        self._rules.append(rule)

    def read(self) -> Read:
        """Return all of it, without queues in which everybody is switched off."""
        for queue in [one for one, targets in self._queues.items() if not self._serves(targets)]:
            del self._queues[queue]
            what = "not carried: everybody in it is switched off"
            self.losses.append(Loss(f"the queue {queue}", None, what))
        setup = Setup(
            providers=tuple(self._providers.values()),
            queues={name: tuple(targets) for name, targets in self._queues.items()},
            rules=tuple(self._rules),
        )
        losses = sorted(self.losses, key=lambda one: (one.line is None, one.line))
        return Read(setup=setup, losses=tuple(losses), renamed=self._renamed)

    def _with_keys(self, found: Provider) -> Provider:
        """Switch off who has no key: its variable is not set, and the file could not be used.

        Servers on this machine seldom want one.
        """
        if not any(isinstance(key, Missing) for key in found.keys.values()):
            return found
        if is_here(found.base_url):
            return replace(found, keys=dict.fromkeys(found.keys, "none"))
        keys = {
            label: Variable(key.name) if isinstance(key, Missing) else key
            for label, key in found.keys.items()
        }
        if found.enabled:
            named = found.name or host_name(found.base_url)
            what = "has no key: it is switched off until you set one, and providers enable it"
            self.losses.append(Loss(named, None, what))
        return replace(found, keys=keys, enabled=False)

    def _serves(self, targets: list[Target]) -> bool:
        return any(self._providers[one.provider].enabled for one in targets)

    def _free(self, wished: str, base_url: str) -> str:
        stem = allowed(wished) or allowed(host_name(base_url)) or "provider"
        names = (stem, *(f"{stem}-{number}" for number in range(2, len(self._providers) + 3)))
        return next(name for name in names if name not in self._providers)


def allowed(wished: str) -> str:
    """Return a name with nothing in it that ours cannot have; "" if nothing of it is left."""
    return _NOT_IN_NAMES.sub("-", wished).strip("-_")[:_LONGEST].rstrip("-_")
