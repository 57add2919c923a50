"""Large made-up ledgers, made once and kept under build/, and entries as long as real ones."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path

import duckdb
import msgspec

from proxy.ledger import schema, synth
from proxy.ledger.folder import JOURNALS, folder_at
from proxy.ledger.views import prepare, recent_requests
from proxy.ledger.writing import Rotation
from proxy.record import Entry
from tests.ledger.entries import RECEIVED_US, journal, request_id

ROWS = int(os.environ.get("POINTSMAN_BENCH_ROWS", "10_000_000"))
ROWS_OF_A_CHECK = 20_000
DAYS = 40
_MADE_BY = (Path(synth.__file__), Path(schema.__file__))


def kept(folder: Path, rows: int) -> Path:
    """Return a ledger of so many requests in `folder`, made by the code that there is."""
    sources = [path.with_suffix(kind) for path in _MADE_BY for kind in (".py", ".sql")]
    said = duckdb.__version__.encode() + b"".join(path.read_bytes() for path in sources)
    root = folder / f"{rows}-{sha256(said).hexdigest()[:12]}"
    whole = root / "whole"
    if not whole.exists():
        shutil.rmtree(folder, ignore_errors=True)  # others are never asked for again
        for _ in synth.synth(root, synth.Wish(rows, days=DAYS)):
            pass
        whole.touch()
    for path in folder_at(root).journal.glob(JOURNALS):
        path.unlink()  # the tail of a run that was killed
    prepare(root)
    return root


def entries(root: Path, number: int) -> list[Entry]:
    """Return exchanges as long as real ones, each with an id of its own, all of one day."""
    patterns = recent_requests(root, last=1000)
    return [_as(pattern, no) for no, pattern in enumerate(islice(cycle(patterns), number))]


def _as(pattern: Entry, number: int) -> Entry:
    name, us = request_id(number), RECEIVED_US + number
    request = msgspec.structs.replace(pattern.request, request_id=name, received_us=us)
    attempts = tuple(
        msgspec.structs.replace(one, request_id=name, started_us=us) for one in pattern.attempts
    )
    losses = tuple(msgspec.structs.replace(one, request_id=name) for one in pattern.losses)
    return Entry(request=request, attempts=attempts, losses=losses)


def write(root: Path, found: Sequence[Entry], *, started_us: int, each: int | None = None) -> None:
    """Write journals of `each` exchanges, or one of all."""
    step = each or len(found)
    for at in range(0, len(found), step):
        log = journal(root, started_us=started_us + at, rotation=Rotation(max_bytes=1 << 40))
        for one in found[at : at + step]:
            log.write(one)
        log.close()


# Of the program alone: what the kernel tells of a child that has ended counts the memory of its
# parent as well, which it has for a moment after the fork.
_TELLING = """
import atexit
def _tell():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    sys.stderr.write(line)
    sys.stderr.flush()
import sys
atexit.register(_tell)
"""


def peak_mib(code: str, *words: str) -> float:
    """Return the most memory that a program has had."""
    done = subprocess.run(  # noqa: S603  # ours
        [sys.executable, "-c", _TELLING + code, *words],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{json.dumps(words)} ended with {done.returncode}: {done.stderr}")
    return int(done.stderr.split("VmHWM:")[1].split()[0]) / 1024
