"""A request on its way from the wire of a client to that of a provider."""

from dataclasses import dataclass

import msgspec

from proxy.canonical.request import Loss, Request
from proxy.codec import PLAIN, Codec, Dialect, Read, Written
from proxy.convert.caching import with_marks
from proxy.convert.effort import with_effort
from proxy.convert.marker import without_markers
from proxy.convert.names import Names
from proxy.convert.settle import settled
from proxy.convert.tools import fit
from proxy.wire import Location


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the provider is to be asked.

    Attributes:
        model: What to ask for; as the client said if `None`.
        dialect: The provider's.
    """

    model: str | None = None
    dialect: Dialect = PLAIN


AS_ASKED = Wanted()


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
    source: Codec, target: Codec, body: bytes, location: Location, wanted: Wanted = AS_ASKED
) -> Conversion:
    """Convert a client's request of `source` to one for a provider of `target`.

    Args:
        source: The client's.
        target: The provider's.
        body: The client's.
        location: Where it came to.
        wanted: How the provider is to be asked.

    Raises:
        ClientError: 400, the request cannot be read.
    """
    return converted(source.read_request(body, location), target, wanted)


def converted(read: Read, target: Codec, wanted: Wanted = AS_ASKED) -> Conversion:
    """Convert a request that was read to one for a provider of `target`."""
    dialect = wanted.dialect
    keeps = target.keeps_thinking(dialect)
    tidy = settled(_asked(read.request, wanted), target.name, keeps_unsigned_thinking=keeps)
    marked = with_marks(tidy.request) if target.caches_marked_only else tidy.request
    fitted = fit(marked, target.tools, target.name, carries_search=dialect.web_search)
    written = target.write_request(fitted.request, dialect)
    losses = read.losses + tidy.losses + fitted.losses + written.losses
    return Conversion(read.request, written, fitted.names, losses)


def _asked(request: Request, wanted: Wanted) -> Request:
    request = without_markers(request, wanted.model)
    reasoning = with_effort(request.reasoning, request.max_output_tokens)
    return msgspec.structs.replace(request, reasoning=reasoning)
