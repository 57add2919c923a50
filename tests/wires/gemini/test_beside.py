"""What answers hold besides text, calls and thinking: citations, and what is a loss."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical.answer import Answer, Event
from proxy.canonical.fold import fold, unfold
from proxy.canonical.parts import Citation, Media, Opaque, Part, Text, Thinking, ToolCall
from proxy.canonical.request import Loss, Request
from proxy.sse import events
from proxy.wires.gemini.codec import GEMINI_CODEC as CODEC
from proxy.wires.gemini.utf8 import Utf8

Json = dict[str, Any]
ASKED = Request(model="m", turns=())
PLACE = "no place for it in other wires"
SHAPE = "its shape is not known"
AT = "candidates[0].content.parts"
GROUNDING = "candidates[0].groundingMetadata"
WEB = {"web": {"uri": "https://a.example", "title": "A"}}
CALL = {"functionCall": {"name": "f", "id": "c", "args": {}}}
CALLED = ToolCall(id="c", name="f", arguments="{}")


def support(start: int | None, end: int | None, *chunks: int, part: int | None = None) -> Json:
    segment = {"startIndex": start, "endIndex": end, "partIndex": part}
    known = {key: value for key, value in segment.items() if value is not None}
    return {"segment": known, "groundingChunkIndices": list(chunks)}


def page(start: int | None, end: int | None) -> Citation:
    return Citation(url="https://a.example", title="A", start=start, end=end)


ANSWERS = [
    pytest.param(
        [{"text": "hm", "thought": True}, {"text": "Größe: "}, {"text": "groß."}],
        {
            "groundingMetadata": {
                "groundingChunks": [WEB, {"web": {"uri": "https://b", "domain": "b"}}],
                "groundingSupports": [
                    support(None, 7, 0),
                    {**support(9, 14, 0, 1), "confidenceScores": [0.9, 0.8]},
                ],
                "webSearchQueries": ["groß"],
                "searchEntryPoint": {"renderedContent": "<div>"},
            }
        },
        (
            Thinking(text="hm"),
            Text(
                text="Größe: groß.",
                citations=(page(0, 5), page(7, 11), Citation(url="https://b", start=7, end=11)),
            ),
        ),
        [
            Loss(f"{GROUNDING}.webSearchQueries", "webSearchQueries", PLACE),
            Loss(f"{GROUNDING}.searchEntryPoint", "searchEntryPoint", PLACE),
            Loss(f"{GROUNDING}.groundingChunks.domain", "domain", PLACE),
            Loss(f"{GROUNDING}.groundingSupports.confidenceScores", "confidenceScores", PLACE),
        ],
        id="bytes become characters, behind a thought",
    ),
    pytest.param(
        [{"text": "a"}],
        {
            "groundingMetadata": {
                "groundingChunks": [
                    {"retrievedContext": {"title": "Notes.pdf", "text": "Blue."}},
                    {"maps": {"uri": "https://m", "title": "Here", "placeId": "p"}},
                    {"image": {"sourceUri": "https://i", "imageUri": "https://i/i.png"}},
                    {"odd": {"uri": "x"}},
                ]
            }
        },
        (
            Text(
                text="a",
                citations=(
                    Citation(title="Notes.pdf", quote="Blue."),
                    Citation(url="https://m", title="Here"),
                    Citation(url="https://i"),
                ),
            ),
        ),
        [
            Loss(f"{GROUNDING}.groundingChunks.placeId", "placeId", PLACE),
            Loss(f"{GROUNDING}.groundingChunks.imageUri", "imageUri", PLACE),
            Loss(GROUNDING, "citation", "it names no source"),
        ],
        id="sources of all kinds, which support nothing in particular",
    ),
    pytest.param(
        [{"text": "a"}, CALL, {"text": "bc"}],
        {
            "groundingMetadata": {
                "groundingChunks": [WEB],
                "groundingSupports": [
                    support(0, 1, 0),
                    support(0, 1, 0, part=2),
                    support(2, 3, 0),
                    support(90, 99, 0, 7),
                    {"segment": 5},
                ],
            }
        },
        (
            Text(text="a", citations=(page(0, 1),)),
            CALLED,
            Text(text="bc", citations=(page(0, 1), page(1, 2), page(2, 2))),
        ),
        [Loss(GROUNDING, "groundingSupports", SHAPE)],
        id="of a part by its number, in all texts, and beyond them",
    ),
    pytest.param(
        [{"text": "aéb"}],
        {
            "citationMetadata": {
                "citations": [
                    {"startIndex": 1, "endIndex": 3, "uri": "https://a", "license": "mit"},
                    {"endIndex": 1},
                ]
            }
        },
        (Text(text="aéb", citations=(Citation(url="https://a", start=1, end=2),)),),
        [
            Loss("candidates[0].citationMetadata.citations.license", "license", PLACE),
            Loss("candidates[0].citationMetadata", "citation", "it names no source"),
        ],
        id="quotations",
    ),
    pytest.param(
        [
            {"executableCode": {"language": "PYTHON", "code": "1"}},
            {"codeExecutionResult": {"outcome": "OUTCOME_OK"}, "thoughtSignature": "c2ln"},
            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
            {"executableCode": {"language": "PYTHON", "code": "2"}},
            5,
            {"fileData": {"fileUri": "https://f"}},
        ],
        {"avgLogprobs": -0.1, "logprobsResult": {"topCandidates": [{}]}, "safetyRatings": []},
        (
            Text(text="", opaque=Opaque("gemini", "c2ln")),
            Media(kind="image", media_type="image/png", data="AAAA"),
        ),
        [
            Loss(f"{AT}[0].executableCode", "executableCode", PLACE),
            Loss(f"{AT}[1].codeExecutionResult", "codeExecutionResult", PLACE),
            Loss(f"{AT}[3].executableCode", "executableCode", PLACE),
            Loss(f"{AT}[4]", "part", SHAPE),
            Loss(f"{AT}[5].fileData", "fileData", PLACE),
            Loss("candidates[0].avgLogprobs", "avgLogprobs", PLACE),
            Loss("candidates[0].logprobsResult", "logprobsResult", PLACE),
        ],
        id="code that ran at the provider, an image, and probabilities",
    ),
    pytest.param(
        [CALL],
        {
            "groundingMetadata": {"groundingChunks": [WEB]},
            "citationMetadata": {"citationSources": [{"uri": "u"}]},
            "urlContextMetadata": {"urlMetadata": [{}]},
        },
        (CALLED,),
        [
            Loss("candidates[0].urlContextMetadata", "urlContextMetadata", PLACE),
            Loss(GROUNDING, "groundingChunks", "there is no text that it could belong to"),
            Loss(
                "candidates[0].citationMetadata",
                "citations",
                "there is no text that it could belong to",
            ),
        ],
        id="sources without a text",
    ),
]


def piece(parts: list[Any], **more: object) -> Json:
    content = {"parts": parts, "role": "model"}
    return {"candidates": [{"content": content, "index": 0, **more}], "modelVersion": "g"}


def sse(*said: Json) -> bytes:
    return b"".join(b"data: " + msgspec.json.encode(one) + b"\n\n" for one in said)


def heard(body: bytes) -> tuple[list[Event], list[Loss]]:
    decoder = CODEC.decoder()
    said = [said for one in events(body) for said in decoder.feed(one)]
    return said + decoder.finish(), decoder.losses


def parts_of(answer: Answer | None) -> tuple[Part, ...]:
    assert answer is not None
    return answer.parts


@pytest.mark.parametrize(("said", "beside", "parts", "losses"), ANSWERS)
def test_a_whole_answer_and_its_stream(
    said: list[Any], beside: Json, parts: tuple[Part, ...], losses: list[Loss]
) -> None:
    found: list[Loss] = []
    body = msgspec.json.encode(piece(said, finishReason="STOP", **beside))
    assert parts_of(CODEC.read_answer(body, found)) == parts
    assert found == losses
    early = {key: value for key, value in beside.items() if key == "groundingMetadata"}
    last = piece([{"text": ""}], finishReason="STOP", **beside)
    stream = [piece([one]) for one in said[:-1]] + [piece(said[-1:], **early), last]
    told, found = heard(sse(*stream))
    assert parts_of(fold(told)) == parts
    assert sorted(found, key=str) == sorted(losses, key=str)


def test_sources_in_the_last_piece_come_before_the_end_of_its_text() -> None:
    grounding = {"groundingChunks": [WEB], "groundingSupports": [support(0, 1, 0)]}
    signed = {"text": "", "thoughtSignature": "c2ln"}
    last = piece([{"text": "b"}, signed], finishReason="STOP", groundingMetadata=grounding)
    told, losses = heard(sse(piece([{"text": "a"}]), last))
    kinds = [type(event).__name__ for event in told]
    assert kinds[kinds.index("Cited") + 1] == "Ended"
    assert losses == []


def test_of_several_answers_the_first_is_carried() -> None:
    other = {"index": 1, "content": {"parts": [{"text": "b"}]}, "finishReason": "STOP"}
    both = piece([{"text": "a"}], finishReason="STOP")
    both["candidates"].append(other)
    found: list[Loss] = []
    assert parts_of(CODEC.read_answer(msgspec.json.encode(both), found)) == (Text(text="a"),)
    assert found == [Loss("candidates[1:]", "candidates", "one answer is all that is carried")]
    alone = {"candidates": [other]}
    told, losses = heard(sse(alone, piece([{"text": "a"}], finishReason="STOP"), alone))
    assert parts_of(fold(told)) == (Text(text="a"),)
    assert losses == found


MALFORMED = [
    pytest.param(b"data: {\n\ndata: {\n\n", ["stream"], id="bad JSON, twice"),
    pytest.param(b'data: {"candidates":5}\n\n', ["stream"], id="a bad shape"),
    pytest.param(sse(piece([{"odd": 1}])), [f"{AT}[1].odd"], id="an unknown part"),
    pytest.param(sse(piece([])) + b"data:\n\n", [], id="nothing"),
    pytest.param(
        sse(piece([{"text": ""}], groundingMetadata=5)), [GROUNDING], id="grounding of a bad shape"
    ),
    pytest.param(
        sse(piece([], groundingMetadata={"groundingChunks": [5], "groundingSupports": [6]})),
        [GROUNDING, GROUNDING],
        id="sources of a bad shape",
    ),
]


@pytest.mark.parametrize(("odd", "paths"), MALFORMED)
def test_malformed_streams_keep_the_rest(odd: bytes, paths: list[str]) -> None:
    last = sse(piece([{"text": "b"}], finishReason="STOP"))
    told, losses = heard(sse(piece([{"text": "a"}])) + odd + last)
    assert parts_of(fold(told)) == (Text(text="ab"),)
    assert [loss.path for loss in losses] == paths


CITED = Answer(
    parts=(
        Thinking(text="hm"),
        Text(text="Größe: "),
        Text(
            text="groß",
            citations=(
                Citation(url="https://a", quote="q"),
                Citation(title="Notes.pdf", quote="Blue.", start=2, end=3),
                Citation(url="https://a", start=2, end=3),
            ),
        ),
    )
)


def test_a_client_is_told_all_sources_with_the_last_piece() -> None:
    losses: list[Loss] = []
    (whole,) = msgspec.json.decode(CODEC.write_answer(CITED, ASKED, losses))["candidates"]
    assert whole["content"]["parts"][1:] == [{"text": "Größe: groß"}]
    assert (
        whole["groundingMetadata"]
        == {
            "groundingChunks": [
                {"web": {"uri": "https://a"}},
                {"retrievedContext": {"title": "Notes.pdf", "text": "Blue."}},
            ],
            "groundingSupports": [
                {
                    "segment": {"endIndex": 14, "startIndex": 9, "partIndex": 1, "text": "groß"},
                    "groundingChunkIndices": [0],
                },
                {
                    "segment": {"endIndex": 12, "startIndex": 11, "partIndex": 1, "text": "o"},
                    "groundingChunkIndices": [1, 0],
                },
            ],
        }
        or whole["groundingMetadata"]["groundingSupports"][1]["segment"]["text"] == "o"
    )
    assert [(loss.path, loss.what) for loss in losses] == [("parts[2].citations", "quote")]
    encoder = CODEC.encoder(ASKED)
    stream = b"".join(encoder.feed(event) for event in unfold(CITED))
    *_, last = (msgspec.json.decode(one.data) for one in events(stream))
    assert last["candidates"][0]["groundingMetadata"] == whole["groundingMetadata"]
    assert stream.count(b"groundingMetadata") == 1
    assert encoder.losses == losses


def test_what_cites_an_empty_text_is_lost() -> None:
    losses: list[Loss] = []
    said = Answer(parts=(Text(text="", citations=(Citation(url="u"),)),))
    CODEC.write_answer(said, ASKED, losses)
    assert [(loss.path, loss.what) for loss in losses] == [("parts[0].citations", "citations")]


@given(text=st.text(st.characters(exclude_categories=["Cs"])), place=st.integers(0, 40))
def test_bytes_and_characters(text: str, place: int) -> None:
    known = Utf8(text)
    assert known.length == len(text.encode())
    assert known.bytes(place) == len(text[:place].encode())
    assert known.chars(known.bytes(place)) == min(place, len(text))
    assert known.chars(place) == len(text.encode()[:place].decode(errors="ignore"))
