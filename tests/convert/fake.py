"""A wire whose words are the middle's own, as JSON: what stands between codecs needs no more."""

import msgspec

from proxy.canonical.answer import Answer, Event, Finished
from proxy.canonical.request import Loss, Request
from proxy.codec import PLAIN, Codec, ModelLists, Read, ToolRules, Written
from proxy.sse import SseEvent
from proxy.wire import Location, decoded, required

ANYTHING = ToolRules(max_name_chars=1000, name_chars="\\s\\S", custom=True, namespaces=True)
STRICT = ToolRules(max_name_chars=32, name_chars="A-Za-z0-9_-")
HERE = Location("/fake", {})

_request = msgspec.json.Decoder(Request)
_answer = msgspec.json.Decoder(Answer)
_event = msgspec.json.Decoder(Event)


class FakeDecoder:
    """Holds `Finished` back to the end of the bytes, as a codec may."""

    def __init__(self) -> None:
        self.losses: list[Loss] = []
        self._finished: list[Event] = []

    def feed(self, event: SseEvent) -> list[Event]:
        said = decoded(_event, event.data)
        if isinstance(said, Finished):
            self._finished = [said]
            return []
        return [] if said is None else [said]

    def finish(self) -> list[Event]:
        return self._finished


class FakeEncoder:
    """Loses nothing but one thing, to be seen."""

    def __init__(self, request: Request) -> None:
        self.losses = [Loss("model", request.model, "the fake loses it")]

    def feed(self, event: Event) -> bytes:
        return b"data: " + msgspec.json.encode(event) + b"\n\n"

    def error_event(self, message: str) -> bytes:
        return b"data: " + msgspec.json.encode({"error": message}) + b"\n\n"


def fake_codec(name: str, rules: ToolRules) -> Codec:
    return Codec(
        name=name,
        tools=rules,
        read_request=lambda body, _: Read(required(_request, body), (Loss("read", name, "x"),)),
        write_request=lambda request, _=PLAIN: Written(
            "/fake", msgspec.json.encode(request), losses=(Loss("written", name, "x"),)
        ),
        read_answer=lambda body, _: decoded(_answer, body),
        write_answer=_write_answer,
        decoder=FakeDecoder,
        encoder=FakeEncoder,
        models=ModelLists("/fake", lambda _: None, lambda _: b"", lambda _: b""),
        read_count=lambda _: None,
        keeps_thinking=lambda _: True,
    )


def _write_answer(answer: Answer, request: Request, losses: list[Loss]) -> bytes:
    losses.append(Loss("model", request.model, "the fake loses it"))
    return msgspec.json.encode(answer)


CLIENT = fake_codec("client", ANYTHING)
PROVIDER = fake_codec("provider", STRICT)
