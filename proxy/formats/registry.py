"""The formats, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from proxy.formats import (
    cc_proxy,
    cc_switch_link,
    cc_switch_sql,
    ccproxy,
    claude_code_router,
    claude_settings,
    cli_proxy_api,
    codex_cc_switch,
    env_lines,
    gateway,
    litellm,
)
from proxy.formats.document import Node, parsed
from proxy.formats.setup import Malformed, Read, Setup, Written
from proxy.formats.sql_statements import statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format.

    Attributes:
        title: Whose it is, and which file.
        read: What a text comes to; `None` if it is only written. Raises `Malformed`.
        write: A text for that tool; `None` if it is only read.
        fits: Whether a tree looks like one; `None` if it is no tree.
        is_sure: Whether a tree that fits can be of no other tool.
    """

    title: str
    read: Callable[[str], Read] | None = None
    write: Callable[[Setup], Written] | None = None
    fits: Callable[[Node], bool] | None = None
    is_sure: Callable[[Node], bool] = lambda _: False


FORMATS: Final[Mapping[str, Format]] = {
    "cc-proxy": Format(title="cc-proxy, provider.json", read=cc_proxy.read, fits=cc_proxy.fits),
    "codex-cc-switch": Format(
        title="codex_cc_switch, all_configs.json",
        read=codex_cc_switch.read,
        fits=codex_cc_switch.fits,
    ),
    "ccproxy": Format(
        title="ccproxy, config.json",
        read=ccproxy.read,
        fits=ccproxy.fits,
        is_sure=ccproxy.is_sure,
    ),
    "gateway": Format(
        title="the gateway cc-switch, provider.json", read=gateway.read, fits=gateway.fits
    ),
    "cc-switch-sql": Format(
        title="CC Switch, its SQL", read=cc_switch_sql.read, write=cc_switch_sql.write
    ),
    "cc-switch-link": Format(
        title="CC Switch, deep links", read=cc_switch_link.read, write=cc_switch_link.write
    ),
    "claude-code-router": Format(
        title="claude-code-router, config.json",
        read=claude_code_router.read,
        write=claude_code_router.write,
        fits=claude_code_router.fits,
        is_sure=claude_code_router.is_sure,
    ),
    "litellm": Format(title="LiteLLM, config.yaml", read=litellm.read, fits=litellm.fits),
    "cli-proxy-api": Format(title="CLIProxyAPI, config.yaml", write=cli_proxy_api.write),
    "claude-settings": Format(
        title="Claude Code, settings.json for one provider", write=claude_settings.write
    ),
    "env": Format(title="lines for a shell, one provider each CLI", write=env_lines.write),
}
READ: Final = tuple(name for name, one in FORMATS.items() if one.read is not None)
WRITTEN: Final = tuple(name for name, one in FORMATS.items() if one.write is not None)


def recognised(text: str) -> tuple[str, ...]:
    """Return the formats that a text may be in: none, one, or several.

    Raises:
        Malformed: It is nothing that could be read at all.
    """
    bare = text.removeprefix("\ufeff").lstrip()
    if bare.startswith(cc_switch_link.SCHEME):
        return ("cc-switch-link",)
    if bare[:1] not in ("{", "[") and any(one.table == "providers" for one in statements(bare)):
        return ("cc-switch-sql",)
    root = parsed(text)
    if not isinstance(root.value, dict):
        raise Malformed("the whole file", 1, f"found {root.kind}, want a configuration")
    found = [name for name, one in FORMATS.items() if one.fits is not None and one.fits(root)]
    sure = [name for name in found if FORMATS[name].is_sure(root)]
    return tuple(sure if len(sure) == 1 else found)
