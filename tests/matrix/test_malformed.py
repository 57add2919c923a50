"""Answers that hold what nobody knows, or cannot be read: the rest is shown, and it is told.

Between equal wires they pass as they are, and the SDK is the judge.
"""

import json

import pytest

from fixtures.speech.types import Call, Reply, Tool, WireName
from proxy.record import Entry
from tests.matrix.scene import Scene, each_pair, each_unlike_pair, either_way
from tests.matrix.sdks import CALLED, ENDED, SDKS
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


@each_unlike_pair
async def test_an_event_that_cannot_be_read_is_told(client: WireName, scene: Scene) -> None:
    scene.provider.events = 5
    scene.provider.fail("bad_json:4")
    shown = await scene.ask(client, Question())
    assert (shown.text, shown.stop) == (SAID, ENDED[client])
    (entry,) = await scene.rows(1)
    assert entry.request.outcome == "whole"
    assert [(loss.path, loss.why) for loss in entry.losses] == [("stream", "it cannot be read")]


@pytest.mark.parametrize(("client", "wire"), [(name, name) for name in SDKS if name != "anthropic"])
async def test_between_equal_wires_the_sdk_judges_it(client: WireName, scene: Scene) -> None:
    scene.provider.events = 5
    scene.provider.fail("bad_json:4")
    with pytest.raises(ValueError, match=r"JSON|Unterminated"):
        await scene.ask(client, Question())
    (entry,) = await scene.rows(1)
    assert entry.request.outcome in {"whole", "client_left"}
