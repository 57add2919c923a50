"""How an answer gets from a provider's wire to the client's: as it is, or converted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from proxy.canonical.request import Loss
from proxy.codec import Codec
from proxy.convert.relay import ConvertingRelay
from proxy.convert.request import Conversion
from proxy.convert.stream import StreamConversion, convert_answer
from proxy.relay import Relay
from proxy.upstream.headers import to_client
from proxy.wire import Wire

Headers = Sequence[tuple[bytes, bytes]]
JSON = (b"content-type", b"application/json")
SSE = (b"content-type", b"text/event-stream; charset=utf-8")


class Passage(Protocol):
    """What an attempt does with what its provider says."""

    def relay(self) -> Relay:
        """Return what carries one stream."""
        ...

    def whole(self, body: bytes) -> bytes | None:
        """Return the body of a whole answer for the client; `None` if it cannot be read."""
        ...

    def refusal(self, status: int, message: str | None, body: bytes) -> bytes:
        """Return the body of an error for the client."""
        ...

    def headers(self, provider: Headers, *, stream: bool) -> list[tuple[bytes, bytes]]:
        """Return the headers for the client."""
        ...

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be carried, so far."""
        ...


@dataclass(frozen=True, slots=True)
class Straight:
    """The same wire on both sides: nothing is changed."""

    wire: Wire

    def relay(self) -> Relay:
        """See `Passage`."""
        return Relay(self.wire.reader())

    def whole(self, body: bytes) -> bytes | None:
        """See `Passage`."""
        return body

    def refusal(self, status: int, message: str | None, body: bytes) -> bytes:
        """See `Passage`."""
        del status, message
        return body

    def headers(self, provider: Headers, *, stream: bool) -> list[tuple[bytes, bytes]]:
        """See `Passage`."""
        del stream
        return to_client(provider)

    @property
    def losses(self) -> tuple[Loss, ...]:
        """See `Passage`."""
        return ()


@dataclass(slots=True)
class Converted:
    """Another wire on each side; `client` and `provider` are the codecs of both."""

    client: Codec
    provider: Codec
    client_wire: Wire
    provider_wire: Wire
    conversion: Conversion = field(repr=False)
    _stream: StreamConversion | None = None
    _answer_losses: tuple[Loss, ...] = ()

    def relay(self) -> Relay:
        """See `Passage`."""
        decoder = self.provider.decoder()
        encoder = self.client.encoder(self.conversion.request)
        self._stream = StreamConversion(decoder, self.conversion.names, encoder)
        return ConvertingRelay(self.provider_wire.reader(), self._stream)

    def whole(self, body: bytes) -> bytes | None:
        """See `Passage`."""
        if self.conversion.request.counts_only:
            count = self.provider.read_count(body)
            write = self.client.write_count
            return None if count is None or write is None else write(count)
        answer = convert_answer(self.client, self.provider, self.conversion, body)
        if answer is None:
            return None
        self._answer_losses = answer.losses
        return answer.body

    def refusal(self, status: int, message: str | None, body: bytes) -> bytes:
        """See `Passage`."""
        said = message or body.decode(errors="replace")
        return self.client_wire.error(status, said or f"The provider answered {status}.")

    def headers(self, provider: Headers, *, stream: bool) -> list[tuple[bytes, bytes]]:
        """See `Passage`."""
        del provider  # its words are of its own wire
        counted = str(len(self.losses)).encode()
        return [SSE if stream else JSON, (b"x-pointsman-losses", counted)]

    @property
    def losses(self) -> tuple[Loss, ...]:
        """See `Passage`."""
        streamed = self._stream.losses if self._stream is not None else ()
        return self.conversion.losses + streamed + self._answer_losses
