"""The small disk, which is empty before each test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def disk() -> Iterator[Path]:
    """Return where it is mounted."""
    disk = Path(os.environ["SMALL_DISK"])
    yield disk
    for path in disk.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture
def place(tmp_path: Path, disk: Path) -> Path:
    """Return a folder on a large disk, in which `ledger` is one on the small disk."""
    (disk / "ledger").mkdir()
    (tmp_path / "ledger").symlink_to(disk / "ledger")
    return tmp_path
