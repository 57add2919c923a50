"""Another configuration is taken over as soon as its file changes, and a bad one never is."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import anyio
import pytest

from proxy import hangup
from proxy.clock import REAL, World
from proxy.config import Listen, Settings, load
from proxy.reload import Heeding, Reloader

pytestmark = pytest.mark.anyio
TEXT = """
[server]
port = {port}
[providers.main]
wires = ["anthropic"]
base_url = "https://{host}"
key = "{key}"
[queues]
claude = ["main"]
"""


def text(host: str = "one.test", key: str = "${KEY}", port: int = 4000) -> str:
    return TEXT.format(host=host, key=key, port=port)


@dataclass
class Scene:
    path: Path
    adopted: list[Settings] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def heeding(self) -> Heeding:
        return Heeding(self.adopted.append, self.refused.append)

    def reloader(self, listen: Listen = Listen()) -> Reloader:  # noqa: B008  # frozen
        read = partial(load, self.path, {"KEY": "s3cret"}, listen)
        world = World(lambda: 1_800_000_000_000_000, REAL.tick_us, REAL.new_id)
        return Reloader(read(), read, self.heeding, world, self.said.append)

    @property
    def hosts(self) -> list[str]:
        queues = [settings.queues["claude"] for settings in self.adopted]
        return [queue[0].provider.base_url for queue in queues]


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    path = tmp_path / "pointsman.toml"
    path.write_text(text())
    path.chmod(0o600)
    return Scene(path)


@asynccontextmanager
async def running(reloader: Reloader) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        group.create_task(reloader.run())
        await anyio.sleep(0.1)  # the watch begins in a thread
        yield
        reloader.stop()


async def until(true: Callable[[], object]) -> None:
    with anyio.fail_after(8):
        while not true():  # noqa: ASYNC110  # a file, a thread or a signal
            await anyio.sleep(0.01)


async def test_a_good_file_is_taken_over(here: Scene) -> None:
    reloader = here.reloader()
    before = reloader.state
    assert (before.path, before.last_error, before.needs_restart) == (str(here.path), None, ())
    assert before.loaded_at == "2027-01-15T08:00:00+00:00"
    here.path.write_text(text("two.test"))
    after = await reloader.reload()
    assert here.hosts == ["https://two.test"]
    assert (after.hash != before.hash, after.last_error) == (True, None)
    assert here.said == [f"config: {here.path} is in force"]


async def test_a_bad_file_is_refused_until_it_is_good_again(here: Scene) -> None:
    reloader = here.reloader()
    before = reloader.state
    here.path.write_text(text().replace("claude =", "cloud ="))
    after = await reloader.reload()
    assert after.last_error is not None
    assert after.last_error.startswith(f"{here.path}: queues.cloud: ")
    assert (after.hash, after.loaded_at) == (before.hash, before.loaded_at)
    here.path.write_text(text("two.test", key="${KEYS}"))
    after = await reloader.reload()
    assert after.last_error is not None
    assert "${KEYS}, which is not set" in after.last_error
    assert after.last_error.endswith("(variables are those that the proxy was started with)")
    here.path.unlink()
    assert "found no file" in str((await reloader.reload()).last_error)
    assert here.adopted == []
    assert [line.partition(":\n")[0] for line in here.said] == [
        "config: refused, the last good one stays in force"
    ] * 3
    assert len(here.refused) == 3
    here.path.write_text(text())
    assert await reloader.reload() == before
    assert here.adopted == []
    assert here.said[3:] == [f"config: {here.path} is what is in force"]


async def test_a_key_that_changes_is_a_change(here: Scene) -> None:
    reloader = here.reloader()
    here.path.write_text(text(key="another"))
    await reloader.reload()
    assert len(here.adopted) == 1
    assert all("another" not in line for line in here.said)


@pytest.mark.parametrize(
    ("listen", "waits"),
    [
        pytest.param(Listen(), ("[server] port",), id="as the file says"),
        pytest.param(Listen(port=9), (), id="as the command line says"),
    ],
)
async def test_a_port_waits_for_a_restart(
    here: Scene, listen: Listen, waits: tuple[str, ...]
) -> None:
    reloader = here.reloader(listen)
    here.path.write_text(text("two.test", port=4001))
    state = await reloader.reload()
    assert (state.needs_restart, len(here.adopted)) == (waits, 1)
    later = f"; {waits[0]}: not before a restart" if waits else ""
    assert here.said == [f"config: {here.path} is in force{later}"]


async def test_a_proxy_without_a_file_has_nothing_to_read(here: Scene) -> None:
    settings = load(here.path, {"KEY": "s3cret"})
    reloader = Reloader(settings, None, here.heeding, REAL, here.said.append)
    async with running(reloader):
        assert await reloader.reload() == reloader.state
    assert (here.adopted, here.said) == ([], [])


def write(path: Path, content: str) -> None:
    path.write_text(content)


def rename(path: Path, content: str) -> None:
    """Do as an editor does."""
    other = path.with_name(".pointsman.toml.swp")
    other.write_text(content)
    other.replace(path)


def move_away(path: Path, content: str) -> None:
    """Do as an editor does that keeps the old file."""
    path.replace(path.with_name("pointsman.toml~"))
    path.write_text(content)


@pytest.mark.parametrize("change", [write, rename, move_away])
async def test_a_change_is_noticed_however_it_is_made(
    here: Scene, change: Callable[[Path, str], None]
) -> None:
    async with running(here.reloader()):
        for number in range(3):
            change(here.path, text(f"{number}.test"))
            await until(lambda: here.hosts[-1:] == [f"https://{number}.test"])  # noqa: B023
    assert len(here.adopted) == 3


async def test_many_writes_are_one_change(here: Scene) -> None:
    async with running(here.reloader()):
        for number in range(20):
            write(here.path, text(f"{number}.test"))
            await anyio.sleep(0.01)
        await until(lambda: here.hosts[-1:] == ["https://19.test"])
    assert len(here.adopted) <= 2


async def test_a_link_is_followed(here: Scene, tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    shutil.move(here.path, dotfiles / "real.toml")
    here.path.symlink_to(dotfiles / "real.toml")
    async with running(here.reloader()):
        rename(dotfiles / "real.toml", text("two.test"))
        await until(lambda: here.hosts == ["https://two.test"])
        (dotfiles / "other.toml").write_text(text("three.test"))
        here.path.unlink()
        here.path.symlink_to(dotfiles / "other.toml")
        await until(lambda: here.hosts[1:] == ["https://three.test"])


async def test_other_files_beside_it_are_no_change(here: Scene) -> None:
    async with running(here.reloader()):
        write(here.path.with_name("routing.json"), "{}")
        await anyio.sleep(0.6)
    assert (here.adopted, here.said) == ([], [])


async def test_where_nothing_can_be_watched_it_is_looked_at(
    here: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> AsyncIterator[None]:
        raise OSError("too many watches")
        yield

    monkeypatch.setattr("proxy.reload.awatch", broken)
    monkeypatch.setattr("proxy.reload.LOOK_S", 0.02)
    async with running(here.reloader()):
        write(here.path, text("two.test"))
        await until(lambda: here.hosts == ["https://two.test"])
    assert (
        here.said[0] == "config: looked at every 0.02 s, for it cannot be watched: too many watches"
    )


async def test_a_hang_up_reloads(here: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.reload.awatch", forever)
    async with running(here.reloader()):
        write(here.path, text("two.test"))
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: here.hosts == ["https://two.test"])
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


async def forever(*_: object, stop_event: asyncio.Event, **__: object) -> AsyncIterator[None]:
    """Watch, and see nothing."""
    await stop_event.wait()
    return
    yield


async def test_a_terminal_that_was_closed_ends_the_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    terminal, ends, acts = tmp_path / "tty", [], []
    terminal.touch()
    monkeypatch.setattr(hangup, "_TERMINAL", terminal)
    signal.signal(signal.SIGTERM, lambda *_: ends.append(1))
    try:
        with hangup.on_hangup(lambda: acts.append(1)):
            os.kill(os.getpid(), signal.SIGHUP)
            await until(lambda: acts)
            terminal.unlink()
            os.kill(os.getpid(), signal.SIGHUP)
            await until(lambda: ends)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert (acts, ends) == ([1], [1])
