"""`config.json` of ccproxy: providers of which a person selects one, and presets of headers."""

from typing import Final

from proxy.formats.address import base_of
from proxy.formats.collecting import Collector
from proxy.formats.document import Node, parsed
from proxy.formats.headers import headers_of
from proxy.formats.secret import key_of
from proxy.formats.setup import App, Provider, Read, Target, Wire
from proxy.formats.table import Table, text_of

_TIERS: Final = {
    "ANTHROPIC_DEFAULT_HAIKU_MODEL": "haiku",
    "ANTHROPIC_DEFAULT_SONNET_MODEL": "sonnet",
    "ANTHROPIC_DEFAULT_OPUS_MODEL": "opus",
}
_APP_OF: Final[dict[Wire, App]] = {"anthropic": "claude", "chat": "openai", "responses": "codex"}
_OWN: Final = {"TOKEN_PARAM", "ERROR_THRESHOLD", "RequestOverrides", "HeaderOverrides"}
_ELSEWHERE: Final = {
    "APIKEY": "not carried: keys of clients are [server] client_keys",
    "HOST": "not carried: where it listens is [server] host",
    "PORT": "not carried: where it listens is [server] port",
    "API_TIMEOUT_MS": "not carried: times are in [limits.claude]",
    "ERROR_THRESHOLD": "not carried: see [breaker.claude]",
    "TOKEN_PARAM": "not carried: here each provider says where its key goes",
    "RequestOverrides": "not carried: it belongs to no provider there",
}


def fits(root: Node) -> bool:
    """Whether a file looks like one."""
    providers = root.members.get("Providers")
    if providers is None or "Router" in root.members:
        return False
    tables = [one.members for one in providers.items]
    return all("transformer" not in one for one in tables)


def is_sure(root: Node) -> bool:
    """Whether only this tool has such a file."""
    return bool(_OWN & {*root.members})


def read(text: str) -> Read:
    """Return what a file comes to.

    Raises:
        Malformed: It is none of ccproxy.
    """
    collector = Collector()
    file = Table(parsed(text), collector.losses)
    general = _tiers(file)
    presets = dict(file.pairs("HeaderOverrides"))
    for entry in file.tables("Providers", "providers"):
        _provider(entry, general, presets, collector)
    file.ignore("LOG", "LOG_LEVEL", "HeaderOverrides")
    file.lose_each(_ELSEWHERE)
    file.finish()
    return collector.read()


def _provider(
    entry: Table,
    general: dict[str, str],
    presets: dict[str, Node],
    collector: Collector,
) -> None:
    name = entry.text("name") or ""
    if entry.get("api_base_url") is None and name == "Note":
        return  # a remark of theirs
    base_url, named = base_of(entry.needed("api_base_url"))
    wire: Wire = named or "anthropic"
    preset = presets.get(entry.text("header_override") or "")
    headers = () if preset is None else preset.members.items()
    found = Provider(
        name=name,
        base_url=base_url,
        wires=(wire,),
        keys={"default": key_of(entry.get("api_key", "token"), "literal", name or base_url)},
        headers=headers_of(headers, "literal", collector.losses),
        tiers=_tiers(entry) or general,
    )
    collector.asked(_APP_OF.get(wire, "gemini"), Target(collector.provider(found)))
    entry.lose("models", "not carried: it bars none there; providers edit NAME models=[…] does")
    for key in ("token_in", "token_header", "token_header_format"):
        entry.lose(key, "not carried: the key goes where its wire has it")
    entry.ignore("comment", "website_url")
    entry.finish()


def _tiers(entry: Table) -> dict[str, str]:
    """Return what stands in for each tier; what stands for every model is none."""
    found = {}
    for name, node in entry.pairs("env-models"):
        if name in _TIERS and text_of(node):
            found[_TIERS[name]] = text_of(node)
    return found
