"""The ledgers that every notebook is played on."""

import asyncio
import shutil
from pathlib import Path

import pytest

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
