"""The ledgers that every notebook is played on."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from analysis.notebook import scenarios
from analysis.notebook.scenarios import Verdicts
from fixtures.demo.story import Story, providers
from fixtures.stage import stage
from proxy.ledger.views import prepare


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that nobody has written into."""
    folder = tmp_path_factory.mktemp("empty")
    prepare(folder)
    return folder


@pytest.fixture(scope="session")
def of_make_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make demo` leaves."""
    folder = tmp_path_factory.mktemp("demo")
    kept = folder / "kept"

    async def played() -> None:
        async with stage(folder, providers()) as there:
            story = Story(there)
            async for _ in story.acts():
                pass
            await story.findings()
            shutil.copytree(there.ledger, kept)

    asyncio.run(played())
    return kept


@pytest.fixture(scope="session")
def replays() -> dict[object, Verdicts]:
    """What was played already: each notebook is run on several ledgers, with the same faults."""
    return {}


@pytest.fixture(autouse=True)
def played_once(monkeypatch: pytest.MonkeyPatch, replays: dict[object, Verdicts]) -> None:
    """Play each list of scenarios once for all tests."""
    really = scenarios.played

    def played(
        names: Sequence[str] = scenarios.FAULTS, policies: Sequence[str] = (), seed: int = 1
    ) -> Verdicts:
        asked = (tuple(names), tuple(policies), seed)
        if asked not in replays:
            replays[asked] = really(names, policies, seed)
        return replays[asked]

    monkeypatch.setattr(scenarios, "played", played)
