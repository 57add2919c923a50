"""How an answer gets from a provider's wire to the client's: as it is, or converted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from proxy.canonical.request import Loss
from proxy.codec import Codec, Written
from proxy.convert.names import Names
from proxy.convert.relay import ConvertingRelay
from proxy.convert.request import Conversion
from proxy.convert.stream import (
    ConvertedAnswer,
    StreamConversion,
    convert_answer,
    stream_of_whole,
    whole_of_stream,
)
from proxy.errors import ClientError
from proxy.exchange.reading import Reading
from proxy.relay import Relay
from proxy.upstream.headers import to_client
from proxy.wire import Wire

Headers = Sequence[tuple[bytes, bytes]]
Form = Literal["whole", "stream"]
JSON = (b"content-type", b"application/json")
SSE = (b"content-type", b"text/event-stream; charset=utf-8")


class Passage(Protocol):
    """What an attempt does with what its provider says."""

    def relay(self) -> Relay:
        """Return what carries one stream as it comes."""
        ...

    def complete(self, body: bytes, came: Form, wanted: Form) -> bytes | None:
        """Return for the client an answer that is here as a whole; `None` if it cannot be read."""
        ...

    def refusal(self, status: int, message: str | None, body: bytes) -> bytes:
        """Return the body of an error for the client."""
        ...

    def too_long(self, message: str) -> str:
        """Return an error's message, which says that the conversation is too long."""
        ...

    def headers(self, provider: Headers, form: Form) -> list[tuple[bytes, bytes]]:
        """Return the headers for the client, of an answer that goes out in `form`."""
        ...

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be carried, so far."""
        ...


@dataclass(slots=True)
class Straight:
    """The same wire on both sides: nothing is changed but what is of no use to the provider.

    Some providers stream what was asked for as a whole, or the other way round; then the
    codec says the same answer in the form that the client can read.
    """

    wire: Wire
    reading: Reading = field(repr=False)
    _reshaping: "Converted | None" = None

    def relay(self) -> Relay:
        """See `Passage`."""
        return Relay(self.wire.reader())

    def complete(self, body: bytes, came: Form, wanted: Form) -> bytes | None:
        """See `Passage`."""
        if came == wanted:
            return body
        codec = self.reading.codec
        try:
            request = self.reading.read().request
        except ClientError:
            return None  # the provider took what we cannot read: so we cannot answer it either
        conversion = Conversion(request, Written("", b""), Names(), ())
        self._reshaping = Converted(codec, codec, self.wire, self.wire, conversion)
        return self._reshaping.complete(body, came, wanted)

    def refusal(self, status: int, message: str | None, body: bytes) -> bytes:
        """See `Passage`."""
        del status, message
        return body

    def too_long(self, message: str) -> str:
        """See `Passage`."""
        return message

    def headers(self, provider: Headers, form: Form) -> list[tuple[bytes, bytes]]:
        """See `Passage`."""
        kept = to_client(provider)
        if self._reshaping is None:
            return kept
        told = self._reshaping.headers((), form)
        return [*(header for header in kept if header[0] != b"content-type"), *told]

    @property
    def losses(self) -> tuple[Loss, ...]:
        """See `Passage`."""
        return () if self._reshaping is None else self._reshaping.losses


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

    def complete(self, body: bytes, came: Form, wanted: Form) -> bytes | None:
        """See `Passage`."""
        if self.conversion.request.counts_only:
            count = self.provider.read_count(body)
            write = self.client.write_count
            return None if count is None or write is None else write(count)
        answer = self._answer(body, came, wanted)
        if answer is None:
            return None
        self._answer_losses = answer.losses
        return answer.body

    def _answer(self, body: bytes, came: Form, wanted: Form) -> ConvertedAnswer | None:
        if came == "stream":
            return whole_of_stream(self.client, self.provider, self.conversion, body)
        convert = convert_answer if wanted == "whole" else stream_of_whole
        return convert(self.client, self.provider, self.conversion, body)

    def refusal(self, status: int, message: str | None, body: bytes) -> bytes:
        """See `Passage`."""
        said = message or body.decode(errors="replace")
        return self.client_wire.error(status, said or f"The provider answered {status}.")

    def too_long(self, message: str) -> str:
        """See `Passage`."""
        known = self.client_wire.too_long
        return message if known in message.lower() else f"{known}: {message}"

    def headers(self, provider: Headers, form: Form) -> list[tuple[bytes, bytes]]:
        """See `Passage`."""
        del provider  # its words are of its own wire
        counted = str(len(self.losses)).encode()
        return [SSE if form == "stream" else JSON, (b"x-pointsman-losses", counted)]

    @property
    def losses(self) -> tuple[Loss, ...]:
        """See `Passage`."""
        streamed = self._stream.losses if self._stream is not None else ()
        return self.conversion.losses + streamed + self._answer_losses
