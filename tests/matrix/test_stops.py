"""Why an answer ended, as every client's SDK shows it: its own word for it, or the nearest.

What a client's wire has no word for is a loss. A refusal in words is shown as one where there is
a place for it, and as text elsewhere.
"""

from dataclasses import dataclass

import pytest

from fixtures.speech.types import STOP_SEQUENCE, Reply, Stop, WireName
from tests.matrix.scene import Scene, each_pair, either_way
from tests.matrix.sdks import SDKS
from tests.matrix.transcripts import Question

pytestmark = pytest.mark.anyio
SAYABLE: dict[WireName, tuple[Stop, ...]] = {
    "anthropic": ("end", "max_tokens", "context_full", "stop_sequence", "refusal", "paused"),
    "chat": ("end", "max_tokens", "refusal", "declined", "broken"),
    "responses": ("end", "max_tokens", "refusal", "declined", "broken"),
    "gemini": ("end", "max_tokens", "refusal", "blocked", "broken"),
}
SHOWN: dict[WireName, dict[Stop, str]] = {
    "anthropic": {
        "end": "end_turn",
        "max_tokens": "max_tokens",
        "context_full": "model_context_window_exceeded",
        "stop_sequence": "stop_sequence",
        "refusal": "refusal",
        "declined": "refusal",
        "blocked": "refusal",
        "paused": "pause_turn",
        "broken": "end_turn",
    },
    "chat": {
        "end": "stop",
        "max_tokens": "length",
        "context_full": "length",
        "stop_sequence": "stop",
        "refusal": "content_filter",
        "declined": "stop",
        "blocked": "content_filter",
        "paused": "stop",
        "broken": "stop",
    },
    "responses": {
        "end": "completed",
        "max_tokens": "max_output_tokens",
        "context_full": "max_output_tokens",
        "stop_sequence": "completed",
        "refusal": "content_filter",
        "declined": "completed",
        "blocked": "content_filter",
        "paused": "completed",
    },
    "gemini": {
        "end": "STOP",
        "max_tokens": "MAX_TOKENS",
        "context_full": "MAX_TOKENS",
        "stop_sequence": "STOP",
        "refusal": "SAFETY",
        "declined": "SAFETY",
        "blocked": "SAFETY",
        "paused": "STOP",
        "broken": "MALFORMED_FUNCTION_CALL",
    },
}
# Words that a provider of the same wire has, and no other.
OWN: dict[tuple[WireName, Stop], str] = {
    ("chat", "broken"): "error",
    ("gemini", "blocked"): "PROHIBITED_CONTENT",
}
WORDLESS: dict[WireName, set[Stop]] = {
    "anthropic": {"broken"},
    "chat": {"context_full", "stop_sequence", "paused", "broken"},
    "responses": {"context_full", "stop_sequence", "paused"},
    "gemini": {"context_full", "stop_sequence", "paused", "declined"},
}
DETAILED: dict[WireName, set[Stop]] = {"anthropic": {"refusal"}}  # more than other wires can say
WITH_REFUSALS = {"chat", "responses"}


@dataclass(frozen=True)
class End:
    """What is shown of an end."""

    stop: str | None
    text: str = ""
    refusal: str = ""
    stop_sequence: str | None = None


FAILED = End("failed")


async def shown(scene: Scene, client: WireName, stop: Stop, *, stream: bool) -> End:
    """Let the provider end so."""
    texts = () if stop == "blocked" else ("I ", "stop, é.")
    scene.will_say(Reply(texts=texts, stop=stop))
    _, raised = SDKS[client]
    try:
        seen = await scene.ask(client, Question(stream=stream))
    except raised:
        return FAILED
    return End(seen.stop, seen.text, seen.refusal, seen.stop_sequence)


def expected(client: WireName, wire: WireName, stop: Stop) -> End:
    if stop == "broken" and "responses" in {client, wire}:
        return FAILED  # there it is no answer
    word = SHOWN[client][stop]
    if client == wire:
        word = OWN.get((client, stop), word)
    text = "" if stop == "blocked" else "I stop, é."
    if stop == "declined" and client in WITH_REFUSALS:
        return End(word, refusal=text)
    met = STOP_SEQUENCE if (client, stop) == ("anthropic", "stop_sequence") else None
    return End(word, text, stop_sequence=met)


@each_pair
@either_way
async def test_each_end_is_shown(
    client: WireName, wire: WireName, scene: Scene, *, stream: bool
) -> None:
    ends = {stop: await shown(scene, client, stop, stream=stream) for stop in SAYABLE[wire]}
    assert ends == {stop: expected(client, wire, stop) for stop in SAYABLE[wire]}
    entries = await scene.rows(len(ends))
    lost = {stop for stop, entry in zip(ends, entries, strict=True) if entry.losses}
    told = {stop for stop, end in ends.items() if end != FAILED}
    unsaid = WORDLESS[client] | DETAILED.get(wire, set())
    assert lost == (unsaid & told if client != wire else set())
    failed = "error_event" if stream else "exhausted"
    fails = wire == "responses"  # the provider itself says that it failed
    assert [entry.request.outcome for entry in entries] == [
        failed if fails and stop == "broken" else "whole" for stop in ends
    ]
