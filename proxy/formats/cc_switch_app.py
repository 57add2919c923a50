"""What CC Switch keeps of a provider: the settings of the one CLI that it is for.

`settings_config` is what it would write into the CLI's own files. Source: its `deeplink/provider`
and `database/schema`, read 2026-11-25.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from proxy.formats.address import base_of, split, versioned
from proxy.formats.document import Node
from proxy.formats.secret import key_of, spelt
from proxy.formats.setup import App, Loss, Malformed, Provider, Secret, Setting, Wire
from proxy.formats.table import Table

APPS: Final[Mapping[str, App]] = {"claude": "claude", "codex": "codex", "gemini": "gemini"}
MODELS: Final[Mapping[str, str]] = {
    "haiku": "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "sonnet": "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "opus": "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "fable": "ANTHROPIC_DEFAULT_FABLE_MODEL",
}
API_FORMATS: Final[Mapping[str, Wire]] = {
    "anthropic": "anthropic",
    "openai_chat": "chat",
    "openai_responses": "responses",
    "gemini_native": "gemini",
}
_OF_THE_CLI: Final = "not carried: it is the CLI's own, in its own files"
_KEYS_CLAUDE: Final = (
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_API_KEY",
    "OPENROUTER_API_KEY",
    "OPENAI_API_KEY",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found of a provider; `None` where nothing was said."""

    url: Node | None
    key: Node | None
    wire: Wire
    model: str | None = None
    tiers: Mapping[str, str] = field(default_factory=dict)


def found_in(app: App, settings: Node, losses: list[Loss]) -> Found:
    """Return what `settings_config` says.

    Raises:
        Malformed: It is not what that app has.
    """
    table = Table(settings, losses)
    match app:
        case "claude":
            return _claude(table)
        case "codex":
            return _codex(table)
        case _:
            return _gemini(table)


def provider_of(
    name: str, found: Found, settings: Mapping[str, Setting], headers: Mapping[str, Secret]
) -> Provider:
    """Return the provider.

    Raises:
        Malformed: Its address or its key is none.
    """
    if found.url is None:
        raise Malformed(name, None, "found no address, want one")
    base_url, _ = base_of(found.url)
    tiers = dict(found.tiers)
    if found.model is not None and found.wire != "gemini":
        tiers = {"big": found.model, "middle": found.model, "small": found.model} | tiers
    return Provider(
        name=name,
        base_url=base_url,
        wires=(found.wire,),
        keys={"default": key_of(found.key, "literal", name)},
        headers=headers,
        tiers=tiers,
        settings=settings,
    )


def settings_for(app: App, provider: Provider, key: Secret, owner: str) -> dict[str, object]:
    """Return `settings_config` for a provider and one of its keys; `owner` is whose that is."""
    secret = spelt(key, "literal", owner)
    if app == "codex":
        return {"auth": {"OPENAI_API_KEY": secret}, "config": _codex_config(provider)}
    if app == "gemini":
        base_url, _ = split(provider.base_url)
        env = {"GOOGLE_GEMINI_BASE_URL": base_url, "GEMINI_API_KEY": secret}
        return {"env": env}
    return {"env": claude_env(provider, secret)}


def claude_env(provider: Provider, secret: str) -> dict[str, str]:
    """Return the variables that lead Claude Code to a provider."""
    env = {"ANTHROPIC_BASE_URL": split(provider.base_url)[0], "ANTHROPIC_AUTH_TOKEN": secret}
    general = {"haiku": "small", "sonnet": "middle", "opus": "big", "fable": "big"}
    for tier, variable in MODELS.items():
        model = provider.tiers.get(tier) or provider.tiers.get(general[tier])
        if model is not None:
            env[variable] = model
    return env


def _claude(table: Table) -> Found:
    env = table.table("env")
    if env is None:
        raise table.node.refused("a table with env")
    models = {tier: env.text(name) for tier, name in MODELS.items()}
    found = Found(
        url=_something(env, "ANTHROPIC_BASE_URL"),
        key=_something(env, *_KEYS_CLAUDE),
        wire="anthropic",
        model=env.text("ANTHROPIC_MODEL"),
        tiers={tier: model for tier, model in models.items() if model is not None},
    )
    _tell_of_the_rest(env)
    _tell_of_the_rest(table)
    return found


def _gemini(table: Table) -> Found:
    env = table.table("env") or table
    found = Found(
        url=_something(env, "GOOGLE_GEMINI_BASE_URL", "GEMINI_BASE_URL"),
        key=_something(env, "GEMINI_API_KEY"),
        wire="gemini",
    )
    env.lose("GEMINI_MODEL", "not carried: here the client says which model")
    _tell_of_the_rest(env)
    _tell_of_the_rest(table)
    return found


def _codex(table: Table) -> Found:
    auth = table.table("auth")
    key = None if auth is None else _something(auth, "OPENAI_API_KEY")
    written = table.needed("config")
    try:
        config = tomllib.loads(str(written.value))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Malformed(written.at, written.line, f"it is no TOML: {error}") from error
    chosen = _chosen(config)
    token = chosen.get("experimental_bearer_token")
    url, wire = chosen.get("base_url"), chosen.get("wire_api")
    model = config.get("model")
    _tell_of_the_rest(table)
    return Found(
        url=Node(written.at, written.line, url) if isinstance(url, str) and url else None,
        key=Node(written.at, written.line, token)
        if key is None and isinstance(token, str)
        else key,
        wire="chat" if wire == "chat" else "responses",
        model=model if isinstance(model, str) and model else None,
    )


def _chosen(config: Mapping[str, object]) -> Mapping[str, object]:
    """Return the table of the provider that Codex is to use."""
    tables = config.get("model_providers")
    name = config.get("model_provider")
    if not isinstance(tables, dict):
        return {}
    found = tables.get(name) if isinstance(name, str) else next(iter(tables.values()), None)
    return found if isinstance(found, dict) else {}


def _codex_config(provider: Provider) -> str:
    model = provider.tiers.get("big") or next(
        (one for one in provider.models if "*" not in one), None
    )
    url, name = json.dumps(versioned(provider.base_url)), json.dumps(provider.name)
    wire = "responses" if "responses" in provider.wires else "chat"
    lines = [
        'model_provider = "custom"',
        *([] if model is None else [f"model = {json.dumps(model)}"]),
        "",
        "[model_providers.custom]",
        f"name = {name}",
        f"base_url = {url}",
        f'wire_api = "{wire}"',
        "requires_openai_auth = true",
        "",
    ]
    return "\n".join(lines)


def _something(table: Table, *names: str) -> Node | None:
    """Return the first that is a text and not empty; all of them are taken."""
    nodes = [table.get(name) for name in names]
    return next((one for one in nodes if one is not None and one.value != ""), None)


def _tell_of_the_rest(table: Table) -> None:
    for name in table.node.members:
        if not table.has_taken(name):
            table.lose(name, _OF_THE_CLI)
