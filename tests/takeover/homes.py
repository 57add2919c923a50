"""A home with the files of the clients in it, and what stands in all of its files."""

import stat
from pathlib import Path

from proxy.takeover.app import Surroundings, Wanted
from proxy.takeover.taking import APPS, Giving, Taking, give_back, take

WANTED = Wanted("http://127.0.0.1:15721", "pointsman")
FILES = (".claude/settings.json", ".codex/config.toml", ".gemini/.env", ".gemini/settings.json")


def around(home: Path, **env: str) -> Surroundings:
    work = home / "work"
    work.mkdir(exist_ok=True)
    return Surroundings(home, work, env)


def journal(home: Path) -> Path:
    return home / "state/takeover.json"


def fill(home: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def standing(home: Path) -> dict[str, tuple[bytes, int]]:
    """Return what stands in every file but ours, and its mode; folders end with a slash."""
    found = {}
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        if name.split("/", maxsplit=1)[0] not in ("state", "work"):
            mode = stat.S_IMODE(path.lstat().st_mode)
            content = bytes(path.readlink()) if path.is_symlink() else b""
            is_file = path.is_file() and not path.is_symlink()
            found[name] = (path.read_bytes() if is_file else content, mode)
    return found


def taken(home: Path, wanted: Wanted = WANTED, **env: str) -> list[Taking]:
    return take(APPS, around(home, **env), wanted, journal(home))


def given(home: Path) -> list[Giving]:
    return give_back(APPS, journal(home))
