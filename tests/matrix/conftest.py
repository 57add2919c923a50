"""One scene for each wire of a provider: starting and stopping one takes longer than ten asks."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack

import pytest

from fixtures.speech.types import WireName
from tests.matrix.scene import WIRES, Scene, scene_of


@pytest.fixture(scope="package")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="package")
async def scenes(
    anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Mapping[WireName, Scene]]:
    del anyio_backend
    async with AsyncExitStack() as stack:
        yield {
            wire: await stack.enter_async_context(scene_of(wire, tmp_path_factory.mktemp(wire)))
            for wire in WIRES
        }


@pytest.fixture
def scene(scenes: Mapping[WireName, Scene], wire: WireName) -> Scene:
    found = scenes[wire]
    found.again()
    return found
