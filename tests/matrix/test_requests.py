"""What every client's SDK sends, as a provider of every other wire hears it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.engine import FakeProvider
from fixtures.speech.types import WireName
from proxy.ledger import views
from tests.matrix.heard import HEARD, Heard
from tests.matrix.sdks import SCHEMA, SDKS
from tests.matrix.test_matrix import each_pair, either_way, proxied
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
    client: str, wire: WireName, tmp_path: Path, *, stream: bool
) -> None:
    ask, _ = SDKS[client]
    main = FakeProvider("main", wires=(wire,), events=2, thinks=True)
    async with proxied(tmp_path, main) as here:
        shown = [await ask(here.url, replace(one, stream=stream)) for one in QUESTIONS.values()]
    heard = [HEARD[wire](json.loads(asked.plain_body())) for asked in main.received]
    assert dict(zip(QUESTIONS, heard, strict=True)) == {
        name: expected(asked) for name, asked in QUESTIONS.items()
    }
    thought = "" if wire == "chat" else "The user wants an answer. "  # there it stays unsaid
    assert [(one.thinking, one.stop) for one in shown] == [(thought, "end")] * len(QUESTIONS)
    entries = views.recent_requests(here.ledger, len(QUESTIONS))
    assert [entry.request.outcome for entry in entries] == ["whole"] * len(QUESTIONS)
    lost = {loss.what for entry in entries for loss in entry.losses}
    assert lost <= ({"signature"} if client == "chat" else set())
