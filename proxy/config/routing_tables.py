"""What may stand in `[limits]`, `[breaker]`, `[cooling]`, `[[rules]]` and `[[activations]]`."""

from typing import Annotated, Final, get_args

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from proxy.config import times, values
from proxy.config.problems import Want, Wrong, one_of
from proxy.config.tables import (
    Count,
    Label,
    ManySeconds,
    ModelName,
    ModelPatterns,
    Seconds,
    SecondsOrNone,
    SecondsTable,
    Share,
    Table,
    YesOrNo,
    Zone,
    distinct,
    distinct_headers,
    known,
)
from proxy.routing.types import App

APPS: Final[tuple[App, ...]] = get_args(App)
TRIES: Final = 20


def _not_below_min(tokens: int, info: ValidationInfo) -> int:
    least = info.data.get("min_tokens")
    if least is not None and tokens < least:
        raise Wrong(str(tokens), f"at least min_tokens, which is {least}")
    return tokens


Glob = Annotated[str, AfterValidator(values.glob)]
RuleHeader = Annotated[str, AfterValidator(values.rule_header)]
AppName = Annotated[App, BeforeValidator(known(APPS))]
TimeOfDay = Annotated[str, AfterValidator(times.time_of_day)]
_AT_LEAST_NONE: Final = Field(ge=0, le=2**53)
_TOKENS: Final = Want("a whole number of tokens")
_TIMES: Final = 'a list of times of day, as in ["08:00"]'


class LimitsTable(SecondsTable):
    """`[limits.<app>]`."""

    max_attempts: Annotated[
        int | None, Field(ge=1, le=100), Want("a whole number from 1 to 100")
    ] = None
    max_repeats: Annotated[
        int | None, Field(ge=0, le=100), Want("a whole number from 0 to 100")
    ] = None
    max_wait_s: SecondsOrNone = None


class BreakerTable(Table):
    """`[breaker.<app>]`: fields of `proxy.routing.health.BreakerRules`."""

    failures: Count = None
    error_rate: Share = None
    min_requests: Count = None
    window_s: Seconds = None
    successes: Count = None
    open_s: Seconds = None
    max_open_s: Seconds = None
    probe_s: Seconds = None
    probe_after_s: SecondsOrNone = None


class CoolingTable(Table):
    """`[cooling.<failure>]`: the fields of `proxy.routing.failures.Cooling`."""

    first_s: ManySeconds = None
    max_s: ManySeconds = None


class RuleTable(Table):
    """`[[rules]]`: the fields of `proxy.routing.rules.Rule`."""

    name: Annotated[Label, Want("a name, as text")]
    queue: Annotated[str, Want("the name of a queue")]
    apps: Annotated[
        list[AppName] | None,
        Field(min_length=1),
        Want('a list of apps, as in ["claude"]', one_of(APPS)),
    ] = None
    models: ModelPatterns = None
    headers: Annotated[
        Annotated[dict[RuleHeader, Glob], AfterValidator(distinct_headers)] | None,
        Want('a table, as in { anthropic-beta = "*context-1m*" }', "text"),
    ] = None
    client_keys: Annotated[
        list[Glob] | None,
        Field(min_length=1),
        Want('a list of labels, as in ["laptop"]', "the label of a key of a client"),
    ] = None
    min_tokens: Annotated[int | None, _AT_LEAST_NONE, _TOKENS] = None
    max_tokens: Annotated[
        Annotated[int, AfterValidator(_not_below_min)] | None, _AT_LEAST_NONE, _TOKENS
    ] = None


class ActivationTable(Table):
    """`[[activations]]`: the fields of `proxy.routing.activation.Activation`."""

    provider: Annotated[str, Want("the name of a provider")]
    key: Annotated[str | None, Want("the label of one of its keys")] = None
    model: Annotated[ModelName, Want("the name of a model")]
    at: Annotated[
        list[TimeOfDay],
        Field(min_length=1),
        AfterValidator(distinct),
        Want(_TIMES, "a time of day, as text"),
    ]
    days: Annotated[
        Annotated[str, AfterValidator(times.days)] | None, Want("days, as in mon-fri")
    ] = None
    zone: Zone = "UTC"
    max_usd: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False), Want("USD, above 0")]
    tries: Annotated[
        int | None, Field(ge=1, le=TRIES), Want(f"a whole number from 1 to {TRIES}")
    ] = None
    enabled: YesOrNo = True
