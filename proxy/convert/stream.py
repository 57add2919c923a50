"""An answer on its way from the wire of a provider to that of a client, streamed or whole."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from proxy.canonical.answer import Answer, Event, Finished
from proxy.canonical.fold import fold, unfold
from proxy.canonical.request import Loss
from proxy.codec import Codec, EventDecoder, EventEncoder
from proxy.convert.names import Names
from proxy.convert.request import Conversion
from proxy.errors import Broken
from proxy.relay import UNREADABLE
from proxy.sse import SseEvent, events
from proxy.wire import decoded

_any = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True, slots=True)
class ConvertedAnswer:
    """A whole answer or stream for the client, and what of the provider's is not in it."""

    body: bytes = field(repr=False)
    losses: tuple[Loss, ...] = ()


class StreamConversion:
    """One stream, converted as it comes.

    Attributes:
        finished: The end of the whole answer has gone to the client.
        broken: An event could not be read: an answer with a hole would be no answer.
    """

    def __init__(
        self, target_decoder: EventDecoder, names: Names, client_encoder: EventEncoder
    ) -> None:
        self.finished = False
        self.broken = False
        self._has_said = False
        self._decoder = target_decoder
        self._restorer = names.restorer()
        self._encoder = client_encoder

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What of the answer was not read, or not written for the client, so far."""
        return (*self._decoder.losses, *self._encoder.losses)

    def feed(self, block: bytes) -> bytes:
        """Return the client's events for the provider's whole events in `block`.

        Of a stream that the client is reading already, they are those up to the one that cannot
        be read, however it is cut.

        Raises:
            Broken: There is nothing to say before it, or it came before `block`.
        """
        if self.broken and block:
            raise Broken(UNREADABLE)
        said = []
        try:
            for event in events(block):
                if self.finished:
                    break
                said.append(self._said(_decoded(self._decoder, event)))
        except Broken:
            said.append(self.finish())  # it may be noise behind an end
            self.broken = not self.finished
            if self.broken and not (self._has_said and any(said)):
                raise
        out = b"".join(said)
        self._has_said = self._has_said or bool(out)
        return out

    def finish(self) -> bytes:
        """Return what was still held back, after a clean end of the provider's bytes."""
        return self._said(self._decoder.finish())

    def error_event(self, message: str) -> bytes:
        """Return the event that tells the client that the stream broke off."""
        return self._encoder.error_event(message)

    def _said(self, told: Iterable[Event]) -> bytes:
        blocks = []
        for event in told:
            if self.finished:
                break  # a second end would be a second answer to the client
            for restored in self._restorer.restored(event):
                blocks.append(self._encoder.feed(restored))
                self.finished = self.finished or isinstance(restored, Finished)
        return b"".join(blocks)


def _decoded(decoder: EventDecoder, event: SseEvent) -> list[Event]:
    told = decoder.feed(event)
    if not told and event.data[:1] == b"{" and decoded(_any, event.data) is None:
        raise Broken(UNREADABLE)
    return told


def convert_answer(
    source: Codec, target: Codec, conversion: Conversion, body: bytes
) -> ConvertedAnswer | None:
    """Convert a provider's whole answer; `None` if it is none of the wire `target`.

    Args:
        source: The client's.
        target: The provider's.
        conversion: Of the request that is answered.
        body: The provider's.
    """
    losses: list[Loss] = []
    answer = target.read_answer(body, losses)
    return None if answer is None else _whole(source, conversion, answer, losses)


def stream_of_whole(
    source: Codec, target: Codec, conversion: Conversion, body: bytes
) -> ConvertedAnswer | None:
    """Convert a provider's whole answer to a stream; `None` if it is none of `target`."""
    losses: list[Loss] = []
    answer = target.read_answer(body, losses)
    if answer is None:
        return None
    encoder = source.encoder(conversion.request)
    told = unfold(conversion.names.restored_answer(answer))
    stream = b"".join(encoder.feed(event) for event in told)
    return ConvertedAnswer(stream, (*losses, *encoder.losses))


def whole_of_stream(
    source: Codec, target: Codec, conversion: Conversion, stream: bytes
) -> ConvertedAnswer | None:
    """Convert all bytes of a provider's stream to a whole answer; `None` if it broke off."""
    decoder = target.decoder()
    told = [one for event in events(stream) for one in _decoded(decoder, event)]
    answer = fold([*told, *decoder.finish()])
    return None if answer is None else _whole(source, conversion, answer, decoder.losses)


def _whole(
    source: Codec, conversion: Conversion, answer: Answer, losses: list[Loss]
) -> ConvertedAnswer:
    """Write `answer`; `losses` are those of its reading."""
    restored = conversion.names.restored_answer(answer)
    body = source.write_answer(restored, conversion.request, losses)
    return ConvertedAnswer(body, tuple(losses))
