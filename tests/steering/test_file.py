"""What was learnt is kept in a file, whatever the disk or the file is like."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from proxy.steering.file import Keeper, read
from proxy.steering.memory import Memory, kept
from tests.steering.network import KEY, MAIN, RELAY, TEAM, Scene, network, scene, target

pytestmark = pytest.mark.anyio
OPENS_AFTER = 8


@asynccontextmanager
async def keeping(path: Path, here: Scene, said: list[str]) -> AsyncIterator[Keeper]:
    keeper = Keeper(path, here.steering, said.append, every_s=0.01)
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.run())
        yield keeper
        keeper.stop()


async def written(path: Path, here: Scene) -> None:
    async with keeping(path, here, []):
        await until(path, "{")


async def until(path: Path, text: str) -> None:
    with anyio.fail_after(5):
        while not path.exists() or text not in path.read_text():  # noqa: ASYNC110, ASYNC240
            await anyio.sleep(0.005)


async def test_what_is_learnt_is_there_after_a_restart(tmp_path: Path) -> None:
    here, path, said = scene(), tmp_path / "routing.json", []
    async with keeping(path, here, said) as keeper:
        here.fails(MAIN, "server_error", times=OPENS_AFTER)
        await until(path, "main/k")
        here.fails(TEAM, "rate_limited")
        await until(path, "main/team")
        here.serves(RELAY)  # just before the end
    assert (keeper.problem, said) == (None, [])
    found = read(path, here.steering.network, here.clock.us)
    assert found.problem is None
    assert found.memory == kept(here.steering.memory, here.steering.network, here.clock.us)
    again = scene(memory=found.memory)
    assert again.order() == here.order() == "relay/k"
    assert KEY.text in found.memory.pins.entries


def test_the_file_is_its_owners_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "routing.json"
    anyio.run(written, path, scene())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert "old" not in path.read_text()  # the secret of every key


async def test_it_is_written_only_when_something_was_learnt(tmp_path: Path) -> None:
    here, path = scene(), tmp_path / "routing.json"
    async with keeping(path, here, []):
        await until(path, "{")
        path.unlink()
        await anyio.sleep(0.1)
        assert not path.exists()
        here.serves(MAIN)
        await until(path, "{")


async def test_a_disk_that_fails_is_told_once_and_tried_again(tmp_path: Path) -> None:
    folder, said = tmp_path / "gone", []
    here, path = scene(), folder / "routing.json"
    async with keeping(path, here, said) as keeper:
        with anyio.fail_after(5):
            while keeper.problem is None:  # noqa: ASYNC110  # a thread fails
                await anyio.sleep(0.005)
        await anyio.sleep(0.05)
        problem = f"{path}: cannot be written (No such file or directory)"
        assert keeper.problem == problem
        assert said == [f"{problem}; what routing learns is lost with the next restart"]
        folder.mkdir()
        await until(path, "{")
    assert keeper.problem is None


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    found = read(tmp_path / "routing.json", network(), 0)
    assert (found.memory, found.problem) == (Memory(), None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "is damaged", id="empty, as after a power cut"),
        pytest.param(b'{"memory":{"version":1', "is damaged", id="cut off"),
        pytest.param(b"\xff\xfe", "is damaged", id="no text"),
        pytest.param(b'{"memory":{"version":99}}', "is of another version", id="of the future"),
        pytest.param(b'{"memory":{"pins":7}}', "is of another version", id="odd inside"),
        pytest.param(b'{"memory":{"pins":{"entries":{"\xff":1}}}}', "is", id="no text inside"),
    ],
)
def test_what_cannot_be_read_is_put_aside(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "routing.json"
    path.write_bytes(content)
    found = read(path, network(), 0)
    assert found.memory == Memory()
    assert found.problem is not None
    assert found.problem.startswith(f"{path}: {why}")
    assert found.problem.endswith("starting anew, the old one is routing.json.bad beside it")
    assert [one.name for one in tmp_path.iterdir()] == ["routing.json.bad"]
    assert (tmp_path / "routing.json.bad").read_bytes() == content


def test_what_is_no_file_is_put_aside_too(tmp_path: Path) -> None:
    (tmp_path / "routing.json").mkdir()
    found = read(tmp_path / "routing.json", network(), 0)
    assert found.problem is not None
    assert "cannot be read (Is a directory)" in found.problem


async def test_a_problem_at_the_start_stays_visible(tmp_path: Path) -> None:
    said: list[str] = []
    here, path = scene(), tmp_path / "routing.json"
    keeper = Keeper(path, here.steering, said.append, problem="it was damaged", every_s=0.01)
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.run())
        await until(path, "{")
        keeper.stop()
    assert (keeper.problem, said) == ("it was damaged", ["it was damaged"])


@pytest.mark.parametrize(
    ("after", "order"),
    [
        pytest.param((MAIN, RELAY), "relay/k", id="the same"),
        pytest.param((target("main", key="new"), RELAY), "main/k relay/k", id="another key"),
        pytest.param((RELAY,), "relay/k", id="gone"),
    ],
)
async def test_a_key_that_was_replaced_meanwhile_begins_anew(
    tmp_path: Path, after: tuple[object, ...], order: str
) -> None:
    here, path = scene(MAIN, RELAY), tmp_path / "routing.json"
    async with keeping(path, here, []):
        here.fails(MAIN, "credential")
    found = read(path, network(*after), here.clock.us)
    assert scene(*after, memory=found.memory).order() == order


async def test_no_mark_is_a_secret(tmp_path: Path) -> None:
    here, path = scene(target("main", key="sk-canary")), tmp_path / "routing.json"
    async with keeping(path, here, []):
        here.fails(MAIN)
    assert "canary" not in path.read_text()
    assert set(json.loads(path.read_text())["marks"]) == {"main", "main/k"}
