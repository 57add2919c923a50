"""What was put aside, and may hold what is to be forgotten."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Swept:
    """How many lines went, and which files nobody can look into."""

    lines: int
    unsearched: tuple[str, ...]


def sweep(quarantine: Path, marks: Sequence[bytes], *, only_say: bool = False) -> Swept:
    """Take the lines out of journals in quarantine in which one of `marks` stands.

    Raises:
        OSError: A file cannot be read or written; doing it again is safe.
    """
    gone = 0
    for path in sorted(quarantine.glob("*.jsonl")):
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not any(mark in line for mark in marks)]
        gone += len(lines) - len(kept)
        if len(kept) < len(lines) and not only_say:
            _replace(path, b"".join(kept))
    others = sorted(path.name for path in quarantine.glob("*.parquet"))
    return Swept(gone, tuple(others))


def _replace(path: Path, content: bytes) -> None:
    unfinished = path.with_suffix(".tmp")
    fd = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
