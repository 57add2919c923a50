"""Why a candidate may not be asked. The first reason is told, the lasting ones first."""

from collections.abc import Mapping

from proxy.routing.asked import Asked, Queue
from proxy.routing.budgets import overrun
from proxy.routing.candidates import Candidate, Known
from proxy.routing.decision import Filter, Skipped
from proxy.routing.health import YES, Admission
from proxy.routing.pins import Pin
from proxy.routing.quotas import until_us, used_up
from proxy.routing.windows import is_open, opens_at

_BY_ADMISSION: Mapping[str, Filter] = {
    "cooling": "cooling",
    "breaker_open": "breaker_open",
    "probing": "probing",
}


def unfit(candidate: Candidate, asked: Asked, pin: Pin | None) -> Skipped | None:
    """Return why this target is not for this request, whatever the time; `None` if it is."""
    if not candidate.enabled:
        return Skipped(candidate.id, "disabled")
    wanted = (asked.provider, candidate.provider), (asked.credential, candidate.credential)
    other = next((name for name, own in wanted if name not in {None, own}), None)
    if other is not None:
        return Skipped(candidate.id, "not_selected", f"the request asks for {other}")
    if asked.wires is not None and asked.wires.isdisjoint(candidate.wires):
        return Skipped(candidate.id, "wrong_wire", f"it speaks {', '.join(candidate.wires)}")
    if not candidate.has_model:
        return Skipped(candidate.id, "no_such_model", f"it has no {candidate.model}")
    if "previous_response_id" in asked.bonds and pin and pin.issuers:
        issuer = pin.issuers[-1]
        if candidate.provider != issuer:
            return Skipped(candidate.id, "not_the_issuer", f"the answer before is with {issuer}")
    return None


def barred(candidate: Candidate, queue: Queue, known: Known, now_us: int) -> Skipped | None:
    """Return why nobody may use this target at this time; `None` if everybody may."""
    if not is_open(candidate.schedule, now_us):
        opens_us = opens_at(candidate.schedule, now_us)
        return Skipped(candidate.id, "window_closed", until_us=opens_us)
    names = (candidate.account, candidate.id)
    over = overrun(candidate.budgets, known.spent, now_us) if candidate.budgets else None
    if over is not None:
        return Skipped(candidate.id, "over_budget", over.why, over.until_us)
    quotas = [q for name in names for q in known.quotas.get(name, ())] if known.quotas else ()
    quota = used_up(quotas, now_us, queue.leave_at) if quotas else None
    if quota is not None:
        why = f"{quota.used:.0%} of {quota.name}"
        return Skipped(candidate.id, "over_quota", why, until_us(quota))
    for name in names if known.admissions else ():
        admission = known.admissions.get(name, YES)
        if admission.state == "no":
            return _not_admitted(candidate.id, admission)
    return None


def _not_admitted(name: str, admission: Admission) -> Skipped:
    by = _BY_ADMISSION.get(admission.why)
    if by is None:
        return Skipped(name, "not_admitted", admission.why, admission.until_us)
    return Skipped(name, by, until_us=admission.until_us)
