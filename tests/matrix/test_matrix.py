"""Every client's SDK on every provider's wire: what was said is what is shown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from fixtures.engine import FakeProvider
from fixtures.speech.types import WireName
from fixtures.stage import Stage, stage
from proxy.ledger import views
from tests.matrix.sdks import SDKS
from tests.matrix.transcripts import TOOL, Question

pytestmark = pytest.mark.anyio
WIRES: tuple[WireName, ...] = ("anthropic", "chat", "responses", "gemini")
PAIRS = [(client, wire) for client in SDKS for wire in WIRES if client != wire]
each_pair = pytest.mark.parametrize(
    ("client", "wire"), PAIRS, ids=[f"{client} on {wire}" for client, wire in PAIRS]
)
either_way = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])


@asynccontextmanager
async def proxied(folder: Path, *providers: FakeProvider) -> AsyncIterator[Stage]:
    with anyio.fail_after(30):
        async with stage(folder, providers) as here:
            yield here


@each_pair
async def test_what_is_said_is_shown(client: str, wire: WireName, tmp_path: Path) -> None:
    ask, _ = SDKS[client]
    main = FakeProvider("main", wires=(wire,), events=5)
    question = Question(system="You are brief.", said=("Once upon a time.",))
    async with proxied(tmp_path, main) as here:
        streamed = await ask(here.url, question)
        whole = await ask(here.url, replace(question, stream=False))
    assert streamed.text == whole.text == " ".join(f"say something:{n}" for n in range(5))
    assert (streamed.stop, whole.stop) == ("end", "end")
    first, second = main.generated()
    assert (first.wire, second.wire) == (wire, wire)
    for shown, served in ((streamed, first), (whole, second)):
        assert served.usage is not None
        assert shown.prompt_tokens == served.usage.prompt
        assert shown.output_tokens == served.usage.output
        assert shown.cached_tokens == (served.usage.cache_read or 0)
    entries = views.recent_requests(here.ledger, 2)
    assert [entry.request.outcome for entry in entries] == ["whole", "whole"]
    assert [entry.request.client_wire for entry in entries] == [client, client]
    assert [entry.attempts[0].provider_wire for entry in entries] == [wire, wire]


@each_pair
@either_way
async def test_a_call_of_a_tool_is_carried(
    client: str, wire: WireName, tmp_path: Path, *, stream: bool
) -> None:
    ask, _ = SDKS[client]
    order = "make the file note.txt with the text all is well"
    main = FakeProvider("main", wires=(wire,))
    async with proxied(tmp_path, main) as here:
        shown = await ask(here.url, Question(order, tool=True, stream=stream))
    assert shown.calls == [(TOOL, {"cmd": "printf %s 'all is well' > note.txt"})]
    assert (shown.text, shown.stop) == ("", "call")


@each_pair
@either_way
async def test_a_provider_of_another_wire_rescues(
    client: str, wire: WireName, tmp_path: Path, *, stream: bool
) -> None:
    ask, _ = SDKS[client]
    own = FakeProvider("own", wires=(client,), faults=["error_event"])  # type: ignore[arg-type]
    other = FakeProvider("other", wires=(wire,), events=3)
    async with proxied(tmp_path, own, other) as here:
        shown = await ask(here.url, Question(stream=stream))
    assert shown.text == "say something:0 say something:1 say something:2"
    (entry,) = views.recent_requests(here.ledger, 1)
    assert [row.provider for row in entry.attempts] == ["own", "other"]


@each_pair
async def test_a_broken_stream_is_never_an_answer(
    client: str, wire: WireName, tmp_path: Path
) -> None:
    ask, raised = SDKS[client]
    faults = ("reset_at:7", "cut_mid:7", "no_terminal", "error_event:7")
    main = FakeProvider("main", wires=(wire,), faults=faults, events=9)
    async with proxied(tmp_path, main) as here:
        for _ in faults:
            with pytest.raises(raised):
                await ask(here.url, Question())
    ends = [entry.request.outcome for entry in views.recent_requests(here.ledger, len(faults))]
    assert ends == ["reset", "reset", "truncated", "error_event"]


@each_pair
@either_way
async def test_a_callers_fault_comes_in_the_clients_words(
    client: str, wire: WireName, tmp_path: Path, *, stream: bool
) -> None:
    ask, raised = SDKS[client]
    main = FakeProvider("main", wires=(wire,), faults=["status:400"])
    async with proxied(tmp_path, main) as here:
        with pytest.raises(raised, match="fails as it was told"):
            await ask(here.url, Question(stream=stream))
    (entry,) = views.recent_requests(here.ledger, 1)
    assert (entry.request.outcome, entry.request.status) == ("caller_fault", 400)
