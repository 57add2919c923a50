"""Servers for all tests here, and a shared ledger of its own for each."""

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from proxy.ledger.lake.address import Lake
from tests.cluster import servers

_numbers = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    lacking = servers.missing()
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.cluster)
            why = servers.no_redis() if item.path.name.startswith("test_redis") else lacking
            if why is not None:
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    # Not pytest's folder: the server is another user, and that one is closed to others.
    with (
        tempfile.TemporaryDirectory(prefix="pointsman-pg-") as folder,
        servers.postgres(Path(folder)) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def lake(postgres: servers.Postgres, tmp_path: Path) -> Lake:
    """Return a shared ledger that nobody has written to yet; its folder is there."""
    bare = postgres.database(f"lake{next(_numbers)}")
    data = tmp_path / "shared"
    data.mkdir()
    url = bare.replace("@", f":{servers.IN_URL}@", 1)
    return Lake(url, str(data))
