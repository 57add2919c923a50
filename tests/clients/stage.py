"""One run of one client in a folder of its own, and everything that can be known of it after."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from proxy.ledger import views
from proxy.record import Entry
from tests.clients.case import SECRETS, Case, Place
from tests.clients.command_lines import CLIENTS
from tests.clients.packages import PACKAGES
from tests.clients.process import run
from tests.clients.railway import CONFIG, LOG, railway
from tests.clients.settled import settled
from tests.clients.verdict import Evidence

_MANY = 1000  # more requests than a run can make


async def play(case: Case, folder: Path) -> Evidence:
    """Play `case` in `folder`, which is empty.

    Raises:
        ProxyError: The proxy did not start.
    """
    home, work, proxy_folder = (folder / name for name in ("home", "work", "proxy"))
    for made in (home, work, proxy_folder):
        made.mkdir()
    async with railway(case, proxy_folder) as ways:
        place = Place(home, work, PACKAGES, ways.proxy_url)
        command = CLIENTS[case.client](place, case.task)
        if case.settled is not None:
            command = await settled(command, case, place, proxy_folder / CONFIG)
        finished = await run(command, place)
    (folder / "stdout").write_text(finished.stdout)
    (folder / "stderr").write_text(finished.stderr)
    entries = tuple(views.recent_requests(proxy_folder / "ledger", _MANY))
    return Evidence(
        finished=finished,
        file=place.file,
        made=place.file.read_text() if place.file.exists() else None,
        entries=entries,
        served=(*ways.main.log, *ways.relay.log),
        proxy_log=(proxy_folder / LOG).read_text(),
        leaks=(*_leaks(proxy_folder), *_leaked(entries)),
    )


def _leaks(folder: Path) -> Iterator[str]:
    """Look into every file of the proxy but its configuration, where the keys belong."""
    for file in folder.rglob("*"):
        if file.name == CONFIG or not file.is_file():
            continue
        if any(secret.encode() in file.read_bytes() for secret in SECRETS):
            yield file.name


def _leaked(entries: tuple[Entry, ...]) -> Iterator[str]:
    """Look into the rows as well: a file may be compressed."""
    for entry in entries:
        if any(secret.encode() in msgspec.json.encode(entry) for secret in SECRETS):
            yield f"the rows of {entry.request.request_id}"
