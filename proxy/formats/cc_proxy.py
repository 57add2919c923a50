"""`provider.json` of cc-proxy: addresses with keys, for Claude Code and for Codex.

A list of providers, each with one address or one for each of the two; or one list for each.
"""

from proxy.formats.address import base_of
from proxy.formats.collecting import Collector
from proxy.formats.document import Node, parsed
from proxy.formats.secret import key_of
from proxy.formats.setup import WIRE_OF, App, Provider, Read, Target
from proxy.formats.table import Table

_APPS: tuple[App, ...] = ("codex", "claude")


def fits(root: Node) -> bool:
    """Whether a file looks like one."""
    found = root.members.get("providers")
    if found is None:
        return False
    if found.members:
        return bool({*_APPS} & {*found.members})
    return any({"apiUrl", *_APPS} & {*one.members} for one in found.items)


def read(text: str) -> Read:
    """Return what a file comes to.

    Raises:
        Malformed: It is none of cc-proxy.
    """
    collector = Collector()
    file = Table(parsed(text), collector.losses)
    found = file.get("providers")
    if found is None:
        raise file.node.refused("providers, a list or a table")
    if isinstance(found.value, dict):
        _by_app(Table(found, collector.losses), collector)
    else:
        for one in file.tables("providers"):
            _listed(one, collector)
    file.finish()
    return collector.read()


def _by_app(groups: Table, collector: Collector) -> None:
    for app in _APPS:
        node = groups.get(app)
        for one in () if node is None else node.items or (node,):
            _account(Table(one, collector.losses), app, "", collector, enabled=True)
    groups.finish()


def _listed(entry: Table, collector: Collector) -> None:
    entry.ignore("level")  # it reads it, and asks in the order of the file all the same
    name, enabled = entry.text("name") or "", entry.flag("enabled", default=True)
    apart = [app for app in _APPS if entry.get(app) is not None]
    for app in apart:
        inner = entry.table(app)
        if inner is not None:
            own = f"{name}-{app}" if name and len(apart) > 1 else name
            _account(inner, app, own, collector, enabled=enabled)
    if len(apart) < len(_APPS) and (not apart or entry.text("apiUrl")):
        for app in _APPS:
            if app not in apart:
                own = f"{name}-{app}" if name and app == "codex" else name
                _account(entry, app, own, collector, enabled=enabled)
    entry.ignore("apiUrl", "apiKey")
    entry.finish()


def _account(entry: Table, app: App, name: str, collector: Collector, *, enabled: bool) -> None:
    address = entry.needed("apiUrl")
    base_url, _ = base_of(address)
    if app == "codex":
        collector.versioned(address)
    found = Provider(
        name=name,
        base_url=base_url,
        wires=(WIRE_OF[app],),
        keys={"default": key_of(entry.get("apiKey"), "literal", name or base_url)},
        enabled=enabled,
    )
    collector.asked(app, Target(collector.provider(found)))
