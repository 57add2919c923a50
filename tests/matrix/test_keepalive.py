"""Signs of life before an answer: each official SDK shows the same as without them."""

from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from fixtures.engine import FakeProvider
from fixtures.speech.types import WireName
from fixtures.stage import stage
from proxy.ledger import views
from proxy.routing.types import Limits
from tests.matrix.sdks import SDKS
from tests.matrix.transcripts import Question

pytestmark = pytest.mark.anyio
LIMITS = Limits(first_byte_s=0.6, keepalive_s=0.1)


@pytest.mark.parametrize("client", SDKS)
async def test_an_answer_after_signs_of_life(client: WireName, tmp_path: Path) -> None:
    ask, _ = SDKS[client]
    main = FakeProvider("main", wires=(client,), events=3)
    with anyio.fail_after(30):
        async with stage(tmp_path, [main], limits=LIMITS) as here:
            at_once = await ask(here.url, Question())
            main.first_s = 0.35
            late = await ask(here.url, Question())
    assert replace(late, cached_tokens=0) == replace(at_once, cached_tokens=0)
    signs = [entry.request.keepalives or 0 for entry in views.recent_requests(here.ledger, 2)]
    assert min(signs) == 0
    assert max(signs) >= 2


@pytest.mark.parametrize("client", SDKS)
async def test_a_failure_after_signs_of_life_is_raised(client: WireName, tmp_path: Path) -> None:
    ask, raised = SDKS[client]
    main = FakeProvider("main", wires=(client,), faults=["no_headers"])
    with anyio.fail_after(30):
        async with stage(tmp_path, [main], limits=LIMITS) as here:
            with pytest.raises(raised):
                await ask(here.url, Question())
    (entry,) = views.recent_requests(here.ledger, 1)
    assert (entry.request.outcome, entry.request.status) == ("exhausted", 200)
    assert (entry.request.keepalives or 0) >= 2
