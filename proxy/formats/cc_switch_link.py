"""A deep link of CC Switch, `ccswitch://v1/import?…`: one provider for one CLI."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

from proxy.formats.cc_switch_app import (
    API_FORMATS,
    APPS,
    Found,
    found_in,
    provider_of,
    settings_for,
)
from proxy.formats.collecting import Collector
from proxy.formats.document import Node, parsed_json
from proxy.formats.leaving import leaving
from proxy.formats.setup import App, Loss, Malformed, Read, Setup, Target, Wire, Written

SCHEME: Final = "ccswitch://"
_MODELS: Final = {"haiku": "haikuModel", "sonnet": "sonnetModel", "opus": "opusModel"}
_WITHOUT_MEANING: Final = {
    "resource",
    "app",
    "name",
    "homepage",
    "icon",
    "notes",
    "configFormat",
    "enabled",
}
_WIRES: Final[Mapping[App, Wire]] = {
    "claude": "anthropic",
    "codex": "responses",
    "gemini": "gemini",
}
_ADVICE: Final = ("Each line opens CC Switch, which asks before it adds a provider.",)


def read(text: str) -> Read:
    """Return what a link comes to.

    Raises:
        Malformed: It is none, or not of a provider for a CLI that is served here.
    """
    collector = Collector()
    for line, link in enumerate(text.splitlines(), start=1):
        if link.strip() and not link.lstrip().startswith("#"):
            _link(link.strip(), line, collector)
    return collector.read()


def write(setup: Setup) -> Written:
    """Return a link for each provider of each CLI's queue, a line each."""
    found = leaving(setup, (*APPS.values(),))
    links = []
    for one in found.exits:
        config = json.dumps(
            settings_for(one.app, one.provider, one.key, one.name), separators=(",", ":")
        )
        words = {
            "resource": "provider",
            "app": one.app,
            "name": one.name,
            "homepage": one.provider.base_url,
            "config": base64.b64encode(config.encode()).decode(),
            "configFormat": "json",
        }
        if one.app == "claude" and one.wire != "anthropic":
            words["apiFormat"] = next(
                name for name, wire in API_FORMATS.items() if wire == one.wire
            )
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in words.items())
        links.append(f"{SCHEME}v1/import?{query}\n")
    return Written("".join(links), found.losses, _ADVICE)


def _link(link: str, line: int, collector: Collector) -> None:
    words = _words(link, line)
    app = words.get("app", "")
    if words.get("resource") != "provider":
        raise Malformed("resource", line, "found something else, want provider")
    if app not in APPS:
        raise Malformed("app", line, f"found another one, want one of {', '.join(APPS)}")
    found = _merged(APPS[app], words, line, collector.losses)
    if found.url is None:
        raise Malformed("endpoint", line, "found nothing, want an address, there or in config")
    provider = provider_of(words.get("name", ""), found, {}, {})
    collector.asked(APPS[app], Target(collector.provider(provider)))


def _words(link: str, line: int) -> dict[str, str]:
    parts = urlsplit(link)
    if parts.scheme != "ccswitch" or parts.netloc != "v1" or parts.path != "/import":
        raise Malformed("the link", line, f"found another one, want {SCHEME}v1/import?…")
    return dict(parse_qsl(parts.query, keep_blank_values=True))


def _merged(app: App, words: Mapping[str, str], line: int, losses: list[Loss]) -> Found:
    """Return what the link's own words say, and what its configuration says besides."""
    config = _config(words, line)
    base = Found(url=None, key=None, wire=_WIRES[app])
    if config is not None:
        base = found_in(app, config, losses)
    first, *others = [one for one in words.get("endpoint", "").split(",") if one.strip()] or [""]
    named = {tier: words[word] for tier, word in _MODELS.items() if words.get(word)}
    lost = {*words} - _WITHOUT_MEANING - {"config", "endpoint", "apiKey", "model", "apiFormat"}
    what = "not carried: there is nothing of the kind here"
    losses += [Loss(name, line, what) for name in sorted(lost - {*_MODELS.values()})]
    if others:
        losses.append(Loss("endpoint", line, f"only the first of {len(others) + 1} is carried"))
    return replace(
        base,
        url=Node("endpoint", line, first) if first else base.url,
        key=Node("apiKey", line, words["apiKey"]) if words.get("apiKey") else base.key,
        wire=API_FORMATS.get(words.get("apiFormat", ""), base.wire),
        model=words.get("model") or base.model,
        tiers={**base.tiers, **named},
    )


def _config(words: Mapping[str, str], line: int) -> Node | None:
    written = words.get("config")
    if not written:
        return None
    if words.get("configFormat", "json") != "json":
        raise Malformed("configFormat", line, "found another one, want json")
    plain = written.replace("-", "+").replace("_", "/").replace(" ", "+").rstrip("=")
    try:
        text = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Malformed("config", line, "found no base64 of a text, want JSON in it") from error
    return parsed_json(text, "config", line)
