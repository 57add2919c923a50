"""A client that takes its address from its own files, written by hand, and no variable at all.

Taken over, it must come to the proxy though they say another address; given back, as they say.
"""

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.clients.case import CLIENT_KEY, Case, Command, Place
from tests.clients.errors import ProxyError

NOWHERE: Final = "http://127.0.0.1:9"  # the discard port: refused at once
_NAMES: Final = ("BASE_URL", "AUTH_TOKEN", "API_KEY")
_FILES: Final = (".claude/settings.json", ".codex/config.toml", ".gemini/.env")


async def settled(command: Command, case: Case, place: Place, config: Path) -> Command:
    """Write the client's files, take it over, or also give it back; nothing is left but them.

    Raises:
        ProxyError: A verb of `pointsman` failed, or what it gave back is not what was there.
    """
    is_given_back = case.settled == "given back"
    _by_hand(case.client, place, place.proxy_url if is_given_back else NOWHERE)
    before = _standing(place.home)
    url = NOWHERE if is_given_back else place.proxy_url
    await _pointsman(place, "takeover", case.client, "--url", url, "--config", str(config))
    if _standing(place.home) == before:
        raise ProxyError("taking over changed no file")
    if is_given_back:
        await _pointsman(place, "restore", case.client)
        if _standing(place.home) != before:
            raise ProxyError("what was given back is not what was there")
    kept = (one for one in command.variables if not one[0].endswith(_NAMES))
    return replace(command, variables=tuple(kept))


def _standing(home: Path) -> list[bytes | None]:
    paths = [home / name for name in _FILES]
    return [path.read_bytes() if path.exists() else None for path in paths]


def _by_hand(client: str, place: Place, url: str) -> None:
    match client:
        case "claude":
            variables = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": CLIENT_KEY}
            text = json.dumps({"env": variables}, indent=4)
            _write(place.home / ".claude/settings.json", f"{text}\n")
        case "codex":
            path = place.home / ".codex/config.toml"
            text = path.read_text().replace(place.proxy_url, url)  # with its other settings
            _write(path, text.replace('env_key = "CODEX_API_KEY"', _bearer()))
        case "gemini":
            lines = f"# mine\nexport GEMINI_API_KEY='{CLIENT_KEY}'\nGOOGLE_GEMINI_BASE_URL={url}\n"
            _write(place.home / ".gemini/.env", lines)


def _bearer() -> str:
    return f'experimental_bearer_token = "{CLIENT_KEY}"  # mine'


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


async def _pointsman(place: Place, *words: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "proxy", *words),
        cwd=Path(__file__).parents[2],
        env={"HOME": str(place.home), "PATH": "/nowhere"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise ProxyError(f"pointsman {words[0]} ended with {process.returncode}: {said.decode()}")
