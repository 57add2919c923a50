"""The proxy with one provider behind it, and the pairs of a client's wire and a provider's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from fixtures.engine import FakeProvider
from fixtures.replies import reply_to
from fixtures.speech.types import Reply, WireName
from fixtures.stage import Stage, stage
from proxy.ledger import views
from proxy.record import Entry
from tests.matrix.sdks import SDKS, Shown
from tests.matrix.transcripts import Question

WIRES: tuple[WireName, ...] = ("anthropic", "chat", "responses", "gemini")
PAIRS = [(client, wire) for client in SDKS for wire in WIRES]
_PATIENCE_S = 20


def _marked(pairs: list[tuple[WireName, WireName]]) -> pytest.MarkDecorator:
    names = [f"{client} on {wire}" for client, wire in pairs]
    return pytest.mark.parametrize(("client", "wire"), pairs, ids=names)


each_pair = _marked(PAIRS)
each_unlike_pair = _marked([(client, wire) for client, wire in PAIRS if client != wire])
either_way = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])


@dataclass(frozen=True, slots=True)
class Scene:
    """A provider of one wire, the proxy before it, and how to ask it in the words of a client."""

    stage: Stage
    provider: FakeProvider

    def again(self) -> None:
        """Let the provider be as it was at first."""
        self.provider.replies, self.provider.thinks, self.provider.events = reply_to, False, 3
        self.provider.fail()
        self.stage.forget()

    def will_say(self, reply: Reply) -> None:
        """Let every answer be `reply`."""
        self.provider.replies = lambda _: reply

    async def ask(self, client: WireName, question: Question) -> Shown:
        """Ask by the SDK of `client`; whatever comes of it, it comes soon."""
        ask, _ = SDKS[client]
        self.stage.forget()  # how it failed before is not what is asked
        with anyio.fail_after(_PATIENCE_S):
            return await ask(self.stage.url, question)

    async def failure(self, client: WireName, question: Question) -> Exception:
        """Return the failure that the SDK of `client` raises."""
        _, raised = SDKS[client]
        with pytest.raises(raised) as caught:
            await self.ask(client, question)
        return caught.value

    async def rows(self, count: int) -> list[Entry]:
        """Return what the ledger has of the last requests."""
        await self.stage.quiet()
        return views.recent_requests(self.stage.ledger, count)


@asynccontextmanager
async def scene_of(wire: WireName, folder: Path) -> AsyncIterator[Scene]:
    """Play it; what goes on in it is known to the ledger in `folder`."""
    provider = FakeProvider("main", wires=(wire,))
    async with stage(folder, [provider]) as here:
        here.ask_once()
        yield Scene(here, provider)
