"""What may stand in `[providers.<name>]` and in the tables in it."""

from typing import Annotated, Final, get_args

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from proxy.codec import MaxTokensKey
from proxy.config import times, values
from proxy.config.manner_tables import (
    AN_ENDPOINT,
    WIRE_NAMES,
    BodyTable,
    CaFile,
    DropHeaders,
    Endpoint,
    HeaderValue,
    OutboundProxy,
    SendKeyTable,
    Wire,
    WireName,
)
from proxy.config.problems import Want, Wrong, one_of, quoted
from proxy.config.tables import (
    A_KEY,
    KEYS,
    AttemptSecondsTable,
    Count,
    Key,
    Label,
    ModelName,
    ModelPattern,
    ModelPatterns,
    SecondsOrNone,
    Table,
    Tokens,
    Usd,
    YesOrNo,
    YesOrNoOrDefault,
    Zone,
    around,
    distinct,
    distinct_headers,
    known,
)
from proxy.routing.models import Tier
from proxy.routing.renaming import mismatch
from proxy.routing.types import Failure

_MAX_TOKENS_KEYS: Final[tuple[str, ...]] = get_args(MaxTokensKey)
_TOKENS: Final = "a whole number of tokens, at least 1"
_FAILURES: Final[tuple[str, ...]] = tuple(
    name for name in get_args(Failure) if name != "client_left"
)
_TIERS: Final[tuple[str, ...]] = get_args(Tier)
_CONDITIONS: Final = ("status", "type", "pattern")


def _wires(names: list[Wire]) -> list[Wire]:
    if not names:
        raise Wrong("an empty list", f"at least one of {', '.join(WIRE_NAMES)}")
    return distinct(names)


def _base_url(text: str, info: ValidationInfo) -> str:
    url = values.base_url(text)
    listen = around(info).listen
    if listen is not None and values.is_self(url, listen):
        raise Wrong(f"{quoted(text)}, which is this proxy itself", "the provider's own address")
    return url


