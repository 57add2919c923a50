"""What goes to one target: the client's request as it is, or converted to a wire it speaks."""

from functools import partial

from proxy.canonical.request import Loss
from proxy.convert.request import Wanted, converted
from proxy.exchange.attempt import Errand
from proxy.exchange.call import Call
from proxy.exchange.job import Job
from proxy.exchange.passage import Converted, Passage, Straight
from proxy.mending import without_foreign
from proxy.routing.failures import classify
from proxy.routing.types import Target
from proxy.upstream import Order
from proxy.upstream.address import address
from proxy.upstream.headers import across, to_provider
from proxy.wire import Wire
from proxy.wires import CODECS, WIRES


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
    del strip
    wire = wire_for(job.call, target)
    order, passage, given_up = _prepared(job, target, wire)
    own = job.network.failures.get(target.provider.name, ())
    return Errand(
        target=target,
        order=order,
        judge=partial(classify, own=own, actions=job.network.actions),
        wire=wire,
        passage=passage,
        ask=job.ask,
        model=target.model or job.ask.model,
        generates=job.generates,
        limits=job.network.limits(job.call.route.app, target),
        deadline_us=job.deadline_us,
        attempt_id=attempt_id,
        given_up=given_up,
    )


def _prepared(job: Job, target: Target, wire: Wire) -> tuple[Order, Passage, tuple[Loss, ...]]:
    call, provider = job.call, target.provider
    credentials = wire.credentials(target.credential.secret)
    connect_s = job.network.limits(call.route.app, target).connect_s
    if wire is call.route.wire:
        url = address(provider.base_url, call.location.path, call.raw_query)
        headers = to_provider(call.headers, provider.headers, credentials)
        own = without_foreign(wire.name, job.body)
        body, losses = (job.body, ()) if own is None else (own.body, own.losses)
        order = Order(provider.name, call.method, url, headers, body, connect_s)
        return order, Straight(wire, job.reading), losses
    source, codec = job.reading.codec, CODECS[wire.name]
    wanted = Wanted(target.model, provider.dialect)
    conversion = converted(job.reading.read(), codec, wanted)
    written = conversion.written
    url = address(provider.base_url, written.path, written.raw_query)
    headers = across(call.headers, written.headers, provider.headers, credentials)
    order = Order(provider.name, "POST", url, headers, written.body, connect_s)
    return order, Converted(source, codec, call.route.wire, wire, conversion), ()
