"""One refusal and what becomes of its request; every table of this folder is made of these."""

from typing import Any, NamedTuple

import msgspec

from proxy.canonical import Told
from proxy.mending import Mended, mended


class Case(NamedTuple):
    """`after` is the whole body that is sent instead, `lost` the paths of what was changed."""

    means: str
    wire: str
    words: str
    body: dict[str, Any]
    after: dict[str, Any]
    lost: list[str]
    status: int = 400
    error_type: str | None = "invalid_request_error"


def mend(case: Case, body: dict[str, Any] | None = None) -> Mended | None:
    told = Told(error_type=case.error_type, error_message=case.words)
    sent = msgspec.json.encode(case.body if body is None else body)
    return mended(case.wire, sent, case.status, told)


def check(case: Case, rule: str) -> None:
    result = mend(case)
    assert result is not None
    assert (result.rule, msgspec.json.decode(result.body)) == (rule, case.after)
    assert [loss.path for loss in result.losses] == case.lost
