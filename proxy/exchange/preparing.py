"""What goes to one target: the client's request as it is, or converted to a wire it speaks."""

from proxy.convert.request import Wanted, converted
from proxy.exchange.attempt import Errand
from proxy.exchange.call import Call
from proxy.exchange.job import Job
from proxy.exchange.passage import Converted, Passage, Straight
from proxy.mending import without_foreign
from proxy.routing.types import Target
from proxy.upstream import Order
from proxy.upstream.address import address
from proxy.upstream.headers import across, to_provider
from proxy.wire import Wire
from proxy.wires import CODECS, WIRES


def wire_for(call: Call, target: Target) -> Wire | None:
    """Return the wire to speak to `target`: the client's if it can, else one to convert to.

    `None` if neither will do: a count that its wires cannot ask for. A list of models is asked
    for in any wire.
    """
    wires = target.provider.wires
    if call.route.wire.name in wires:
        return call.route.wire
    if call.route.endpoint == "count_tokens":
        counting = (name for name in wires if CODECS[name].write_count is not None)
        return WIRES.get(next(counting, ""))
    return WIRES[wires[0]]


def errand_for(job: Job, target: Target) -> Errand:
    """Return what to send to `target`, in which wire, and how the answer comes back.

    Raises:
        ClientError: 400, the request cannot be read as its wire demands.
    """
    order, wire, passage = _prepared(job, target)
    return Errand(
        target=target,
        order=order,
        wire=wire,
        passage=passage,
        ask=job.ask,
        generates=job.call.route.endpoint == "generate",
        limits=job.limits,
        deadline_us=job.deadline_us,
    )


def _prepared(job: Job, target: Target) -> tuple[Order, Wire, Passage]:
    call, provider, client_wire = job.call, target.provider, job.call.route.wire
    wire = wire_for(call, target) or client_wire
    credentials = wire.credentials(target.credential.secret)
    connect_s = job.limits.connect_s
    if wire is client_wire:
        url = address(provider.base_url, call.location.path, call.raw_query)
        headers = to_provider(call.headers, provider.headers, credentials)
        own = without_foreign(wire.name, job.body)
        body, losses = (job.body, ()) if own is None else (own.body, own.losses)
        order = Order(provider.name, call.method, url, headers, body, connect_s)
        return order, wire, Straight(wire, job.reading, losses)
    source, codec = job.reading.codec, CODECS[wire.name]
    conversion = converted(job.reading.read(), codec, Wanted(dialect=provider.dialect))
    written = conversion.written
    url = address(provider.base_url, written.path, written.raw_query)
    headers = across(call.headers, written.headers, provider.headers, credentials)
    order = Order(provider.name, "POST", url, headers, written.body, connect_s)
    return order, wire, Converted(source, codec, client_wire, wire, conversion)
