"""Every client's SDK on every provider's wire: what was said is what is shown."""

import json
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from fixtures.engine import FakeProvider
from fixtures.speech.types import Call, Reply, Tool, WireName
from fixtures.stage import stage
from proxy.ledger import views
from tests.matrix.scene import Scene, each_pair, either_way
from tests.matrix.sdks import CALLED, ENDED, SDKS
from tests.matrix.transcripts import TOOL, Question

pytestmark = pytest.mark.anyio
ONE, TWO, BARE = (
    Call(Tool(TOOL), arguments)
    for arguments in (
        '{"cmd":"ls \\u00e9 \\"a\\""}',
        '{"cmd": "é", "deep": {"n": [1, null]}}',
        "{}",
    )
)
SAYING = {
    "one call": Reply(calls=(ONE,)),
    "two calls at once": Reply(calls=(ONE, TWO)),
    "a text and three, the second without arguments": Reply(
        texts=("I ", "look."), calls=(TWO, BARE, ONE)
    ),
    "thoughts and two, both alike": Reply(thinking="Hm.", calls=(ONE, ONE)),
}
# How many parts of those are signed: thinking, or each first call. Chat has no place for it.
SIGNED = {"anthropic": 1, "chat": 0, "responses": 1, "gemini": len(SAYING)}


@each_pair
async def test_what_is_said_is_shown(client: WireName, wire: WireName, scene: Scene) -> None:
    question = Question(system="You are brief.", said=("Once upon a time.",))
    streamed = await scene.ask(client, question)
    whole = await scene.ask(client, replace(question, stream=False))
    assert streamed.text == whole.text == " ".join(f"say something:{n}" for n in range(3))
    assert (streamed.stop, whole.stop) == (ENDED[client], ENDED[client])
    entries = await scene.rows(2)
    served = scene.provider.generated()[-2:]
    for shown, line in zip((streamed, whole), served, strict=True):
        assert line.usage is not None
        assert shown.prompt_tokens == line.usage.prompt
        assert shown.output_tokens == line.usage.output
        assert shown.cached_tokens == (line.usage.cache_read or 0)
    assert [entry.request.outcome for entry in entries] == ["whole", "whole"]
    assert [entry.request.client_wire for entry in entries] == [client, client]
    assert [entry.attempts[0].provider_wire for entry in entries] == [wire, wire]
    assert [entry.losses for entry in entries] == [(), ()]


@each_pair
async def test_what_was_thought_is_shown(client: WireName, wire: WireName, scene: Scene) -> None:
    scene.will_say(Reply(thinking="Hm, \u2028é.", texts=("Well, ", "then.")))
    streamed = await scene.ask(client, Question())
    whole = await scene.ask(client, Question(stream=False))
    thought = "" if wire == "chat" else "Hm, \u2028é."  # there it stays unsaid
    for shown in (streamed, whole):
        assert (shown.thinking, shown.text, shown.stop) == (thought, "Well, then.", ENDED[client])


@each_pair
@either_way
async def test_calls_are_shown(
    client: WireName, wire: WireName, scene: Scene, *, stream: bool
) -> None:
    for reply in SAYING.values():
        scene.will_say(reply)
        shown = await scene.ask(client, Question(tool=True, stream=stream))
        assert shown.calls == [(TOOL, json.loads(call.arguments)) for call in reply.calls]
        assert (shown.text, shown.stop) == ("".join(reply.texts), CALLED[client])
        assert (client, wire) == ("gemini", "gemini") or len(set(shown.call_ids)) == len(
            shown.calls
        )
    entries = await scene.rows(len(SAYING))
    assert [entry.request.outcome for entry in entries] == ["whole"] * len(SAYING)
    lost = [loss.what for entry in entries for loss in entry.losses]
    assert lost == ["signature"] * (SIGNED[wire] if client == "chat" != wire else 0)


@each_pair
async def test_another_provider_rescues(client: WireName, wire: WireName, tmp_path: Path) -> None:
    ask, _ = SDKS[client]
    own = FakeProvider("own", wires=(client,), after="error_event")
    other = FakeProvider("other", wires=(wire,), events=3)
    with anyio.fail_after(30):
        async with stage(tmp_path, [own, other]) as here:
            here.hold_no_grudge()
            streamed = await ask(here.url, Question())
            whole = await ask(here.url, Question(stream=False))
            await here.quiet()
            entries = views.recent_requests(here.ledger, 2)
    assert streamed.text == whole.text == "say something:0 say something:1 say something:2"
    tried = [[row.provider for row in entry.attempts] for entry in entries]
    assert tried == [["own", "other"]] * 2
