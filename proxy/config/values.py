"""Checks of single values: addresses, hosts, header fields, keys, names. Each raises `Wrong`."""

import ipaddress
import re
import socket
from typing import Final
from urllib.parse import SplitResult, urlsplit

from proxy.config.problems import HIDDEN, Wrong, quoted, shown
from proxy.config.settings import Listen

KEY_HEADERS: Final = {"authorization", "proxy-authorization", "x-api-key", "x-goog-api-key"}
_HOP_BY_HOP: Final = {
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
_OF_THE_BODY: Final = {"content-length", "content-type", "content-encoding", "expect"}
OWN_HEADERS: Final = {"host", "accept-encoding", *_HOP_BY_HOP, *_OF_THE_BODY}

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, section 5.6.2
_HOST_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*"
)
_ADDRESS: Final = "an http:// or https:// address"


def label(text: str) -> str:
    """Return `text` if it can name something in the ledger, in a header and in a table."""
    if _LABEL.fullmatch(text):
        return text
    raise Wrong(shown(text), "a name of at most 64 letters, digits, dots, - and _")


def model(text: str) -> str:
    """Return `text` if it can be the name of a model."""
    if text and text.isprintable() and "*" not in text:
        return text
    raise Wrong(quoted(text), 'the name of a model, as in "claude-haiku-4-5"')


def model_pattern(text: str) -> str:
    """Return `text` if it can be a pattern over names of models."""
    if text and text.isprintable():
        return text
    raise Wrong(quoted(text), 'the name of a model, with * for any letters, as in "claude-*"')


def glob(text: str) -> str:
    """Return `text` if it can match anything."""
    if text:
        return text
    raise Wrong("an empty text", 'text, with * for any letters, as in "*beta*"')


def pattern(text: str) -> str:
    """Return `text` if it is a regular expression that does not fit whatever is said."""
    want = 'a regular expression, as in "no .* quota"'
    try:
        found = re.compile(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise Wrong(quoted(text), f"{want} ({error})") from None
    if found.search("") and found.search("\0"):
        raise Wrong(f"{quoted(text)}, which fits whatever is said", want)
    return text


def rule_header(name: str) -> str:
    """Return `name` if a rule may look at that header."""
    if not _TOKEN.fullmatch(name):
        raise Wrong(shown(name), "the name of a header: letters, digits and -")
    if name.lower() in KEY_HEADERS:
        raise Wrong("a header that carries a key", "labels of keys under client_keys = [ … ]")
    return name


def key(secret: str) -> str:
    """Return `secret` if it can be sent as a key."""
    want = 'the key alone, without "Bearer"'
    if not secret:
        raise Wrong("an empty key", want)
    if all("!" <= c <= "~" for c in secret):
        return secret
    raise Wrong(f"{HIDDEN} with a space, a line break or a character outside ASCII", want)


def header_name(name: str) -> str:
    """Return `name` if the user may set that header."""
    if not _TOKEN.fullmatch(name):
        raise Wrong(shown(name), "the name of a header: letters, digits and -")
    if name.lower() in KEY_HEADERS:
        raise Wrong("a header that carries a key", 'the key under key = "…" or keys = { … }')
    if name.lower() in OWN_HEADERS:
        raise Wrong("a header that the proxy sets itself", "another one")
    return name


def header_value(value: str) -> str:
    """Return `value` if HTTP can carry it (RFC 9110, section 5.5, without its obsolete bytes)."""
    if value == value.strip() and all(" " <= c <= "~" or c == "\t" for c in value):
        return value
    raise Wrong(HIDDEN, "printable ASCII, with no space at either end and no line break")


def host(text: str) -> str:
    """Return `text` in lower case if it is an address or a host name, without a port."""
    name = text.lower()
    if address(name) is not None or _HOST_NAME.fullmatch(name):
        return name
    raise Wrong(shown(text), 'a host name or an IP address, as in "127.0.0.1", without a port')


def base_url(text: str) -> str:
    """Return `text` without a slash at its end if it is the address of a provider."""
    parts = _split(text)
    if parts is None:
        raise Wrong(HIDDEN if {*"@?#"} & {*text} else quoted(text), _ADDRESS)
    if "@" in parts.netloc:
        raise Wrong("an address with a user name or a password in it", "keys under keys = { … }")
    if "?" in text or "#" in text:
        raise Wrong("an address with a query", f"{_ADDRESS} that ends before ? and #")
    return text.rstrip("/")


def endpoint(text: str) -> str:
    """Return `text`, its {model} and {action} filled, if it is the whole address for answers."""
    filled = text.replace("{model}", "m").replace("{action}", "a")
    parts = _split(filled)
    want = "a whole http:// or https:// address, with {model} and {action} where they belong"
    if parts is None or {*"{}#"} & {*filled}:
        raise Wrong(HIDDEN if {*"@?#"} & {*text} else quoted(text), want)
    if "@" in parts.netloc:
        raise Wrong("an address with a user name or a password in it", "keys under keys = { … }")
    return filled


def _split(text: str) -> SplitResult | None:
    """Return the parts of an http(s) address with a host and a legal port, or `None`."""
    if not all("!" <= c <= "~" for c in text):  # urlsplit would drop line breaks silently
        return None
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # a broken [ ] or a port out of range
        return None
    return parts if usable else None


def address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return `name` as an IP address, in any spelling that a connect would take, or `None`."""
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(name))  # 127.1, 0x7f000001
        except (OSError, ValueError):
            return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def is_loopback(name: str) -> bool:
    """Say whether `name` can only mean this machine."""
    bare = name.lower().rstrip(".")
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    found = address(bare)
    return found is not None and found.is_loopback


def is_self(url: str, listen: Listen) -> bool:
    """Say whether `url`, already checked, would come back to where this proxy listens."""
    parts = urlsplit(url)
    name = (parts.hostname or "").rstrip(".")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if port != listen.port or listen.host is None:
        return False
    here = address(listen.host)
    everywhere = here is not None and here.is_unspecified
    there = address(name)
    local = is_loopback(name) or (there is not None and there.is_unspecified)
    return name == listen.host or (local and (everywhere or is_loopback(listen.host)))
