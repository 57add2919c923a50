"""Ask the same provider once more, without what it named in its refusal."""

from dataclasses import replace

from proxy.exchange.attempt import LiveAttempt
from proxy.exchange.errand import Errand
from proxy.mending import mended


def mended_errand(attempt: LiveAttempt, attempt_id: str) -> Errand | None:
    """Return what to send after this refusal; `None` if no rule helps, or one has been tried."""
    errand, row = attempt.errand, attempt.row
    if not errand.generates or errand.mended is not None or row.failure is None:
        return None
    if row.status is None or not 400 <= row.status < 500:  # noqa: PLR2004  # HTTP's border
        return None
    better = mended(errand.wire.name, errand.order.body, row.status, row.told)
    if better is None:
        return None
    order = replace(errand.order, body=better.body)
    return replace(
        errand,
        order=order,
        mended=better.rule,
        given_up=errand.given_up + better.losses,
        attempt_id=attempt_id,
    )
