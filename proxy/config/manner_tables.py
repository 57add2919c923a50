"""What `[providers.<name>]` may say on how one is spoken to: see `proxy.routing.manner`.

Nothing here can touch what the proxy stands on: the form of the answer, the model, the key.
"""

import math
import ssl
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from proxy.config import values
from proxy.config.problems import HIDDEN, Want, Wrong, dotted, quoted
from proxy.config.tables import ModelPatterns, Table, around, distinct, known
from proxy.config.variables import expanded

Wire = Literal["anthropic", "chat", "responses", "gemini"]
WIRE_NAMES: Final[tuple[str, ...]] = get_args(Wire)
AN_ENDPOINT: Final = "https://host/a/path?with=query"
A_PROXY: Final = '"http://user:${PASSWORD}@proxy.lan:3128", or https://, socks5:// or socks5h://'
_SCHEMES: Final = ("http", "https", "socks5", "socks5h")
_A_PATH: Final = 'keys with dots between them, as in "metadata.user_id"'
_MARK: Final = 7734
_INSTEAD: Final[Mapping[str, str]] = {
    "stream": "nothing: the client says whether it wants a stream, and the answer is read as that",
    "model": "rename = { … } or the model of a target, so that the ledger knows it",
    **dict.fromkeys(
        ("key", "api_key", "apikey", "access_token", "authorization", "x-api-key"),
        "the key under key = … or keys = { … }, and its place under send_key = { … }",
    ),
}


def path_of(text: str) -> tuple[str, ...]:
    """Return the keys that `text` names one in the other, as TOML writes them."""
    try:
        found: object = tomllib.loads(f"{text} = {_MARK}") if text.isprintable() else None
    except tomllib.TOMLDecodeError:
        found = None
    names: list[str] = []
    while isinstance(found, dict) and len(found) == 1:
        (name, found), *_ = found.items()
        names.append(name)
    if found != _MARK or not names:
        raise Wrong(quoted(text), _A_PATH)
    return tuple(names)


def ca_path(text: str, folder: Path) -> Path:
    """Return where the file is; a relative path is relative to the configuration's folder."""
    try:
        return (folder / Path(text).expanduser()).absolute()
    except RuntimeError:
        raise Wrong(f"{quoted(text)}, of a user whom nobody knows", "a file") from None


def _header_value(text: str, info: ValidationInfo) -> str:
    if around(info).is_used:
        values.header_value(expanded(text, around(info).env))
    return text


def _header_glob(text: str) -> str:
    return text if "*" in text.strip("*") else values.header_name(text)


def _shape(text: str, info: ValidationInfo) -> str:
    if info.data.get("header", "") is None:
        raise Wrong("a format without a header", 'header = "…" as well')
    if text.count("{key}") != 1:
        raise Wrong(quoted(text), 'text with {key} in it once, as in "Bearer {key}"')
    values.header_value(text.replace("{key}", "x"))
    return text


def _key_header(name: str) -> str:
    return name if name.lower() in values.KEY_HEADERS else values.header_name(name)


def _query_name(text: str) -> str:
    if text and text.isascii() and text.isprintable() and not {*text} & {*"&=#?/ "}:
        return text
    raise Wrong(quoted(text), 'the name of a parameter, as in "key"')


def _endpoint(text: str, info: ValidationInfo) -> str:
    url = values.endpoint(text)
    listen = around(info).listen
    if listen is not None and values.is_self(url, listen):
        raise Wrong("an address of this proxy itself", "the provider's own")
    return text


def _outbound_proxy(text: str, info: ValidationInfo) -> str:
    if not around(info).is_used:
        return text
    url = expanded(text, around(info).env)
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in _SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        raise Wrong(f"{HIDDEN} with a port or a host that is none", A_PROXY) from None
    if not is_one or not url.isprintable() or " " in url:
        raise Wrong(f"{HIDDEN} with another scheme, or no host", A_PROXY)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise Wrong(f"{HIDDEN} with something behind host and port", A_PROXY)
    listen = around(info).listen
    if listen is not None and values.is_self(url, listen):
        raise Wrong("an address of this proxy itself", A_PROXY)
    return text


def _ca_file(text: str, info: ValidationInfo) -> str:
    want = "a file with certificates in PEM"
    path = ca_path(text, around(info).folder)
    if not around(info).is_used:
        return text
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        raise Wrong(f"{quoted(text)}, which holds no certificate", want) from None
    except OSError as error:
        raise Wrong(f"{quoted(text)}, which cannot be read ({error.strerror})", want) from None
    return text


def _changeable(name: str) -> None:
    instead = _INSTEAD.get(name.lower())
    if instead is not None:
        raise Wrong(f"{quoted(name)}, which is not to be changed here", instead)


def _drop(text: str) -> str:
    _changeable(path_of(text)[0])
    return text


def _sets(body: dict[str, object]) -> dict[str, object]:
    for name in body:
        _changeable(name)
    for path, value in _leaves((), body):
        if not isinstance(value, str | int | float) or not _is_finite(value):
            raise Wrong(f"{dotted(path)}, which JSON cannot carry", "texts, numbers, true, false")
    return body


def _leaves(
    at: tuple[str | int, ...], value: object
) -> Iterator[tuple[tuple[str | int, ...], object]]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _leaves((*at, name), inner)
        case list():
            for number, inner in enumerate(value):
                yield from _leaves((*at, number), inner)
        case _:
            yield at, value


def _is_finite(value: str | float) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


WireName = Annotated[Wire, BeforeValidator(known(WIRE_NAMES))]
HeaderValue = Annotated[str, AfterValidator(_header_value)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]
DropHeaders = Annotated[
    list[Annotated[str, AfterValidator(_header_glob)]],
    AfterValidator(distinct),
    Want('a list of headers, as in ["x-stainless-*"]', "the name of a header"),
]
OutboundProxy = Annotated[
    Annotated[str, AfterValidator(_outbound_proxy)] | None, Want(A_PROXY, is_secret=True)
]
CaFile = Annotated[
    Annotated[str, AfterValidator(_ca_file)] | None, Want("a file with certificates in PEM")
]


class SendKeyTable(Table):
    """`send_key`: where the key goes. The order matters: `format` looks at `header`."""

    header: Annotated[
        Annotated[str, AfterValidator(_key_header)] | None, Want("the name of a header")
    ] = None
    format: Annotated[
        Annotated[str, AfterValidator(_shape)], Want('text, as in "Bearer {key}"')
    ] = "{key}"
    query: Annotated[
        Annotated[str, AfterValidator(_query_name)] | None,
        Want('the name of a parameter, as in "key"'),
    ] = None


class BodyTable(Table):
    """`[[providers.<name>.body]]`: what is changed in requests for an answer."""

    wires: Annotated[
        list[WireName], AfterValidator(distinct), Want('a list, as in ["chat"]', "a wire format")
    ] = Field(default_factory=list)
    models: ModelPatterns = None
    drop: Annotated[
        list[Annotated[str, AfterValidator(_drop)]],
        Want('a list of paths, as in ["metadata.user_id"]', _A_PATH),
    ] = Field(default_factory=list)
    set_: Annotated[
        dict[str, object],
        Field(alias="set"),
        AfterValidator(_sets),
        Want("a table, as in { temperature = 0.2 }", "a value that JSON can carry"),
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _changes_something(self) -> "BodyTable":
        if not (self.drop or self.set_):
            raise Wrong("no change", "at least one of set, drop")
        return self
