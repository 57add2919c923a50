"""What every client's SDK sends, as a provider of every other wire hears it."""

import json
from dataclasses import replace

import pytest

from fixtures.speech.types import WireName
from tests.matrix.heard import HEARD, Heard
from tests.matrix.scene import Scene, each_pair, either_way
from tests.matrix.sdks import ENDED, SCHEMA
from tests.matrix.transcripts import PNG, PNG_TYPE, SYSTEM, TOOL, Called, Question

pytestmark = pytest.mark.anyio
ONE = (Called("call_1", "ls", "a.txt é"),)
TWO = (Called("call_2", "cat a.txt", "one"), Called("call_3", "cat b.txt", "two"))
QUESTIONS = {
    "system and image": Question(system=SYSTEM, said=("Hm.",), image=True),
    "a result": Question(tool=True, called=ONE),
    "parallel results": Question(tool=True, called=TWO, system=SYSTEM),
}


def expected(asked: Question) -> Heard:
    told = [pair for said in asked.said for pair in (("user", asked.text), ("assistant", said))]
    return Heard(
        system=asked.system or "",
        texts=[*told, ("user", asked.text)],
        images=[(PNG_TYPE, PNG)] if asked.image else [],
        calls=[(call.id, TOOL, call.arguments) for call in asked.called],
        results=[(call.id, call.output) for call in asked.called],
        tools=[(TOOL, "run", SCHEMA)] if asked.tool else [],
    )


@each_pair
@either_way
async def test_what_is_sent_is_heard(
    client: WireName, wire: WireName, scene: Scene, *, stream: bool
) -> None:
    scene.provider.thinks = True
    asked = [replace(one, stream=stream) for one in QUESTIONS.values()]
    shown = [await scene.ask(client, one) for one in asked]
    received = scene.provider.received[-len(asked) :]
    heard = [HEARD[wire](json.loads(one.plain_body())) for one in received]
    assert dict(zip(QUESTIONS, heard, strict=True)) == {
        name: expected(asked) for name, asked in QUESTIONS.items()
    }
    thought = "" if wire == "chat" else "The user wants an answer. "  # there it stays unsaid
    assert [(one.thinking, one.stop) for one in shown] == [(thought, ENDED[client])] * len(asked)
    entries = await scene.rows(len(asked))
    assert [entry.request.outcome for entry in entries] == ["whole"] * len(asked)
    lost = {loss.what for entry in entries for loss in entry.losses}
    assert lost <= ({"signature"} if client == "chat" else set())