def _either_key(keys: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    one = info.data.get("key", "")  # absent: it was wrong, and is told already
    if one is None and not keys:
        raise Wrong("no key", 'key = "${NAME}" or keys = { label = "${NAME}" }')
    if one and keys:
        raise Wrong("both key and keys", "one of the two")
    return keys


def _renames(names: dict[str, str]) -> dict[str, str]:
    for pattern, replacement in names.items():
        found = mismatch(pattern, replacement)
        if found is not None:
            want = 'as many *, as in { "claude-*" = "anthropic/claude-*" }'
            raise Wrong(f"{found} {quoted(pattern)}", want)
    return names


def _one_agent(text: str | None, info: ValidationInfo) -> str | None:
    if text is not None and "user-agent" in _header_names(info):
        raise Wrong("a user-agent under headers as well", "one of the two")
    return text


def _beside_headers(place: SendKeyTable, info: ValidationInfo) -> SendKeyTable:
    if place.header is not None and place.header.lower() in _header_names(info):
        raise Wrong(f"the header {quoted(place.header)} under headers as well", "one of the two")
    return place


def _header_names(info: ValidationInfo) -> set[str]:
    return {name.lower() for name in info.data.get("headers", ())}


def _endpoints(found: dict[Wire, str], info: ValidationInfo) -> dict[Wire, str]:
    spoken: list[str] = info.data.get("wires", [*found])
    for wire, text in found.items():
        if wire not in spoken:
            raise Wrong(f"one for {wire}, which is not in wires", one_of(spoken, wire))
        if ("{action}" in text) != (wire == "gemini"):
            only = "{action} for gemini, where it is generateContent or streamGenerateContent"
            raise Wrong(
                f"one for {wire} {'without' if wire == 'gemini' else 'with'} {{action}}", only
            )
    return found


def _with_a_limit(seconds: float | None, info: ValidationInfo) -> float | None:
    if seconds is not None and info.data.get("max_in_flight", 0) is None:
        raise Wrong("a wait without a limit", "max_in_flight as well")
    return seconds


TierName = Annotated[Tier, BeforeValidator(known(_TIERS))]
FailureName = Annotated[Failure, BeforeValidator(known(_FAILURES))]
HeaderName = Annotated[str, AfterValidator(values.header_name)]
WindowText = Annotated[str, AfterValidator(times.window)]


class BudgetTable(Table):
    """`budget`: what may be spent in a day and in a month."""

    daily_usd: Usd = None
    monthly_usd: Usd = None
    daily_tokens: Tokens = None
    monthly_tokens: Tokens = None


class LimitChangeTable(AttemptSecondsTable):
    """`[[providers.<name>.limits]]`."""

    models: ModelPatterns = None

    @model_validator(mode="after")
    def _says_something(self) -> "LimitChangeTable":
        if not self.given(*AttemptSecondsTable.model_fields):
            raise Wrong(
                "no limit", f"at least one of {', '.join(AttemptSecondsTable.model_fields)}"
            )
        return self


class FailureTable(Table):
    """`[[providers.<name>.failures]]`: a `proxy.routing.signals.UserRule`."""

    status: Annotated[
        list[Annotated[int, Field(ge=100, le=599)]] | None,
        Want("a list of statuses, as in [400]", "a status from 100 to 599"),
    ] = None
    type: Annotated[
        list[str] | None, Want('a list of types, as in ["overloaded_error"]', "text")
    ] = None
    pattern: Annotated[
        Annotated[str, AfterValidator(values.pattern)] | None, Want("a regular expression")
    ] = None
    is_: Annotated[FailureName, Field(alias="is"), Want(one_of(_FAILURES))]
    cool_s: SecondsOrNone = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> "FailureTable":
        if not (self.status or self.type or self.pattern):
            raise Wrong("no condition", f"at least one of {', '.join(_CONDITIONS)}")
        return self


class ProviderTable(Table):
    """`[providers.<name>]`. The order matters: `keys` looks at `key`, a wait at its limit."""

    wires: Annotated[
        list[WireName],
        AfterValidator(_wires),
        Want('a list of wire formats, as in ["anthropic"]', one_of(WIRE_NAMES)),
    ]
    base_url: Annotated[str, AfterValidator(_base_url), Want("an http:// or https:// address")]
    key: Annotated[Key | None, Want(A_KEY, is_secret=True)] = None
    keys: Annotated[
        dict[Label, Key], AfterValidator(_either_key), Want(KEYS, A_KEY, is_secret=True)
    ] = Field(default_factory=dict, validate_default=True)
    headers: Annotated[
        dict[HeaderName, HeaderValue],
        AfterValidator(distinct_headers),
        Want('a table, as in { x-title = "mine" }', "text", is_secret=True),
    ] = Field(default_factory=dict)
    user_agent: Annotated[
        HeaderValue | None, AfterValidator(_one_agent), Want("text", is_secret=True)
    ] = None
    drop_headers: DropHeaders = Field(default_factory=list)
    send_key: Annotated[
        SendKeyTable,
        AfterValidator(_beside_headers),
        Want('a table, as in { header = "x-token" }', tables=SendKeyTable),
    ] = SendKeyTable()
    endpoints: Annotated[
        dict[WireName, Endpoint],
        AfterValidator(_endpoints),
        Want(f'a table, as in {{ chat = "{AN_ENDPOINT}" }}', "a whole address", is_secret=True),
    ] = Field(default_factory=dict)
    outbound_proxy: OutboundProxy = None
    ca_file: CaFile = None
    body: Annotated[
        list[BodyTable],
        Want("tables, each as in [[providers.main.body]]", "a table", tables=BodyTable),
    ] = Field(default_factory=list)
    enabled: YesOrNo = True
    models: ModelPatterns = None
    rename: Annotated[
        dict[ModelPattern, str],
        AfterValidator(_renames),
        Want('a table, as in { "claude-*" = "anthropic/claude-*" }', "the name of a model"),
    ] = Field(default_factory=dict)
    tiers: Annotated[
        dict[TierName, ModelName],
        Want('a table, as in { haiku = "glm-4.5-air" }', "the name of a model"),
    ] = Field(default_factory=dict)
    windows: Annotated[
        list[WindowText],
        Want('a list of windows, as in ["mon-fri 22:00-06:00"]', "a window, as text"),
    ] = Field(default_factory=list)
    zone: Zone = "UTC"
    budget: Annotated[
        BudgetTable, Want("a table, as in { daily_usd = 20 }", tables=BudgetTable)
    ] = BudgetTable()
    price_factor: Annotated[
        float, Field(gt=0, le=1000, allow_inf_nan=False), Want("a number above 0, as in 0.3")
    ] = 1.0
    max_in_flight: Count = None
    max_wait_s: Annotated[SecondsOrNone, AfterValidator(_with_a_limit)] = None
    limits: Annotated[
        list[LimitChangeTable],
        Want("tables, each as in [[providers.main.limits]]", "a table", tables=LimitChangeTable),
    ] = Field(default_factory=list)
    failures: Annotated[
        list[FailureTable],
        Want("tables, each as in [[providers.main.failures]]", "a table", tables=FailureTable),
    ] = Field(default_factory=list)
    # The rest is its dialect: the fields of `proxy.codec.Dialect`.
    reasoning_content: YesOrNo = False
    cache_breakpoints: YesOrNoOrDefault = None
    sampling: YesOrNoOrDefault = None
    max_output_tokens: Annotated[
        dict[ModelPattern, Annotated[int, Field(ge=1, le=2**31)]],
        Want('a table, as in { "claude-*" = 64000 }', _TOKENS),
    ] = Field(default_factory=dict)
    max_tokens_key: Annotated[MaxTokensKey, Want(one_of(_MAX_TOKENS_KEYS))] = (
        "max_completion_tokens"
    )
    json_schemas: YesOrNo = True
    web_search: YesOrNo = False
