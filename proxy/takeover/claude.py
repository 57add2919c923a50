"""Claude Code: `env` in `settings.json`, which wins over the shell's variables.

It warns where both of its token variables are set, so one of them goes. Source: measured,
`facts/clients.md` 1.6, read 2026-11-25.
"""

import json
from functools import partial
from pathlib import Path
from typing import Final

from proxy.editing import jsonc
from proxy.editing.edit import Edit, Unreadable
from proxy.takeover.app import AppFile, Surroundings, TakenApp, Wanted

_TOKEN: Final = ("env", "ANTHROPIC_AUTH_TOKEN")
_OTHER_TOKEN: Final = ("env", "ANTHROPIC_API_KEY")
_URL: Final = ("env", "ANTHROPIC_BASE_URL")
_HELPER: Final = ("apiKeyHelper",)  # a command that prints a key; goes out beside the tokens
_NO_PROXY: Final = ("env", "NO_PROXY")
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy")
_HERE: Final = ("127.0.0.1", "localhost")
_ELSEWHERE: Final = (  # each makes it speak to a cloud, whatever the address says
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_FOUNDRY",
)


def _files(around: Surroundings, wanted: Wanted) -> tuple[AppFile, ...]:
    named = around.env.get("CLAUDE_CONFIG_DIR")
    folder = around.home / ".claude" if not named else around.home / named
    edits = partial(_edits, around=around, wanted=wanted)
    return (AppFile(folder / "settings.json", "json", edits),)


def _edits(text: str, *, around: Surroundings, wanted: Wanted) -> tuple[Edit, ...]:
    away = tuple(Edit(("env", name), None) for name in _ELSEWHERE)
    edits = (Edit(_URL, wanted.url), *_token(text, wanted), *away)
    has_proxy = any(jsonc.raw(text, ("env", name)) is not None for name in _PROXIES)
    if not (has_proxy or around.uses_a_proxy):
        return edits
    return (*edits, Edit(_NO_PROXY, _exempt(text, around)))


def _token(text: str, wanted: Wanted) -> tuple[Edit, ...]:
    has_helper = jsonc.raw(text, _HELPER) is not None
    if has_helper and not wanted.is_checked:
        return ()  # what it prints does as well as any other token
    helper = (Edit(_HELPER, None),) if has_helper else ()
    return (Edit(_TOKEN, wanted.token), Edit(_OTHER_TOKEN, None), *helper)


def _exempt(text: str, around: Surroundings) -> str:
    """Return the hosts that no proxy is asked for, this machine among them."""
    spelling = jsonc.raw(text, _NO_PROXY)
    found: object = around.env.get("NO_PROXY") or around.env.get("no_proxy") or ""
    if spelling is not None:
        found = json.loads(spelling)
    if not isinstance(found, str):
        raise Unreadable(f"env.NO_PROXY is {spelling}, want a text")
    hosts = [one.strip() for one in found.split(",") if one.strip()]
    return ",".join(dict.fromkeys((*hosts, *_HERE)))


def _warnings(around: Surroundings) -> tuple[str, ...]:
    told = []
    for name in ("settings.local.json", "settings.json"):
        path = around.work / ".claude" / name
        if path.parent != around.home / ".claude" and _names_an_address(path):
            told.append(f"{path} sets ANTHROPIC_BASE_URL and wins in this folder")
    return tuple(told)


def _names_an_address(path: Path) -> bool:
    try:
        return jsonc.raw(path.read_text("utf-8"), _URL) is not None
    except (OSError, UnicodeDecodeError, Unreadable):
        return False  # nor does the client read an address there


CLAUDE: Final = TakenApp(
    _files,
    _warnings,
    "running sessions of Claude Code keep asking the proxy until they are restarted",
)
