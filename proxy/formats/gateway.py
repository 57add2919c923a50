"""`provider.json` of the gateway cc-switch (MichaelHuang7119/cc-switch): providers by priority."""

from typing import Final

from proxy.formats.address import base_of
from proxy.formats.collecting import Collector
from proxy.formats.document import Node, parsed
from proxy.formats.headers import headers_of
from proxy.formats.secret import key_of
from proxy.formats.setup import Provider, Read, Target
from proxy.formats.table import Table

_TIERS: Final = ("big", "middle", "small")
_OF_PROVIDER: Final = {
    "timeout": "not carried: times are in [limits.claude], for one provider in "
    "[[providers.NAME.limits]]",
    "max_retries": "not carried: see [limits.claude] max_attempts",
    "max_tokens_limit": "not carried: how long an answer may be is the client's to say",
    "api_version": "not carried: there is nothing of the kind here",
}
_ELSEWHERE: Final = {
    "circuit_breaker": "not carried: see [breaker.claude]",
    "cache": "not carried: answers are never kept for others",
    "observability": "not carried: every request is in the ledger",
    "retry_on_zero_output_tokens": "not carried: an empty answer is a failure anyway",
    "retry_on_zero_output_tokens_retries": "not carried: see [limits.claude] max_attempts",
}


def fits(root: Node) -> bool:
    """Whether a file looks like one."""
    providers = root.members.get("providers")
    tables = () if providers is None else providers.items
    return any("base_url" in one.members for one in tables)


def read(text: str) -> Read:
    """Return what a file comes to.

    Raises:
        Malformed: It is none of the gateway.
    """
    collector = Collector()
    file = Table(parsed(text), collector.losses)
    file.needed_list("providers")
    ranked = sorted(file.tables("providers"), key=lambda entry: entry.number("priority") or 0)
    for entry in ranked:
        _provider(entry, collector)
    if file.text("fallback_strategy") not in (None, "priority"):
        file.lose("fallback_strategy", 'not carried: [queues.claude] policy = "random" does it')
    file.lose_each(_ELSEWHERE)
    file.finish()
    return collector.read()


def _provider(entry: Table, collector: Collector) -> None:
    name = entry.text("name") or ""
    base_url, _ = base_of(entry.needed("base_url"))
    is_anthropic = entry.text("api_format") == "anthropic"
    headers = headers_of(entry.pairs("custom_headers"), "dollar", collector.losses)
    found = Provider(
        name=name,
        base_url=base_url,
        wires=("anthropic" if is_anthropic else "chat",),
        keys={"default": key_of(entry.get("api_key"), "dollar", name or base_url)},
        headers=headers,
        enabled=entry.flag("enabled", default=True),
        tiers=_tiers(entry, collector),
    )
    collector.asked("claude", Target(collector.provider(found)))
    entry.lose_each(_OF_PROVIDER)
    entry.finish()


def _tiers(entry: Table, collector: Collector) -> dict[str, str]:
    models = entry.table("models")
    found: dict[str, str] = {}
    if models is None:
        return found
    for tier in _TIERS:
        names = models.texts(tier)
        if names:
            found[tier] = names[0]
        node = models.get(tier)
        if node is not None and len(names) > 1:
            collector.lost(node, "only the first is carried: a tier is one model here")
    models.finish()
    return found
