"""`all_configs.json` of codex_cc_switch: a list of providers for each way in.

Days of the week become windows, backups backups, renamed models renames. What sends paid requests
at set times is not carried: here that wants a model and a bound on its cost.
"""

from collections.abc import Sequence
from typing import Final

from proxy.formats.address import base_of
from proxy.formats.collecting import Collector
from proxy.formats.document import Node, parsed
from proxy.formats.secret import key_of
from proxy.formats.setup import App, Provider, Read, Setting, Target, Wire
from proxy.formats.table import Table, truth_of

_GROUPS: Final[tuple[tuple[str, App, Wire, bool], ...]] = (
    ("api_configs", "claude", "anthropic", False),
    ("codex_configs", "codex", "responses", False),
    ("openai_to_claude_configs", "openai", "anthropic", False),
    ("retry_configs", "claude", "anthropic", True),  # whom it asks when the others failed
)
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ELSEWHERE: Final = {
    "timeout_settings": "not carried: times are in [limits.claude], [breaker.claude], [cooling]",
    "error_handling_strategies": "not carried: what an error means is known here, and what is not "
    "is said by [[providers.NAME.failures]]",
    "optimization_settings": "not carried: marks of caches are kept to what providers take anyway",
}


def fits(root: Node) -> bool:
    """Whether a file looks like one."""
    return bool({group for group, *_ in _GROUPS} & {*root.members})


def read(text: str) -> Read:
    """Return what a file comes to.

    Raises:
        Malformed: It is none of codex_cc_switch.
    """
    collector = Collector()
    file = Table(parsed(text), collector.losses)
    renames = _renames(file.tables("model_conversions"), collector)
    for group, app, wire, is_backup in _GROUPS:
        for entry in file.tables(group):
            target = _provider(entry, wire, renames, collector)
            backup = entry.text("type") == "backup" or is_backup
            collector.asked(app, Target(target, backup=backup))
            entry.finish()
    file.lose_each(_ELSEWHERE)
    file.finish()
    return collector.read()


def _provider(entry: Table, wire: Wire, renames: dict[str, str], collector: Collector) -> str:
    entry.ignore("created_at", "updated_at", "type", "activation_time")
    if entry.flag("activation_enabled", default=False):
        entry.lose("activation_enabled", "not carried: it costs money; write [[activations]]")
    name = entry.text("name") or ""
    address = entry.needed("base_url")
    base_url, _ = base_of(address)
    if wire == "responses":
        collector.versioned(address)
    days = _days(entry.get("time_enabled"))
    settings: dict[str, Setting] = {}
    if 0 < len(days) < len(_DAYS):
        settings["windows"] = [",".join(days)]
        entry.lose("time_enabled", "carried as windows, but in UTC: set zone to that machine's own")
    return collector.provider(
        Provider(
            name=name,
            base_url=base_url,
            wires=(wire,),
            keys={"default": key_of(entry.get("key"), "literal", name or base_url)},
            enabled=entry.flag("enabled", default=True) and bool(days),
            rename=renames,
            settings=settings,
        )
    )


def _days(node: Node | None) -> Sequence[str]:
    if node is None:
        return _DAYS
    if len(node.items) != len(_DAYS):
        raise node.refused("a list of seven, Monday first, each 0 or 1")
    return [day for day, one in zip(_DAYS, node.items, strict=True) if truth_of(one)]


def _renames(entries: Sequence[Table], collector: Collector) -> dict[str, str]:
    """Return what models are called; also for those that the other tool asks another format of."""
    found = {}
    for entry in entries:
        entry.ignore("name", "created_at", "updated_at", "conversion_type")
        source, target = entry.needed("source_model"), entry.needed("target_model")
        if entry.flag("enabled", default=True):
            found[str(source.value).strip()] = str(target.value).strip()
        else:
            collector.lost(source, "not carried: it is switched off")
        entry.finish()
    return found
