"""What goes to one target: the client's request as it is, or converted to a wire it speaks."""

from dataclasses import dataclass, replace
from functools import partial

import msgspec

from proxy.canonical.request import Loss
from proxy.convert.marker import LONG_CONTEXT
from proxy.convert.request import Wanted, converted
from proxy.exchange.call import Call
from proxy.exchange.errand import Errand
from proxy.exchange.job import Job
from proxy.exchange.passage import Converted, Passage, Straight
from proxy.mending import Mended, without_foreign, without_thinking
from proxy.routing.failures import classify
from proxy.routing.types import Limits, Target
from proxy.upstream import Order
from proxy.upstream.address import address
from proxy.upstream.headers import across, to_provider
from proxy.upstream.manner import for_an_answer, in_manner
from proxy.wire import Wire
from proxy.wires import CODECS, WIRES

ASIDE_S = (
    20.0  # of a count or a list: for the one there is an estimate, for the other a person waits
)


def wires_for(call: Call) -> frozenset[str] | None:
    """Return the wires in which `call` can be served; `None` if in any.

    A count is asked for where a wire can: in others it would have to be an answer.
    """
    if call.route.endpoint != "count_tokens":
        return None
    return frozenset(name for name, codec in CODECS.items() if codec.write_count is not None)


def wire_for(call: Call, target: Target) -> Wire:
    """Return the wire to speak to `target`: the client's if it can, else one to convert to."""
    wires, own = target.provider.wires, call.route.wire
    if own.name in wires:
        return own
    able = wires_for(call)
    return WIRES[next(name for name in wires if able is None or name in able)]


def errand_for(job: Job, target: Target, attempt_id: str, *, strip: bool = False) -> Errand:
    """Return what to send to `target`, in which wire, and how the answer comes back.

    Args:
        job: The request.
        target: Where it goes.
        attempt_id: Of the attempt that this is for.
        strip: Whether it must not hold what only another provider can read.

    Raises:
        ClientError: 400, the request cannot be read as its wire demands.
    """
    wire = wire_for(job.call, target)
    limits = _limits(job, target)
    if wire is job.call.route.wire:
        sendable = _straight(job, target, limits.connect_s)
    else:
        sendable = _across(job, target, wire, limits.connect_s)
    if strip:
        sendable = sendable.after(without_thinking(wire.name, sendable.order.body))
    own = job.network.failures.get(target.provider.name, ())
    return Errand(
        target=target,
        order=_in_manner(job, target, wire, sendable.order),
        judge=partial(classify, own=own, actions=job.network.actions),
        wire=wire,
        passage=sendable.passage,
        ask=job.ask if job.generates else msgspec.structs.replace(job.ask, stream=False),
        model=target.model or job.ask.model,
        generates=job.generates,
        limits=limits,
        deadline_us=job.deadline_us,
        hold_max_bytes=_hold_max_bytes(job),
        attempt_id=attempt_id,
        given_up=sendable.given_up,
    )


def _in_manner(job: Job, target: Target, wire: Wire, order: Order) -> Order:
    """Return `order` as the user's file wants it for this provider."""
    manner = target.provider.manner
    if manner is None:
        return order
    if job.generates:
        order = for_an_answer(order, manner, wire.name, target.model or job.ask.model)
    usual = wire.credentials(target.credential.secret)
    return in_manner(order, target.provider, target.credential, usual)


def _limits(job: Job, target: Target) -> Limits:
    limits = job.network.limits(job.call.route.app, target)
    return limits if job.generates else replace(limits, whole_s=min(limits.whole_s, ASIDE_S))


def _hold_max_bytes(job: Job) -> int | None:
    """Return how much of a stream may be held until it is whole; `None` where it is not held."""
    if job.queue.delivery != "buffered" or not job.generates:
        return None
    return job.queue.held_max_mib * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Sendable:
    order: Order
    passage: Passage
    given_up: tuple[Loss, ...] = ()

    def after(self, change: Mended | None) -> "_Sendable":
        """Return it with the body that `change` made, if it made one."""
        if change is None:
            return self
        order = replace(self.order, body=change.body)
        return _Sendable(order, self.passage, self.given_up + change.losses)


def _straight(job: Job, target: Target, connect_s: float) -> _Sendable:
    """Return the client's bytes, but for the model if another one is to be asked for."""
    call, provider, wire = job.call, target.provider, job.call.route.wire
    body, location = job.body, call.location
    if target.model is not None and target.model != _named(job.ask.model):
        located = wire.with_model(body, location, target.model)
        body, location = located.body, located.location
    url = address(provider.base_url, location.path, call.raw_query)
    credentials = wire.credentials(target.credential.secret)
    headers = to_provider(call.headers, provider.headers, credentials)
    order = Order(provider.name, call.method, url, headers, body, connect_s)
    sendable = _Sendable(order, Straight(wire, job.reading))
    if not job.wish.bonds:  # whatever holds tokens of others is one
        return sendable
    return sendable.after(without_foreign(wire.name, body))


def _across(job: Job, target: Target, wire: Wire, connect_s: float) -> _Sendable:
    """Return the request in the words of another wire."""
    call, provider = job.call, target.provider
    source, codec = job.reading.codec, CODECS[wire.name]
    wanted = Wanted(target.model, provider.dialect)
    conversion = converted(job.reading.read(), codec, wanted)
    written = conversion.written
    url = address(provider.base_url, written.path, written.raw_query)
    credentials = wire.credentials(target.credential.secret)
    headers = across(call.headers, written.headers, provider.headers, credentials)
    order = Order(provider.name, "POST", url, headers, written.body, connect_s)
    return _Sendable(order, Converted(source, codec, call.route.wire, wire, conversion))


def _named(model: str | None) -> str | None:
    """Return the model without the mark of a long context, which goes where the client says it."""
    if model is None or not model.lower().endswith(LONG_CONTEXT):
        return model
    return model[: -len(LONG_CONTEXT)]
