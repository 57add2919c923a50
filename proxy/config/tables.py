"""What may stand in the configuration file, as pydantic models, one per kind of table.

A field's `Want` is what its error says. A table is checked against its surroundings through
pydantic's context, so that all problems are found in one reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from proxy.codec import MaxTokensKey
from proxy.config import values
from proxy.config.problems import Want, Wrong, one_of, quoted
from proxy.config.settings import Listen
from proxy.config.variables import expanded

Wire = Literal["anthropic", "chat", "responses", "gemini"]
WIRE_NAMES: Final[tuple[str, ...]] = get_args(Wire)


@dataclass(frozen=True, slots=True)
class Around:
    """What a table is checked against besides itself."""

    env: Mapping[str, str] = field(default_factory=dict)
    is_used: bool = True  # what is switched off may name variables that are not set
    listen: Listen | None = None  # where this proxy will listen, if that is known


def _around(info: ValidationInfo) -> Around:
    return info.context if isinstance(info.context, Around) else Around()


def _key(text: str, info: ValidationInfo) -> str:
    around = _around(info)
    if around.is_used:
        try:
            values.key(expanded(text, around.env))
        except Wrong as wrong:
            raise _naming(text, wrong) from None
    return text


def _naming(text: str, wrong: Wrong) -> Wrong:
    """Say the variable instead of "an empty key" where the whole key is one."""
    if wrong.found == "an empty key" and text:
        return Wrong(f"{quoted(text)[1:-1]}, which is empty", "a key in that variable")
    return wrong


def _header_value(text: str, info: ValidationInfo) -> str:
    around = _around(info)
    if around.is_used:
        values.header_value(expanded(text, around.env))
    return text


def _distinct(names: list[str]) -> list[str]:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise Wrong(f"{quoted(twice[0])} twice", "each name once")
    return names


def _wires(names: list[str]) -> list[str]:
    if not names:
        raise Wrong("an empty list", f"at least one of {', '.join(WIRE_NAMES)}")
    return _distinct(names)


def _wire(name: str) -> str:
    if name not in WIRE_NAMES:
        raise Wrong(quoted(name), one_of(WIRE_NAMES, name))
    return name


def _headers(headers: dict[str, str]) -> dict[str, str]:
    lower = [name.lower() for name in headers]
    twice = [name for name in lower if lower.count(name) > 1]
    if twice:
        raise Wrong(f"{quoted(twice[0])} twice", "each header once, whatever its case")
    return headers


def _client_keys(keys: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    env = _around(info).env
    seen: dict[str, str] = {}
    for name, text in keys.items():
        other = seen.setdefault(expanded(text, env), name)
        if other != name:
            raise Wrong(f"the same key for {other} and {name}", "a key of its own for each")
    return keys


def _pattern(text: str) -> str:
    if not text or not text.isprintable():
        raise Wrong(quoted(text), 'the name of a model, with * for any letters, as in "claude-*"')
    return text


def _listen_host(text: str, info: ValidationInfo) -> str:
    name = values.host(text)
    # An absent entry was wrong and is told already; an empty one is what this is about.
    if not values.is_loopback(name) and info.data.get("client_keys") == {}:
        raise Wrong(
            f"{quoted(text)}, which other machines can reach",
            '127.0.0.1, or keys for clients: client_keys = { laptop = "${POINTSMAN_KEY}" }',
        )
    return "127.0.0.1" if name == "localhost" else name


def _base_url(text: str, info: ValidationInfo) -> str:
    url = values.base_url(text)
    listen = _around(info).listen
    if listen is not None and values.is_self(url, listen):
        raise Wrong(f"{quoted(text)}, which is this proxy itself", "the provider's own address")
    return url


def _folder(text: str) -> str:
    want = "the path of a folder"
    if not text.strip() or not text.isprintable():
        raise Wrong(quoted(text), want)
    try:
        Path(text).expanduser()
    except RuntimeError:
        raise Wrong(f"{quoted(text)}, of a user whom nobody knows", want) from None
    return text


def _either_key(keys: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    one = info.data.get("key", "")  # absent: it was wrong, and is told already
    if one is None and not keys:
        raise Wrong("no key", 'key = "${NAME}" or keys = { label = "${NAME}" }')
    if one and keys:
        raise Wrong("both key and keys", "one of the two")
    return keys


Label = Annotated[str, AfterValidator(values.label)]
Host = Annotated[str, AfterValidator(values.host)]
Key = Annotated[str, AfterValidator(_key)]
Folder = Annotated[str, AfterValidator(_folder)]
WireName = Annotated[str, AfterValidator(_wire)]
ModelPattern = Annotated[str, AfterValidator(_pattern)]
HeaderName = Annotated[str, AfterValidator(values.header_name)]
HeaderValue = Annotated[str, AfterValidator(_header_value)]
Seconds = Annotated[
    float | None,
    Field(gt=0, le=86_400, allow_inf_nan=False),
    Want("a number of seconds, more than 0 and at most 86400"),
]
YesOrNo = Annotated[bool, Want("true or false")]
YesOrNoOrByModel = Annotated[bool | None, Want("true or false")]
_MAX_TOKENS_KEYS: Final[tuple[str, ...]] = get_args(MaxTokensKey)
_TOKENS: Final = "a whole number of tokens, at least 1"
_A_KEY: Final = 'text, as in "${NAME}"'
_KEYS: Final = 'a table, as in { label = "${NAME}" }'


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ServerTable(_Table):
    """`[server]`. The order matters: `host` looks at `client_keys`."""

    client_keys: Annotated[
        dict[Label, Key], AfterValidator(_client_keys), Want(_KEYS, _A_KEY, is_secret=True)
    ] = Field(default_factory=dict)
    host: Annotated[str, AfterValidator(_listen_host), Want('a host name, as in "127.0.0.1"')] = (
        "127.0.0.1"
    )
    port: Annotated[int, Field(ge=1, le=65535), Want("a whole number from 1 to 65535")] = 15721
    max_body_mib: Annotated[int, Field(ge=1, le=4096), Want("a whole number from 1 to 4096")] = 200
    allowed_hosts: Annotated[
        list[Host], Want('a list of host names, as in ["box.lan"]', "a host name")
    ] = Field(default_factory=list)


class LedgerTable(_Table):
    """`[ledger]`."""

    folder: Annotated[Folder | None, Want("the path of a folder")] = None


class ProviderTable(_Table):
    """`[providers.<name>]`. The order matters: `keys` looks at `key`."""

    wires: Annotated[
        list[WireName],
        AfterValidator(_wires),
        Want('a list of wire formats, as in ["anthropic"]', one_of(WIRE_NAMES)),
    ]
    base_url: Annotated[str, AfterValidator(_base_url), Want("an http:// or https:// address")]
    key: Annotated[Key | None, Want(_A_KEY, is_secret=True)] = None
    keys: Annotated[
        dict[Label, Key], AfterValidator(_either_key), Want(_KEYS, _A_KEY, is_secret=True)
    ] = Field(default_factory=dict, validate_default=True)
    headers: Annotated[
        dict[HeaderName, HeaderValue],
        AfterValidator(_headers),
        Want('a table, as in { x-title = "mine" }', "text", is_secret=True),
    ] = Field(default_factory=dict)
    enabled: YesOrNo = True
    # The rest is its dialect: the fields of `proxy.codec.Dialect`.
    reasoning_content: YesOrNo = False
    cache_breakpoints: YesOrNoOrByModel = None
    sampling: YesOrNoOrByModel = None
    max_output_tokens: Annotated[
        dict[ModelPattern, Annotated[int, Field(ge=1, le=2**31)]],
        Want('a table, as in { "claude-*" = 64000 }', _TOKENS),
    ] = Field(default_factory=dict)
    max_tokens_key: Annotated[MaxTokensKey, Want(one_of(_MAX_TOKENS_KEYS))] = (
        "max_completion_tokens"
    )
    json_schemas: YesOrNo = True


class LimitsTable(_Table):
    """`[limits.<app>]`: the fields of `proxy.routing.types.Limits`."""

    connect_s: Seconds = None
    first_byte_s: Seconds = None
    first_content_s: Seconds = None
    idle_s: Seconds = None
    keepalive_s: Seconds = None
    whole_s: Seconds = None
    total_s: Seconds = None
