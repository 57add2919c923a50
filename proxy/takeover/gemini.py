"""Gemini CLI: address and key in `.env`, and in `settings.json` that the key is to be used.

With the address alone it refuses to start. The file with the Google login is not touched. Source:
measured, `facts/clients.md` 0 (7) and 3.3, read 2026-11-25.
"""

from functools import partial
from typing import Final

from proxy.editing.edit import Edit
from proxy.takeover.app import AppFile, Surroundings, TakenApp, Wanted

_VARIABLES: Final = ("GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL")


def _files(around: Surroundings, wanted: Wanted) -> tuple[AppFile, ...]:
    folder = around.home / ".gemini"
    return (
        AppFile(folder / ".env", "env", partial(_variables, wanted=wanted)),
        AppFile(folder / "settings.json", "json", _settings),
    )


def _variables(_: str, *, wanted: Wanted) -> tuple[Edit, ...]:
    values = (wanted.token, wanted.url)
    return tuple(Edit((name,), value) for name, value in zip(_VARIABLES, values, strict=True))


def _settings(_: str) -> tuple[Edit, ...]:
    return (Edit(("security", "auth", "selectedType"), "gemini-api-key"),)


def _warnings(around: Surroundings) -> tuple[str, ...]:
    own = (around.work / ".gemini/.env", around.work / ".env")
    return (
        *(f"{name} is set in this shell and wins" for name in _VARIABLES if name in around.env),
        *(
            f"{path} is read instead of the one in the home, as a whole"
            for path in own
            if path.parent != around.home / ".gemini" and path.exists()
        ),
    )


GEMINI: Final = TakenApp(
    _files,
    _warnings,
    "running sessions of Gemini CLI keep asking the proxy until they are restarted",
)
