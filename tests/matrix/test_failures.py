"""What fails on any provider's wire is raised by every client's SDK, and has its row."""

import pytest

from fixtures.speech.types import Call, Reply, Tool, WireName
from tests.matrix.scene import Scene, each_pair, either_way
from tests.matrix.sdks import status_of
from tests.matrix.transcripts import TOOL, Question

pytestmark = pytest.mark.anyio
LEFT = {
    "status:429": 503,
    "status:429:7": 429,  # only where it says when: a bare one ends Codex
    "status:500": 503,
    "status:529": 503,
    "html": 503,
    "error_200": 503,
    "reset": 503,
}
BROKEN = {
    "reset_at:7": "reset",
    "cut_mid:7": "reset",
    "bad_chunk:7": "reset",
    "no_terminal": "truncated",
    "error_event:7": "error_event",
}
CUT = {
    "cut_mid:1": "reset",
    "reset_at:1": "reset",
    "bad_chunk": "reset",
    "bad_json": "malformed",
    "error_event": "error_event",
}
EVENTS = 9
CALLS = tuple(Call(Tool(TOOL), f'{{"cmd":"{name}"}}') for name in ("ls", "pwd"))
IN_A_CALL: dict[WireName, int] = {"anthropic": 5, "chat": 4, "responses": 5, "gemini": 1}  # events


@each_pair
@either_way
async def test_a_callers_fault_comes_in_the_clients_words(
    client: WireName, scene: Scene, *, stream: bool
) -> None:
    faults = ("status:400", "status:413", "status:422")
    scene.provider.fail(*faults)
    for status in (400, 413, 422):
        failure = await scene.failure(client, Question(stream=stream))
        assert status_of(failure) == status
        assert "fails as it was told" in str(failure)
    entries = await scene.rows(len(faults))
    assert {entry.request.outcome for entry in entries} == {"caller_fault"}
    assert [entry.request.status for entry in entries] == [400, 413, 422]


@each_pair
@either_way
async def test_when_nobody_is_left_it_is_raised_as_worth_another_try(
    client: WireName, scene: Scene, *, stream: bool
) -> None:
    scene.provider.fail(*LEFT)
    for status in LEFT.values():
        assert status_of(await scene.failure(client, Question(stream=stream))) == status
    entries = await scene.rows(len(LEFT))
    assert {entry.request.outcome for entry in entries} == {"exhausted"}
    assert [entry.request.status for entry in entries] == list(LEFT.values())


@each_pair
async def test_a_broken_stream_is_never_an_answer(client: WireName, scene: Scene) -> None:
    scene.provider.events = EVENTS
    scene.provider.fail(*BROKEN)
    for _ in BROKEN:
        await scene.failure(client, Question())
    entries = await scene.rows(len(BROKEN))
    assert [entry.request.outcome for entry in entries] == list(BROKEN.values())


@each_pair
async def test_calls_that_break_off_are_never_made(
    client: WireName, wire: WireName, scene: Scene
) -> None:
    scene.will_say(Reply(calls=CALLS))
    scene.provider.fail(f"reset_at:{IN_A_CALL[wire]}", "no_terminal")
    for _ in range(2):
        await scene.failure(client, Question(tool=True))
    entries = await scene.rows(2)
    assert [entry.request.outcome for entry in entries] == ["reset", "truncated"]


@each_pair
async def test_half_an_answer_is_never_a_whole_one(client: WireName, scene: Scene) -> None:
    scene.provider.events = EVENTS
    scene.provider.fail(*CUT)
    for _ in CUT:
        assert status_of(await scene.failure(client, Question(stream=False))) == 503
    entries = await scene.rows(len(CUT))
    assert {(one.request.outcome, one.request.status) for one in entries} == {("exhausted", 503)}
    assert [entry.attempts[0].outcome for entry in entries] == list(CUT.values())
