"""What may stand in `[queues]` and `[pins]`."""

from typing import Annotated, Final, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from proxy.config.problems import Want, Wrong, one_of
from proxy.config.tables import (
    Count,
    ManySeconds,
    ModelName,
    Seconds,
    SecondsOrNone,
    Share,
    Table,
    YesOrNo,
    YesOrNoOrDefault,
    known,
)
from proxy.routing.asked import Delivery
from proxy.routing.policies import POLICIES

DELIVERIES: Final[tuple[Delivery, ...]] = get_args(Delivery)
TARGETS: Final = 'a list of at least one provider, as in ["main"]'


class TargetTable(Table):
    """One of a queue's `targets`; a name alone stands for `{ provider = name }`."""

    provider: Annotated[str, Want("the name of a provider")]
    key: Annotated[str | None, Want("the label of one of its keys")] = None
    model: Annotated[ModelName | None, Want("the name of a model")] = None
    level: Annotated[int | None, Field(ge=0, le=1000), Want("a whole number from 0 to 1000")] = None
    weight: Annotated[
        float, Field(ge=0, le=1e6, allow_inf_nan=False), Want("a number from 0 to 1000000")
    ] = 1.0
    backup: YesOrNo = False


class QueueTable(Table):
    """`[queues.<name>]`: the fields of `proxy.routing.asked.Queue`."""

    targets: Annotated[list[object], Field(min_length=1), Want(TARGETS)]
    policy: Annotated[str | None, BeforeValidator(known([*POLICIES])), Want(one_of(POLICIES))] = (
        None
    )
    sticky: YesOrNoOrDefault = None
    leave_quota_at: Share = None
    explore: Annotated[
        float | None, Field(ge=0, le=1, allow_inf_nan=False), Want("a number from 0 to 1")
    ] = None
    delivery: Annotated[
        Delivery | None, BeforeValidator(known(DELIVERIES)), Want(one_of(DELIVERIES))
    ] = None
    held_max_mib: Annotated[
        int | None, Field(ge=1, le=1024), Want("a whole number from 1 to 1024")
    ] = None


def _slow_factor(factor: float) -> float:
    if 0 < factor < 1:
        raise Wrong(f"{factor:g}, with which the fastest would be slow", "0, or at least 1")
    return factor


class PinsTable(Table):
    """`[pins]`: the fields of `proxy.routing.pins.PinRules`."""

    ttl_s: Seconds = None
    long_ttl_s: Seconds = None
    return_after_s: SecondsOrNone = None
    move_after_s: SecondsOrNone = None
    move_after_departures: Count = None
    recheck_s: SecondsOrNone = None
    slow_factor: Annotated[
        Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False), AfterValidator(_slow_factor)]
        | None,
        Want("0, or a number from 1 to 1000"),
    ] = None
    slow_floor_ms: Annotated[
        float | None,
        Field(ge=0, le=3_600_000, allow_inf_nan=False),
        Want("a number of milliseconds from 0 to 3600000"),
    ] = None
    max_switch_spend_pct: Annotated[
        float | None,
        Field(ge=0, le=10_000, allow_inf_nan=False),
        Want("a number of percent from 0 to 10000"),
    ] = None
    remember_s: ManySeconds = None
    max_pins: Annotated[
        int | None, Field(ge=1, le=1_000_000), Want("a whole number from 1 to 1000000")
    ] = None
