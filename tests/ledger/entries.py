"""Exchanges to put into a ledger, and a way to put them there."""

import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from proxy.clock import REAL, World
from proxy.ledger.commits import FENCE_US, GRACE_US, read
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder
from proxy.ledger.journal import Journal
from proxy.ledger.line import Writer
from proxy.ledger.writing import Rotation, Writing
from proxy.record import AttemptRow, Entry, RequestRow

RECEIVED_US = 1_795_000_000_000_000
FIRST_TOTAL_US = 3_600_000_000
WRITER = Writer(
    host="a host", worker_pid=7, started_us=RECEIVED_US, proxy_version="0.1.0", config_hash="c0ffee"
)


def request_id(number: int) -> str:
    return str(uuid.UUID(int=7 << 76 | 2 << 62 | number))


def entry(number: int, *, attempts: int = 2) -> Entry:
    """Return the exchange of that number: other numbers, other values."""
    return Entry(
        request=RequestRow(
            request_id=request_id(number),
            received_us=RECEIVED_US + number,
            host=WRITER.host,
            worker_pid=WRITER.worker_pid,
            proxy_version=WRITER.proxy_version,
            config_hash=WRITER.config_hash,
            app="claude",
            endpoint="generate",
            method="POST",
            path="/v1/messages",
            user_agent='say "hé" \\ \x00 \u2028 😀',
            is_stream=True,
            outcome="whole",
            status=200,
            n_attempts=attempts,
            total_us=FIRST_TOTAL_US + number,
            answer_bytes=1 << 40,
            cache_read_tokens=0,
        ),
        attempts=tuple(_attempt(number, no) for no in range(1, attempts + 1)),
    )


def _attempt(number: int, attempt_no: int) -> AttemptRow:
    return AttemptRow(
        request_id=request_id(number),
        attempt_no=attempt_no,
        started_us=RECEIVED_US + number + attempt_no,
        provider=f"provider-{attempt_no}",
        credential="main",
        provider_wire="anthropic",
        url="https://one.example/v1/messages",
        outcome="whole",
        committed=True,
        status=200,
        total_us=5,
        sent_bytes=number,
        usage_raw='{"input_tokens": 1, "nested": {"a": [1, "two"]}}',
        prompt_tokens=number,
    )


NO_BALLAST = Writing(ballast_mib=0)


def journal(
    root: Path,
    *,
    started_us: int = RECEIVED_US,
    writing: Writing = NO_BALLAST,
    rotation: Rotation | None = None,
    world: World = REAL,
    say: Callable[[str], None] | None = None,
) -> Journal:
    writer = Writer(
        host=WRITER.host,
        worker_pid=WRITER.worker_pid,
        started_us=started_us,
        proxy_version=WRITER.proxy_version,
        config_hash=WRITER.config_hash,
    )
    rules = writing if rotation is None else replace(writing, rotation=rotation)
    return Journal(root, writer, rules, world, say)


def before_the_fence() -> int:
    """Return the time at which a commit counts for every reader from now on."""
    return REAL.wall_us() - FENCE_US


def let_time_pass(root: Path, us: int = FENCE_US) -> None:
    """Make every commit so much older."""
    path = root / "commits.jsonl"
    older = [msgspec.structs.replace(one, t=one.t - us) for one in read(path)]
    path.write_bytes(msgspec.json.Encoder().encode_lines(older))


def convert_after_the_grace(folder: Folder) -> list[str]:
    """Convert when no reader can be at what was dropped so far: it is removed."""
    let_time_pass(folder.root, GRACE_US + FENCE_US)
    return convert_sealed(folder)


def run_python(code: str, *arguments: str) -> str:
    """Return what a program printed, run in a process of its own."""
    ran = subprocess.run(  # noqa: S603  # the code is ours
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True
    )
    return ran.stdout
