"""`config.yaml` of the LiteLLM proxy: models by name, each with who has it.

Models of one address and one key are one provider here: `models` has what clients call them,
`rename` what they are called there. Source: its documentation of `model_list`, read 2026-11-25.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from proxy.formats.address import base_of
from proxy.formats.collecting import Collector, allowed
from proxy.formats.document import Node, parsed
from proxy.formats.headers import headers_of
from proxy.formats.secret import key_of
from proxy.formats.setup import App, Malformed, Provider, Read, Setting, Target, Variable, Wire
from proxy.formats.table import Table

_QUEUES: Final[tuple[App, ...]] = ("claude", "codex", "openai")
"""It serves Messages, Responses and Chat Completions, of any model."""


@dataclass(frozen=True, slots=True)
class _Vendor:
    """What a prefix of a model's name means."""

    wires: tuple[Wire, ...]
    base_url: str
    variable: str
    settings: dict[str, Setting] = field(default_factory=dict)


_PLAIN: Final[dict[str, Setting]] = {"max_tokens_key": "max_tokens"}
_VENDORS: Final = {
    "anthropic": _Vendor(("anthropic",), "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
    "openai": _Vendor(("responses", "chat"), "https://api.openai.com", "OPENAI_API_KEY"),
    "gemini": _Vendor(("gemini",), "https://generativelanguage.googleapis.com", "GEMINI_API_KEY"),
    "openrouter": _Vendor(("chat",), "https://openrouter.ai/api", "OPENROUTER_API_KEY"),
    "deepseek": _Vendor(
        ("chat",),
        "https://api.deepseek.com",
        "DEEPSEEK_API_KEY",
        {"reasoning_content": True, **_PLAIN},
    ),
    "moonshot": _Vendor(
        ("chat",),
        "https://api.moonshot.ai",
        "MOONSHOT_API_KEY",
        {"reasoning_content": True, **_PLAIN},
    ),
    "mistral": _Vendor(("chat",), "https://api.mistral.ai", "MISTRAL_API_KEY", _PLAIN),
    "groq": _Vendor(("chat",), "https://api.groq.com/openai", "GROQ_API_KEY"),
    "xai": _Vendor(("chat", "responses"), "https://api.x.ai", "XAI_API_KEY"),
    "together_ai": _Vendor(("chat",), "https://api.together.xyz", "TOGETHERAI_API_KEY", _PLAIN),
    "fireworks_ai": _Vendor(
        ("chat",), "https://api.fireworks.ai/inference", "FIREWORKS_AI_API_KEY", _PLAIN
    ),
    "ollama": _Vendor(("chat",), "http://127.0.0.1:11434", "OLLAMA_API_KEY", _PLAIN),
    "ollama_chat": _Vendor(("chat",), "http://127.0.0.1:11434", "OLLAMA_API_KEY", _PLAIN),
    "hosted_vllm": _Vendor(("chat",), "http://127.0.0.1:8000", "HOSTED_VLLM_API_KEY", _PLAIN),
}
_ELSEWHERE: Final = {
    "litellm_settings": "not carried: failover, limits and logs are here by themselves",
    "router_settings": "not carried: see [queues.NAME] policy, [limits.APP] and [breaker.APP]",
    "general_settings": "not carried: keys of clients are [server] client_keys",
    "environment_variables": "not carried: set them where the proxy runs",
    "callback_settings": "not carried: every request is in the ledger",
}


def fits(root: Node) -> bool:
    """Whether a file looks like one."""
    return "model_list" in root.members


def read(text: str) -> Read:
    """Return what a file comes to.

    Raises:
        Malformed: It is none of LiteLLM.
    """
    collector = Collector()
    file = Table(parsed(text), collector.losses)
    file.needed_list("model_list")
    found: list[Provider] = []
    for entry in file.tables("model_list"):
        one = _deployment(entry, collector)
        if one is not None:
            _join(found, one)
    for provider in found:
        name = collector.provider(_shortened(provider), is_called_so=False)
        for queue in _QUEUES:
            collector.asked(queue, Target(name))
    file.lose_each(_ELSEWHERE)
    file.finish()
    return collector.read()


def _deployment(entry: Table, collector: Collector) -> Provider | None:
    """Return a provider that has the one model of an entry; `None` if it cannot be asked here."""
    asked = entry.needed("model_name")
    params = entry.table("litellm_params")
    if params is None:
        raise Malformed(
            f"{entry.node.at}.litellm_params", entry.node.line, "found nothing, want a table"
        )
    node = params.needed("model")
    prefix, mark, model = str(node.value).partition("/")
    vendor = _VENDORS.get(prefix if mark else _by_name(prefix))
    entry.ignore("model_info")
    entry.finish()
    if vendor is None:
        collector.lost(
            node, f"not carried: {allowed(prefix)} is asked in a way that is unknown here"
        )
        return None
    base = params.get("api_base", "base_url")
    made = _asked_at(params, vendor, base, collector)
    for name in ("rpm", "tpm", "timeout", "stream_timeout", "max_retries", "weight", "order"):
        params.lose(name, "not carried: see [limits.APP] and [queues.NAME]")
    params.finish()
    theirs = model if mark else prefix
    stem = prefix if mark and base is None else ""
    client = str(asked.value).strip()
    rename = {} if client == theirs else {client: theirs}
    return replace(made, name=stem, models=(client,), rename=rename)


def _asked_at(params: Table, vendor: _Vendor, base: Node | None, collector: Collector) -> Provider:
    base_url, wire = (vendor.base_url, None) if base is None else base_of(base)
    key = params.get("api_key")
    settings = dict(vendor.settings)
    seats = params.number("max_parallel_requests")
    if seats is not None and seats >= 1:
        settings["max_in_flight"] = int(seats)
    return Provider(
        name="",
        base_url=base_url,
        wires=_wires(vendor, wire, is_its_own=base is None),
        keys={"default": Variable(vendor.variable) if key is None else key_of(key, "litellm", "")},
        headers=headers_of(params.pairs("extra_headers"), "litellm", collector.losses),
        settings=settings,
    )


def _wires(vendor: _Vendor, named: Wire | None, *, is_its_own: bool) -> tuple[Wire, ...]:
    """Return the wires; who has the API of a vendor at another address has Chat Completions."""
    if named is not None:
        return (named,)
    return vendor.wires if is_its_own or "chat" not in vendor.wires else ("chat",)


def _by_name(model: str) -> str:
    for word, vendor in (("claude", "anthropic"), ("gemini", "gemini")):
        if model.startswith(word):
            return vendor
    return "openai"


def _join(found: list[Provider], one: Provider) -> None:
    """Add a model to the provider that has the same of everything else, or that provider."""
    for at, known in enumerate(found):
        same = replace(one, models=known.models, rename=known.rename, name=known.name) == known
        clash = any(
            known.rename.get(name, name) != one.rename.get(name, name)
            for name in one.models
            if name in known.models
        )
        if same and not clash:
            models = tuple(dict.fromkeys((*known.models, *one.models)))
            found[at] = replace(known, models=models, rename={**known.rename, **one.rename})
            return
    found.append(one)


def _shortened(provider: Provider) -> Provider:
    """Return it without a list of models where it is asked for every one."""
    return replace(provider, models=()) if provider.models == ("*",) else provider
