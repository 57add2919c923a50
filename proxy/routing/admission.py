"""Whether a target may be asked at all, as breaker and cooldown see it."""

from typing import Literal

import msgspec


class Admission(msgspec.Struct, frozen=True):
    """Whether a target may be asked; `until_us` is when that may change, `None` if unknown.

    `why` is one word, as `cooling` or `breaker_open`; "" of a target that may be asked.
    """

    state: Literal["yes", "probe", "no"]  # "probe": this request would be the one trial
    why: str = ""
    until_us: int | None = None  # UTC microseconds


ADMITTED = Admission("yes")
