"""Lines for a shell that lead each CLI to one provider, without a proxy. Only written.

Codex reads no address from the environment (`facts/clients.md` 2.1), so its line is a command.
"""

import shlex
from typing import Final

from proxy.formats.address import split, versioned
from proxy.formats.cc_switch_app import claude_env
from proxy.formats.leaving import Exit, leaving
from proxy.formats.secret import placeholder
from proxy.formats.setup import App, Loss, Secret, Setup, Variable, Written

_APPS: Final[tuple[App, ...]] = ("claude", "gemini", "openai", "codex")


def write(setup: Setup) -> Written:
    """Return the lines for the first of each queue that speaks the app's own wire."""
    found = leaving(setup, _APPS, converts=())
    lines: list[str] = []
    losses = list(found.losses)
    for app in _APPS:
        ways = [one for one in found.exits if one.app == app]
        if ways:
            lines += [f"# {app}: {ways[0].name}", *_lines(ways[0])]
        losses += [
            Loss(f"providers.{one.name}", None, f"not written: {app} is led to one provider")
            for one in ways[1:]
        ]
    return Written("".join(f"{line}\n" for line in lines), tuple(losses))


def _lines(one: Exit) -> list[str]:
    base, key = split(one.provider.base_url)[0], _value(one.key, one.name)
    match one.app:
        case "claude":
            env = claude_env(one.provider, "") | (
                {} if one.model is None else {"ANTHROPIC_MODEL": one.model}
            )
            named = {name: shlex.quote(text) for name, text in env.items()}
            return _exports(named | {"ANTHROPIC_AUTH_TOKEN": key})
        case "gemini":
            return _exports({"GOOGLE_GEMINI_BASE_URL": shlex.quote(base), "GEMINI_API_KEY": key})
        case "openai":
            url = shlex.quote(versioned(base))
            return _exports({"OPENAI_BASE_URL": url, "OPENAI_API_KEY": key})
        case "codex":
            table = f"model_providers.direct.base_url={versioned(base)}"
            words = ["model_provider=direct", "model_providers.direct.name=direct", table]
            words += ["model_providers.direct.wire_api=responses"]
            words += ["model_providers.direct.env_key=DIRECT_API_KEY"]
            options = " ".join(f"-c {shlex.quote(word)}" for word in words)
            return [
                *_exports({"DIRECT_API_KEY": key}),
                f"alias codex-direct={shlex.quote(f'codex {options}')}",
            ]


def _value(key: Secret, owner: str) -> str:
    if isinstance(key, Variable):
        return f'"${key.name}"'
    return shlex.quote(key or placeholder(owner))


def _exports(named: dict[str, str]) -> list[str]:
    return [f"export {name}={text}" for name, text in named.items()]
