"""Codex CLI: a provider of our own in `config.toml`, always under the same name.

Its sessions belong to the name of a provider, so a name that changed would hide them. `auth.json`
is not touched: a provider that brings its token asks for no login, and the login stays. Source:
measured, `facts/clients.md` 0 (12) and 2.1, read 2026-11-25.
"""

import tomllib
from functools import partial
from typing import Final

from proxy.editing import toml
from proxy.editing.edit import Edit, KeyPath
from proxy.takeover.app import AppFile, Surroundings, TakenApp, Wanted

_NAME: Final = "pointsman"
_OURS: Final = ("model_providers", _NAME)
_OTHER_KEYS: Final = (  # with which a table of that name may ask for another token
    "auth",
    "env_http_headers",
    "env_key",
    "http_headers",
    "requires_openai_auth",
)


def _files(around: Surroundings, wanted: Wanted) -> tuple[AppFile, ...]:
    named = around.env.get("CODEX_HOME")
    folder = around.home / ".codex" if not named else around.home / named
    return (AppFile(folder / "config.toml", "toml", partial(_edits, wanted=wanted)),)


def _edits(text: str, *, wanted: Wanted) -> tuple[Edit, ...]:
    table = {
        "name": _NAME,
        "base_url": f"{wanted.url}/v1",
        "wire_api": "responses",
        "experimental_bearer_token": wanted.token,
    }
    ours = tuple(Edit((*_OURS, key), value) for key, value in table.items())
    chosen = (("model_provider",), *_profile(text))
    others = tuple(Edit((*_OURS, key), None) for key in _OTHER_KEYS)
    return (*(Edit(path, _NAME) for path in chosen), *ours, *others)


def _profile(text: str) -> tuple[KeyPath, ...]:
    """Return where the profile in use names a provider, which wins over the file's own."""
    spelling = toml.raw(text, ("profile",))
    if spelling is None:
        return ()
    name = tomllib.loads(f"name = {spelling}")["name"]
    path = ("profiles", str(name), "model_provider")
    return () if toml.raw(text, path) is None else (path,)


def _warnings(_: Surroundings) -> tuple[str, ...]:
    return ()


CODEX: Final = TakenApp(
    _files,
    _warnings,
    "running sessions of Codex keep asking the proxy until they are restarted",
)
