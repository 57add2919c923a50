"""How each client is told to run headless and offline: `facts/clients.md` 1.6, 2.1 and 3.3."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.clients.case import CLIENT_KEY, Command, Place, Task


def _claude(place: Place, task: Task) -> Command:
    # Not its bin: that is a stub until an install script has run, and we let none run.
    wrapper = place.packages / "@anthropic-ai/claude-code/cli-wrapper.cjs"
    return Command(
        ("node", str(wrapper), "-p", place.prompt(task), "--permission-mode", "acceptEdits"),
        (
            ("ANTHROPIC_BASE_URL", place.proxy_url),
            ("ANTHROPIC_AUTH_TOKEN", CLIENT_KEY),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
            ("DISABLE_AUTOUPDATER", "1"),
        ),
    )


def _codex(place: Place, task: Task) -> Command:
    """Use its last model that gets plain tools."""
    return _codex_with(f'model = "gpt-5.5"\n{_own_provider(place)}', place, task)


def _codex_code(place: Place, task: Task) -> Command:
    """Use its default model, which calls tools by writing JavaScript."""
    return _codex_with(_own_provider(place), place, task)


def _own_provider(place: Place) -> str:
    return f"""
model_provider = "pointsman"
[model_providers.pointsman]
name = "pointsman"
base_url = "{place.proxy_url}/v1"
wire_api = "responses"
env_key = "CODEX_API_KEY"
"""


def _codex_websocket(place: Place, task: Task) -> Command:
    """Use the provider that is built in: it asks for a WebSocket first."""
    address = f'openai_base_url = "{place.proxy_url}/v1"\n'
    return _codex_with(f'model = "gpt-5.5"\n{address}', place, task)


def _codex_with(settings: str, place: Place, task: Task) -> Command:
    quiet = ("check_for_update_on_startup = false\n", "[analytics]\nenabled = false\n")
    _write(place.home / ".codex/config.toml", settings.join(quiet))
    script = place.packages / "@openai/codex/bin/codex.js"
    # Its own sandbox needs rights that a container seldom has; the command it runs is ours.
    free = ("--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox")
    return Command(
        ("node", str(script), "exec", *free, place.prompt(task)), (("CODEX_API_KEY", CLIENT_KEY),)
    )


def _gemini(place: Place, task: Task) -> Command:
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
        "privacy": {"usageStatisticsEnabled": False},
    }
    _write(place.home / ".gemini/settings.json", json.dumps(settings))
    trusted = json.dumps({str(place.work): "TRUST_FOLDER"})
    _write(place.home / ".gemini/trustedFolders.json", trusted)
    script = place.packages / "@google/gemini-cli/bundle/gemini.js"
    return Command(
        ("node", str(script), "-y", "-p", place.prompt(task)),
        (("GEMINI_API_KEY", CLIENT_KEY), ("GOOGLE_GEMINI_BASE_URL", place.proxy_url)),
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


CLIENTS: Mapping[str, Callable[[Place, Task], Command]] = {
    "claude": _claude,
    "codex": _codex,
    "codex-code": _codex_code,
    "codex-websocket": _codex_websocket,
    "gemini": _gemini,
}
