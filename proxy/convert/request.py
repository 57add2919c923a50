"""A request on its way from the wire of a client to that of a provider."""

from dataclasses import dataclass

import msgspec

from proxy.canonical.request import Loss, Request
from proxy.codec import Codec, Written
from proxy.convert.effort import with_effort, with_thinking_suffix
from proxy.convert.names import Names
from proxy.convert.settle import settled
from proxy.convert.tools import fit
from proxy.wire import Location


@dataclass(frozen=True, slots=True)
class Conversion:
    """One request, converted.

    Attributes:
        request: As the client sent it: what it is answered by.
        written: For the provider.
        names: The way back for the calls in the answer.
        losses: What could not be carried, from reading to writing.
    """

    request: Request
    written: Written
    names: Names
    losses: tuple[Loss, ...]


def convert_request(
    source: Codec, target: Codec, body: bytes, location: Location, model: str | None
) -> Conversion:
    """Convert a client's request of `source` to one for a provider of `target`.

    Args:
        source: The client's.
        target: The provider's.
        body: The client's.
        location: Where it came to.
        model: What to ask for, as it stands; as the client said if `None`.

    Raises:
        ClientError: 400, the request cannot be read.
    """
    read = source.read_request(body, location)
    tidy = settled(_asked(read.request, model), target.name)
    fitted = fit(tidy.request, target.tools, target.name)
    written = target.write_request(fitted.request)
    losses = read.losses + tidy.losses + fitted.losses + written.losses
    return Conversion(read.request, written, fitted.names, losses)


def _asked(request: Request, model: str | None) -> Request:
    request = with_thinking_suffix(request)
    return msgspec.structs.replace(
        request,
        model=request.model if model is None else model,
        reasoning=with_effort(request.reasoning, request.max_output_tokens),
    )
