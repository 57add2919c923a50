"""What goes to one target: the client's request as it is, or converted to a wire it speaks."""

from proxy.convert.request import convert_request
from proxy.exchange.call import Call
from proxy.exchange.passage import Converted, Passage, Straight
from proxy.routing.types import Target
from proxy.upstream import Order
from proxy.upstream.address import address
from proxy.upstream.headers import across, to_provider
from proxy.wire import Wire
from proxy.wires import CODECS, WIRES


def wire_for(call: Call, target: Target) -> Wire | None:
    """Return the wire to speak to `target`: the client's if it can, else one to convert to.

    `None` if neither will do: a model list is not converted, nor a count that a wire cannot ask.
    """
    wires = target.provider.wires
    if call.route.wire.name in wires:
        return call.route.wire
    match call.route.endpoint:
        case "generate":
            return WIRES[wires[0]]
        case "count_tokens":
            counting = (name for name in wires if CODECS[name].write_count is not None)
            return WIRES.get(next(counting, ""))
        case _:
            return None


def prepare(
    call: Call, body: bytes, target: Target, connect_s: float
) -> tuple[Order, Wire, Passage]:
    """Return what to send to `target`, in which wire, and how the answer comes back.

    Raises:
        ClientError: 400, the request cannot be read as its wire demands.
    """
    provider, client_wire = target.provider, call.route.wire
    wire = wire_for(call, target) or client_wire
    credentials = wire.credentials(target.credential.secret)
    if wire is client_wire:
        url = address(provider.base_url, call.location.path, call.raw_query)
        headers = to_provider(call.headers, provider.headers, credentials)
        order = Order(provider.name, call.method, url, headers, body, connect_s)
        return order, wire, Straight(wire)
    source, codec = CODECS[client_wire.name], CODECS[wire.name]
    conversion = convert_request(source, codec, body, call.location, None)
    written = conversion.written
    url = address(provider.base_url, written.path, written.raw_query)
    headers = across(call.headers, written.headers, provider.headers, credentials)
    order = Order(provider.name, "POST", url, headers, written.body, connect_s)
    return order, wire, Converted(source, codec, client_wire, wire, conversion)
