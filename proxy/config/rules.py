"""The section `[[rules]]`."""

from collections.abc import Iterator, Sequence

from proxy.config.problems import Key, one_of, quoted
from proxy.config.routing_tables import APPS, RuleTable
from proxy.config.sections import Sections
from proxy.config.server_tables import ServerTable
from proxy.routing.globs import matches_any
from proxy.routing.rules import Rule
from proxy.routing.types import App


def rules(sections: Sections, server: ServerTable | None) -> tuple[Rule, ...]:
    """Return the rules in their order.

    Args:
        sections: The file.
        server: Its `[server]`, `None` if that is wrong: then labels of clients are not known.
    """
    labels = None if server is None else tuple(server.client_keys)
    found: list[Rule] = []
    for no, raw in enumerate(sections.listed("rules")):
        key: Key = ("rules", no)
        table = sections.table(RuleTable, key, raw)
        if table is None:
            continue
        if any(rule.name == table.name for rule in found):
            sections.note((*key, "name"), f"{quoted(table.name)} twice", "each name once")
        _leads_somewhere(sections, (*key, "queue"), table.queue)
        _fits_somebody(sections, (*key, "client_keys"), table.client_keys or (), labels)
        found.append(_rule(table))
    for app, key in _half_served(sections, found):
        sections.warn(key, f"what no rule fits of {app} is refused: there is no queue {app}")
    return tuple(found)


def _rule(table: RuleTable) -> Rule:
    return Rule(
        name=table.name,
        queue=table.queue,
        apps=tuple(table.apps or ()),
        models=tuple(table.models or ()),
        headers=tuple((name.lower(), glob) for name, glob in (table.headers or {}).items()),
        client_keys=tuple(table.client_keys or ()),
        min_tokens=table.min_tokens,
        max_tokens=table.max_tokens,
    )


def _leads_somewhere(sections: Sections, key: Key, queue: str) -> None:
    raw = sections.raw.get("queues", {})
    names = [*raw] if isinstance(raw, dict) else []
    if queue not in names:
        none = "a queue; there is none yet, write [queues]"
        sections.note(key, quoted(queue), one_of(names, queue) if names else none)


def _fits_somebody(
    sections: Sections, key: Key, globs: Sequence[str], labels: Sequence[str] | None
) -> None:
    for no, glob in enumerate(globs):
        if labels is not None and not any(matches_any((glob,), label) for label in labels):
            none = "a label of [server] client_keys; there is none yet"
            sections.note((*key, no), quoted(glob), one_of(labels, glob) if labels else none)


def _half_served(sections: Sections, found: Sequence[Rule]) -> Iterator[tuple[App, Key]]:
    """Yield the apps that are served by rules alone, and not always, with the first such rule."""
    queues = sections.raw.get("queues", {})
    own = queues if isinstance(queues, dict) else {}
    for app in APPS:
        named = [no for no, rule in enumerate(found) if app in rule.apps]
        whole = any(
            rule == Rule(name=rule.name, queue=rule.queue, apps=rule.apps)
            and (not rule.apps or app in rule.apps)
            for rule in found
        )
        if named and app not in own and not whole:
            yield app, ("rules", named[0])
