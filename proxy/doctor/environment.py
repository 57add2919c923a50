"""Variables of the shell that lead clients elsewhere, and the two keys that they argue about.

What wins over what is measured: `facts/clients.md` 1.6, 2.1 and 3.3, read 2026-11-25.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from proxy.doctor.finding import Finding

_ABOUT: Final = "environment"
_ADDRESSES: Final = {
    "ANTHROPIC_BASE_URL": "Claude Code goes there, unless its settings.json says otherwise",
    "GOOGLE_GEMINI_BASE_URL": "Gemini CLI goes there, whatever its .env says",
    "OPENAI_BASE_URL": "OpenAI SDKs go there; Codex does not look at it",
}
_CLOUDS: Final = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY")
_PROXIES: Final = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_HERE: Final = {"127.0.0.1", "localhost", "*"}


def findings(env: Mapping[str, str], url: str) -> Iterator[Finding]:
    """Return what is wrong with the variables of this shell for a proxy at `url`."""
    for name, effect in _ADDRESSES.items():
        value = env.get(name)
        if value and value.rstrip("/").removesuffix("/v1") != url:
            yield _of(f"{name} is set to another address: {effect}", f"unset {name}")
    if env.get("ANTHROPIC_AUTH_TOKEN") and env.get("ANTHROPIC_API_KEY"):
        says = "ANTHROPIC_AUTH_TOKEN and ANTHROPIC_API_KEY are both set: Claude Code sends both"
        yield _of(says, "unset ANTHROPIC_API_KEY")
    for name in _CLOUDS:
        if env.get(name):
            yield _of(f"{name} is set: Claude Code asks that cloud, not the proxy", f"unset {name}")
    yield from _proxies(env)


def _proxies(env: Mapping[str, str]) -> Iterator[Finding]:
    """Requests to this machine must not go through another proxy."""
    used = [name for name in _PROXIES if env.get(name)]
    exempt = f"{env.get('NO_PROXY', '')},{env.get('no_proxy', '')}"
    if used and not _HERE & {one.strip() for one in exempt.split(",")}:
        yield _of(
            f"{used[0]} is set and NO_PROXY does not name 127.0.0.1: clients ask that proxy for us",
            "export NO_PROXY=127.0.0.1,localhost",
        )


def _of(says: str, mend: str) -> Finding:
    return Finding(level="warning", about=_ABOUT, says=says, mend=mend)
