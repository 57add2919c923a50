"""Answers that hold what nobody knows, or cannot be read: the rest is shown, and it is told."""

import json

import pytest

from fixtures.speech.types import Call, Reply, Tool, WireName
from proxy.record import Entry
from tests.matrix.scene import Scene, each_pair, either_way
from tests.matrix.sdks import CALLED, ENDED
from tests.matrix.transcripts import TOOL, Question

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings"),  # the SDK's, of its own copy
]
CALL = Call(Tool(TOOL), '{"cmd":"ls"}')
ODD = Reply(odd=True, thinking="Hm.", texts=("Well, ", "then."), calls=(CALL, CALL))
KINDS_OF_EVENTS = {"anthropic", "responses"}  # elsewhere it is a chunk without a choice
SAID = "say something:0 say something:1 say something:2 say something:3 say something:4"


def odd_ones(entry: Entry) -> list[str]:
    return [loss.what for loss in entry.losses if "hologram" in loss.what]


@each_pair
@either_way
async def test_what_nobody_knows_is_passed_over(
    client: WireName, wire: WireName, scene: Scene, *, stream: bool
) -> None:
    scene.will_say(ODD)
    shown = await scene.ask(client, Question(tool=True, stream=stream))
    assert (shown.text, shown.stop) == ("Well, then.", CALLED[client])
    assert shown.calls == [(TOOL, json.loads(CALL.arguments))] * 2
    (entry,) = await scene.rows(1)
    assert entry.request.outcome == "whole"
    assert odd_ones(entry) == ([] if client == wire else ["hologram"])


@each_pair
async def test_an_event_that_nobody_knows_is_passed_over(
    client: WireName, wire: WireName, scene: Scene
) -> None:
    scene.provider.events = 5
    scene.provider.fail("odd_event:4")
    shown = await scene.ask(client, Question())
    assert (shown.text, shown.stop) == (SAID, ENDED[client])
    (entry,) = await scene.rows(1)
    assert entry.request.outcome == "whole"
    assert len(odd_ones(entry)) == (client != wire and wire in KINDS_OF_EVENTS)


@each_pair
@pytest.mark.parametrize("events", [0, 6], ids=["before content", "after content"])
async def test_an_answer_with_a_hole_is_none(client: WireName, scene: Scene, events: int) -> None:
    scene.provider.events = 9
    scene.provider.fail(f"bad_json:{events}")
    await scene.failure(client, Question())
    (entry,) = await scene.rows(1)
    assert entry.request.outcome == ("reset" if events else "exhausted")
    assert entry.attempts[0].error_type == "unreadable_event"


@each_pair
async def test_noise_between_events_is_left_out_and_told(client: WireName, scene: Scene) -> None:
    scene.provider.events = 5
    scene.provider.fail("noise:4")
    shown = await scene.ask(client, Question())
    assert (shown.text, shown.stop) == (SAID, ENDED[client])
    (entry,) = await scene.rows(1)
    assert entry.request.outcome == "whole"
    assert [(loss.path, loss.what) for loss in entry.losses][-1] == ("stream", "1 events")
