"""The sections `[queues]` and `[pins]`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from proxy.config.problems import Key, guess, one_of, quoted, shown
from proxy.config.providers import Place, Upstreams, candidates_at
from proxy.config.queue_tables import TARGETS, PinsTable, QueueTable, TargetTable
from proxy.config.routing_tables import APPS
from proxy.config.sections import Sections
from proxy.config.tables import not_above
from proxy.routing.asked import Queue
from proxy.routing.candidates import Candidate
from proxy.routing.pins import PinRules


def queues(sections: Sections, known: Upstreams) -> dict[str, Queue]:
    """Return the queues of the file in its order, without those that are wrong."""
    raw = sections.named("queues")
    if not raw and isinstance(sections.raw.get("queues", {}), dict):
        sections.note(("queues",), "no providers", 'at least one queue, as in claude = ["main"]')
    rules = _pin_rules(sections)
    read = [_queue(sections, name, entries, known) for name, entries in raw.items()]
    _used(sections, raw)
    return {queue.name: replace(queue, pin_rules=rules) for queue in read if queue is not None}


def _pin_rules(sections: Sections) -> PinRules:
    key = ("pins",)
    table = sections.table(PinsTable, key, sections.raw.get("pins", {}))
    if table is None:
        return PinRules()
    rules = PinRules(**table.given())
    found = (rules.ttl_s, rules.long_ttl_s)
    sections.problems += not_above(key, table, ("ttl_s", "long_ttl_s"), found)
    return rules


def _used(sections: Sections, names: Iterable[str]) -> None:
    """Note the queues that no request comes to: a slip in a name, most likely."""
    rules = sections.raw.get("rules", [])
    tables = rules if isinstance(rules, list) else []
    leads = [rule.get("queue") for rule in tables if isinstance(rule, dict)]
    unused = [name for name in names if name not in APPS and name not in leads]
    served = leads or any(name in APPS for name in names)
    for name in unused:
        if served:
            what = f"no app has that name, and no rule leads there{guess(APPS, name)}"
            sections.warn(("queues", name), what)
            continue
        found = "the name of no app, to which no rule leads"
        sections.note(("queues", name), found, one_of(APPS, name))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One of a queue's targets, and its key in the file."""

    key: Key
    table: TargetTable
    is_name: bool

    @property
    def place(self) -> Place:
        """Where it points."""
        name = self.key if self.is_name else (*self.key, "provider")
        return Place(self.key, name, self.table.provider, self.table.key, self.table.model)


def _queue(sections: Sections, name: str, raw: object, known: Upstreams) -> Queue | None:
    key = ("queues", name)
    sections.label(key, name)
    before = len(sections.problems)
    at: Key = key
    if isinstance(raw, dict):
        table, at = sections.table(QueueTable, key, raw), (*key, "targets")
    elif isinstance(raw, list) and raw:
        table = QueueTable(targets=raw)
    else:
        sections.note(key, shown(raw), TARGETS)
        return None
    if table is None:
        return None
    entries = [_entry(sections, (*at, no), one) for no, one in enumerate(table.targets)]
    candidates = _candidates(sections, [one for one in entries if one is not None], known)
    own = table.given("policy", "sticky", "explore", "delivery", "held_max_mib")
    queue = Queue(name=name, candidates=candidates, **own)
    if table.leave_quota_at is not None:
        queue = replace(queue, leave_at=table.leave_quota_at)
    if candidates and len(sections.problems) == before:
        _can_serve(sections, key, queue)
    return queue


def _entry(sections: Sections, key: Key, raw: object) -> _Entry | None:
    if isinstance(raw, str):
        return _Entry(key, TargetTable(provider=raw), is_name=True)
    if not isinstance(raw, dict):
        want = 'the name of a provider, or a table, as in { provider = "main" }'
        sections.note(key, shown(raw), want)
        return None
    table = sections.table(TargetTable, key, raw)
    return None if table is None else _Entry(key, table, is_name=False)


def _candidates(
    sections: Sections, entries: Iterable[_Entry], known: Upstreams
) -> tuple[Candidate, ...]:
    """Return what `entries` stand for; what has no level comes after all before it."""
    found: list[Candidate] = []
    for entry in entries:
        next_level = max((one.level for one in found), default=-1) + 1
        new = [
            _placed(one, entry.table, next_level + no)
            for no, one in enumerate(candidates_at(sections, entry.place, known))
        ]
        ids = {one.id for one in found}
        twice = next((one.id for one in new if one.id in ids), None)
        if twice is None:
            found += new
        elif entry.is_name:
            sections.note(entry.key, f"{quoted(entry.table.provider)} twice", "each provider once")
        else:
            sections.note(entry.key, f"{quoted(twice)} twice", "each target once")
    return tuple(found)


def _placed(candidate: Candidate, table: TargetTable, level: int) -> Candidate:
    return replace(
        candidate,
        level=level if table.level is None else table.level,
        weight=table.weight,
        backup=table.backup,
    )


def _can_serve(sections: Sections, key: Key, queue: Queue) -> None:
    """Note a queue in which nobody would ever be asked, or drawn."""
    enabled = [one for one in queue.candidates if one.enabled]
    if not enabled:
        sections.note(key, "disabled providers only", "one that is enabled")
        return
    drawn = [one for one in enabled if not one.backup] or enabled
    if queue.policy == "weighted" and not any(one.weight for one in drawn):
        want = "a weight above 0 for one that is enabled and no backup"
        sections.note((*key, "targets"), "no weight", want)
