"""Settings in words, without their secrets."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from proxy.config import Settings
from proxy.routing.activation import Activation
from proxy.routing.asked import Queue
from proxy.routing.candidates import Candidate
from proxy.routing.rules import Rule
from proxy.routing.types import Limits
from proxy.routing.windows import DAYS


def queue_text(queue: Queue) -> str:
    """Return a queue as `main (personal, team) → relay as glm-5, backup spare`.

    Labels stand where a provider has several keys, and `|` between equals. A policy that is not
    the default comes first.
    """
    primaries = [one for one in queue.candidates if not one.backup]
    backups = [one for one in queue.candidates if one.backup]
    parts = [_order_text(primaries, queue.policy)] if primaries else []
    parts += [f"backup {_order_text(backups, queue.policy)}"] if backups else []
    notes = [queue.policy] if queue.policy != "priority" else []
    notes += [] if queue.sticky else ["not sticky"]
    return f"{', '.join(notes)}: {', '.join(parts)}" if notes else ", ".join(parts)


def rule_text(rule: Rule) -> str:
    """Return a rule as `claude; models *haiku*; up to 2000 tokens → cheap`."""
    asked = [", ".join(rule.apps)] if rule.apps else []
    asked += [f"models {', '.join(rule.models)}"] if rule.models else []
    asked += [f"{name}: {glob}" for name, glob in rule.headers]
    asked += [f"keys {', '.join(rule.client_keys)}"] if rule.client_keys else []
    asked += [] if rule.min_tokens is None else [f"from {rule.min_tokens} tokens"]
    asked += [] if rule.max_tokens is None else [f"up to {rule.max_tokens} tokens"]
    return f"{'; '.join(asked) or 'everything'} → {rule.queue}"


def activation_text(activation: Activation) -> str:
    """Return it as `main: claude-haiku-4-5 at 08:00 (mon, tue) Europe/Berlin, at most 0.01 USD`."""
    key = "" if activation.credential is None else f"/{activation.credential}"
    times = ", ".join(f"{minute // 60:02}:{minute % 60:02}" for minute in activation.minutes)
    names = ", ".join(name for day, name in enumerate(DAYS) if day in activation.days)
    days = "" if len(activation.days) == len(DAYS) else f" ({names})"
    when = f"{times}{days} {activation.zone}"
    cost = f"at most {activation.max_usd:g} USD"
    return f"{activation.provider}{key}: {activation.model} at {when}, {cost}"


def limits_text(limits: Limits) -> str:
    """Return limits as `connect 10 s, first byte 90 s, …`."""
    named = asdict(limits).items()
    return ", ".join(f"{name[:-2].replace('_', ' ')} {value:g} s" for name, value in named)


def url(host: str, port: int) -> str:
    """Return the address of the proxy as a client writes it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def queue_lines(settings: Settings) -> list[str]:
    """Return a line for each queue."""
    queues = settings.network.queues.items()
    return [f"  {name:<7} {queue_text(queue)}" for name, queue in queues]


def rule_lines(settings: Settings) -> list[str]:
    """Return a line for each rule, and their title if there are any."""
    rules = settings.network.rules
    return ["rules", *(f"  {rule.name:<7} {rule_text(rule)}" for rule in rules)] if rules else []


def activation_lines(settings: Settings) -> list[str]:
    """Return a line for each activation, and their title if there are any."""
    lines = [f"  {activation_text(one)}" for one in settings.activations]
    return ["activations", *lines] if lines else []


def _order_text(candidates: Sequence[Candidate], policy: str) -> str:
    ranked = policy == "priority"
    rest = sorted(candidates, key=lambda one: one.level) if ranked else list(candidates)
    text, level = "", None
    for _, group in groupby(rest, key=lambda one: (one.provider, one.model, one.weight)):
        same = list(group)
        mark = " → " if ranked and same[0].level != level else " | "
        text += f"{mark if text else ''}{_group_text(same, policy)}"
        level = same[-1].level
    return text


def _group_text(same: Sequence[Candidate], policy: str) -> str:
    first = same[0]
    labels = ", ".join(one.credential for one in same)
    notes = [] if labels == "default" else [labels]
    notes += [] if first.enabled else ["disabled"]
    model = "" if first.model is None else f" as {first.model}"
    times = f" x{first.weight:g}" if policy == "weighted" and first.weight != 1 else ""
    said = f" ({'; '.join(notes)})" if notes else ""
    return f"{first.provider}{said}{model}{times}"
