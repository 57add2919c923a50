"""What is lost is named, and never quoted: no text of a conversation gets into the ledger."""

import base64
from itertools import permutations

import msgspec
import pytest

from proxy.canonical.answer import Answer
from proxy.canonical.fold import unfold
from proxy.canonical.parts import (
    Citation,
    Media,
    Opaque,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from proxy.canonical.request import (
    Format,
    Loss,
    Reasoning,
    Request,
    Sampling,
    Tool,
    ToolChoice,
    Turn,
)
from proxy.canonical.search import Place, WebSearch
from proxy.codec import PLAIN, Codec, Dialect
from proxy.convert.names import Names
from proxy.convert.request import Conversion, Wanted, convert_request
from proxy.convert.stream import StreamConversion, convert_answer
from proxy.wire import Location
from proxy.wires import CODECS

SAID = "canary"
HELD = base64.b64encode(SAID.encode() * 3).decode()
QUOTED = {SAID, HELD, HELD.rstrip("=")}
SCHEMA = msgspec.json.encode(
    {"type": "object", "properties": {SAID: {"const": SAID}}, "description": SAID}
).decode()
OLD = Dialect(json_schemas=False, reasoning_content=True, sampling=False, web_search=True)
SEARCH = WebSearch(allowed_domains=(SAID,), user_location=Place(SAID), context_size="low")
PAIRS = [*permutations(CODECS, 2)]
each_pair = pytest.mark.parametrize(
    ("client", "provider"), PAIRS, ids=[f"{client} on {provider}" for client, provider in PAIRS]
)


def media() -> tuple[Media, ...]:
    return (
        Media(kind="image", media_type="image/x", data=HELD, detail="high", title=SAID),
        Media(kind="document", media_type="application/pdf", data=HELD, title=SAID),
        Media(kind="document", url=f"https://a.example/{SAID}", title=SAID),
        Media(kind="text", media_type="text/plain", data=SAID, title=SAID),
    )


def asked(wire: str) -> Request:
    """Return a request that says the same thing everywhere, tokens of other wires among it."""
    tokens = [Opaque(issuer, HELD, "id") for issuer in CODECS]
    thoughts = tuple(Thinking(text=SAID, opaque=token) for token in tokens)
    calls = (
        ToolCall(id="c1", name="look", arguments=f'["{SAID}"]', opaque=tokens[0]),
        ToolCall(id="c2", name="edit", arguments=SAID, custom=wire in {"chat", "responses"}),
    )
    results = tuple(
        ToolResult(call_id=name, parts=(Text(text=SAID), *media()), is_error=True)
        for name in ("c1", "c2", "c3")
    )
    return Request(
        model="a-model",
        turns=(
            Turn(role="user", parts=(Text(text=SAID, cache_until="1h"), *media())),
            Turn(role="assistant", parts=(*thoughts, Text(text=SAID), *calls)),
            Turn(role="user", parts=results),
            Turn(role="system", parts=(Text(text=SAID),)),
            Turn(role="assistant", parts=(Refusal(text=SAID), Thinking(text=SAID, redacted=True))),
            Turn(role="user", parts=(Text(text=SAID),)),
        ),
        tools=(
            Tool(name="look", description=SAID, schema=SCHEMA, strict=True, cache_until="5m"),
            Tool(name="edit", description=SAID, custom=True, grammar=f'{{"definition":"{SAID}"}}'),
            Tool(name="web_search", server=f'"{SAID}"', wire="another", search=SEARCH),
        ),
        tool_choice=ToolChoice(mode="tool", name="edit", parallel=False),
        stop=(SAID,) * 6,
        sampling=Sampling(temperature=0.5, top_k=4, seed=1, answers=3, logprobs=True),
        reasoning=Reasoning(effort="minimal", budget_tokens=7, shown=True),
        format=Format(schema=SCHEMA, name=SAID, strict=True),
        user=SAID * 100,
        cache_key=SAID * 100,
        service_tier="odd",
        long_context=True,
    )


def check(losses: tuple[Loss, ...]) -> None:
    assert losses
    for loss in losses:
        said = msgspec.json.encode(loss).decode()
        assert not any(text in said for text in QUOTED), loss


def conversion(client: str, provider: str, dialect: Dialect) -> Conversion:
    written = CODECS[client].write_request(asked(client), dialect)
    check(written.losses)
    query = dict(pair.split("=") for pair in written.raw_query.split("&") if pair)
    location = Location(written.path, query)
    wanted = Wanted(dialect=dialect)
    return convert_request(CODECS[client], CODECS[provider], written.body, location, wanted)


@each_pair
@pytest.mark.parametrize("dialect", [PLAIN, OLD], ids=["as the vendor", "an old server"])
def test_losses_of_a_request(client: str, provider: str, dialect: Dialect) -> None:
    check(conversion(client, provider, dialect).losses)


def answer(provider: str) -> Answer:
    page = Citation(url=f"https://{SAID}.example", title=SAID, quote=SAID, start=0, end=2)
    cited = Text(text=SAID, citations=(page, Citation(title=SAID), Citation(quote=SAID)))
    token = Opaque(provider, HELD)
    return Answer(
        id="a",
        parts=(
            Thinking(text=SAID, opaque=token),
            cited,
            msgspec.structs.replace(cited, opaque=token),
            ToolCall(id="c", name="look", arguments=f'["{SAID}"', opaque=token),
            Refusal(text=SAID),
        ),
        stop="stop_sequence",
        stop_sequence=SAID,
    )


def heard(client: Codec, provider: Codec, said: Answer) -> tuple[Loss, ...]:
    request = asked(client.name)
    blank = Conversion(request, CODECS[provider.name].write_request(request), Names(), ())
    losses: list[Loss] = []
    body = provider.write_answer(said, request, losses)
    whole = convert_answer(client, provider, blank, body)
    assert whole is not None
    encoder = provider.encoder(request)
    stream = StreamConversion(provider.decoder(), Names(), client.encoder(request))
    for event in unfold(said):
        stream.feed(encoder.feed(event))
    return (*losses, *whole.losses, *encoder.losses, *stream.losses)


@each_pair
def test_losses_of_an_answer(client: str, provider: str) -> None:
    check(heard(CODECS[client], CODECS[provider], answer(provider)))
